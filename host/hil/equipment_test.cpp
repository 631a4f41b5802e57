// The drivers of a real rig, on real processes, files and sockets.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <csignal>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/hil/console_tap.hpp"
#include "host/hil/fake_rig.hpp"
#include "host/hil/file_flash.hpp"
#include "host/hil/process_power.hpp"

using namespace lockstep;
using namespace lockstep::hil;
using fake::wait_for;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool alive(int pid) { return ::kill(pid, 0) == 0; }

int number_in(const std::string& file) {
  for (int tries = 0; tries < 6000; ++tries) {
    const auto text = read_text_file(file);
    if (text && text->ends_with("\n")) return std::stoi(*text);
    ::usleep(10'000);
  }
  return -1;
}

}  // namespace

TEST_CASE("switching off kills the process and everything that it started") {
  asio::io_context io;
  TempDir dir;
  const std::string pid_file = (dir / "pid").string();
  ProcessPower power(io.get_executor(), {"sh", "-c", "sleep 100 & echo $! > " + pid_file + "; wait"}, (dir / "log").string());
  CHECK_FALSE(power.is_on());
  REQUIRE(wait_for(io, power.on()));
  CHECK(power.is_on());
  const int child = number_in(pid_file);
  REQUIRE(child > 0);
  CHECK(alive(child));
  CHECK(wait_for(io, power.on()).error().kind == ErrorKind::conflict);
  CHECK(wait_for(io, power.off()));
  CHECK_FALSE(power.is_on());
  CHECK_FALSE(power.trouble());
  for (int tries = 0; tries < 6000 && alive(child); ++tries) ::usleep(10'000);
  CHECK_FALSE(alive(child));
  CHECK(wait_for(io, power.off()));
}

TEST_CASE("the board goes off when the engine's process is killed") {
  TempDir dir;
  const std::string pid_file = (dir / "pid").string();
  const pid_t engine = ::fork();
  if (engine == 0) {
    asio::io_context io;
    ProcessPower power(io.get_executor(), {"sh", "-c", "echo $$ > " + pid_file + "; exec sleep 100"}, (dir / "log").string());
    (void)wait_for(io, power.on());
    (void)number_in(pid_file);
    ::kill(::getpid(), SIGKILL);
  }
  REQUIRE(engine > 0);
  ::waitpid(engine, nullptr, 0);
  const int board = number_in(pid_file);
  REQUIRE(board > 0);
  for (int tries = 0; tries < 6000 && alive(board); ++tries) ::usleep(10'000);
  CHECK_FALSE(alive(board));
}

TEST_CASE("a board that ends by itself is trouble with its last words, and can be switched on again") {
  asio::io_context io;
  TempDir dir;
  ProcessPower power(io.get_executor(), {"sh", "-c", "echo first; echo no such machine >&2; exit 3"}, (dir / "log").string());
  REQUIRE(wait_for(io, power.on()));
  for (int tries = 0; tries < 6000 && !power.trouble(); ++tries) ::usleep(10'000);
  REQUIRE(power.trouble());
  CHECK(power.trouble()->what == "sh exited with status 3: no such machine");
  CHECK(wait_for(io, power.on()));
  CHECK(wait_for(io, power.off()));
}

TEST_CASE("a program that is not there is said at once") {
  asio::io_context io;
  TempDir dir;
  ProcessPower power(io.get_executor(), {"/no/such/qemu"}, (dir / "log").string());
  const auto on = wait_for(io, power.on());
  REQUIRE_FALSE(on);
  CHECK(on.error().what == "cannot run /no/such/qemu: No such file or directory");
  CHECK_FALSE(power.is_on());
}

TEST_CASE("flashing erases the area, writes the image and leaves the rest of the file") {
  asio::io_context io;
  TempDir dir;
  const std::string flash_file = (dir / "flash.img").string();
  REQUIRE(write_file(flash_file, std::string(4096, 'k') + std::string(12288, 'o')));
  REQUIRE(write_file(dir / "image", "new image"));
  FileFlash flash({.name = "boot", .file = flash_file, .size_bytes = 16384, .offset_bytes = 8192, .area_bytes = 4096,
                   .erase_from_bytes = 4096, .erase_bytes = 8192});
  Artifact image{.param = "image", .name = "image", .file = (dir / "image").string(), .sha256 = Sha256::of("new image").hex(),
                 .image_hash = "", .version = "", .size_bytes = 9};
  REQUIRE(wait_for(io, flash.write(image)));
  const std::string after = *read_text_file(flash_file);
  CHECK(after == std::string(4096, 'k') + std::string(4096, '\xff') + "new image" + std::string(4096 - 9, '\xff') + std::string(4096, 'o'));
  image.sha256 = Sha256::of("another").hex();
  CHECK(contains(wait_for(io, flash.write(image)).error().what, "does not hold what was written"));
  REQUIRE(write_file(dir / "image", std::string(5000, 'x')));
  CHECK(contains(wait_for(io, flash.write(image)).error().what, "the flash area 4096"));
}

TEST_CASE("a missing flash file is made with erased bytes") {
  asio::io_context io;
  TempDir dir;
  REQUIRE(write_file(dir / "image", "i"));
  FileFlash flash({.name = "boot", .file = (dir / "f").string(), .size_bytes = 256, .offset_bytes = 16, .area_bytes = 16,
                   .erase_from_bytes = 16, .erase_bytes = 16});
  REQUIRE(wait_for(io, flash.write({.param = "", .name = "", .file = (dir / "image").string(), .sha256 = Sha256::of("i").hex(),
                                    .image_hash = "", .version = "", .size_bytes = 1})));
  CHECK(*read_text_file(dir / "f") == std::string(16, '\xff') + "i" + std::string(239, '\xff'));
}

namespace {

using Socket = asio::local::stream_protocol::socket;

// A console whose far end the test holds.
struct Line {
  asio::io_context io;
  TempDir dir;
  asio::local::stream_protocol::acceptor acceptor{io, asio::local::stream_protocol::endpoint((dir / "s").string())};
  Socket far{io};
  LinkConsole console{io.get_executor(), "log", {.transport = link::Transport::unix_socket, .path = (dir / "s").string()}, link::open_link};

  asio::awaitable<bool> connect() {
    auto opened = co_await console.open(std::chrono::seconds(30));
    if (!opened) co_return false;
    co_await acceptor.async_accept(far, asio::use_awaitable);
    co_return true;
  }
  asio::awaitable<std::string> read() {
    std::array<std::byte, 64> buffer;
    auto got = co_await console.read_some(buffer);
    if (!got) co_return "error: " + got.error().what;
    co_return std::string(as_text(Bytes(buffer).first(*got)));
  }
};

asio::awaitable<std::string> shared_conversation(Line& line) {
  if (!co_await line.connect()) co_return "not connected";
  auto link = co_await line.console.share();
  if (!link) co_return link.error().what;
  auto second = co_await line.console.share();
  if (second) co_return "shared twice";
  const std::string hello = "hello";
  co_await asio::async_write(line.far, asio::buffer(hello), asio::use_awaitable);
  const std::string logged = co_await line.read();
  std::array<std::byte, 64> buffer;
  auto got = co_await (*link)->read_some(buffer);
  if (!got) co_return got.error().what;
  const std::string shared(as_text(Bytes(buffer).first(*got)));
  const std::string answer = "answer";
  auto written = co_await (*link)->write_all(as_bytes(answer));
  if (!written) co_return written.error().what;
  std::array<char, 16> far_buffer{};
  const auto n = co_await line.far.async_read_some(asio::buffer(far_buffer), asio::use_awaitable);
  line.far.close();
  const std::string end = co_await line.read();
  auto after = co_await (*link)->read_some(buffer);
  co_return logged + "|" + shared + "|" + std::string(far_buffer.data(), n) + "|" + (after ? "still open" : after.error().what);
}

}  // namespace

TEST_CASE("a console that carries SMP gives every byte to the log and to the link") {
  Line line;
  CHECK(wait_for(line.io, shared_conversation(line)) == "hello|hello|answer|console log: the console closed");
}

TEST_CASE("a closed console carries no link") {
  Line line;
  const auto link = wait_for(line.io, line.console.share());
  REQUIRE_FALSE(link);
  CHECK(link.error().kind == ErrorKind::unreachable);
}
