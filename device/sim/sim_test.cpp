// Drives the program lockstep-sim over each of its wires.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "device/boot/test_board.hpp"
#include "device/sim/test_client.hpp"
#include "device/sim/test_images.hpp"
#include "device/sim/test_process.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/base/text.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"

using namespace lockstep;
using sim::testing::Client;
using sim::testing::image1;
using sim::testing::image2;
using sim::testing::Process;
using sim::testing::Words;
using boot::testing::hash_of;

namespace {

enum class Wire { unix_socket, raw_unix, pty, udp };
constexpr std::array wires{Wire::unix_socket, Wire::raw_unix, Wire::pty, Wire::udp};

struct Bench {
  explicit Bench(Wire w) : wire(w) {
    REQUIRE(write_file(dir / "key.pub.pem", boot::testing::signing_key().public_key().pem()));
    REQUIRE(write_file(dir / "seed.bin", Bytes(image1())));
  }
  std::string at(std::string_view name) const { return (dir / name).string(); }

  Words words(Words more = {}) const {
    Words all{LOCKSTEP_BIN_DIR "/lockstep-sim", "--flash",   at("flash.img"), "--key",     at("key.pub.pem"),
              "--seed-image",                   at("seed.bin"), "--serial",      "SN-42",     "--boot-ms",
              "30",                             "--watchdog-ms", "300",          "--slot-kib", "64"};
    switch (wire) {
      case Wire::unix_socket: all.insert(all.end(), {"--unix", at("sock")}); break;
      case Wire::raw_unix: all.insert(all.end(), {"--raw-unix", at("sock")}); break;
      case Wire::pty: all.insert(all.end(), {"--pty", at("tty")}); break;
      case Wire::udp: all.insert(all.end(), {"--udp", std::to_string(udp_port)}); break;
    }
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void start(Words more = {}) {
    process.emplace(words(more));
    REQUIRE_FALSE(process->ready().empty());
    if (wire == Wire::udp) udp_port = std::stoi(process->ready().substr(process->ready().find("127.0.0.1:") + 10));
  }
  std::unique_ptr<Client> connect() const {
    if (wire == Wire::pty) return open_pty();
    const bool udp = wire == Wire::udp;
    const int file = ::socket(udp ? AF_INET : AF_UNIX, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    sockaddr_un local{.sun_family = AF_UNIX, .sun_path = {}};
    const std::string path = at("sock");
    std::copy(path.begin(), path.end(), local.sun_path);
    sockaddr_in remote{};
    remote.sin_family = AF_INET;
    remote.sin_port = htons(static_cast<std::uint16_t>(udp_port));
    remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* address = udp ? reinterpret_cast<sockaddr*>(&remote) : reinterpret_cast<sockaddr*>(&local);
    REQUIRE(::connect(file, address, udp ? sizeof remote : sizeof local) == 0);
    if (udp) return std::make_unique<Client>(file, Client::Framing::packets);
    return std::make_unique<Client>(file, wire == Wire::raw_unix ? Client::Framing::raw : Client::Framing::console);
  }
  std::unique_ptr<Client> open_pty() const {
    const int file = ::open(at("tty").c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    REQUIRE(file >= 0);
    termios raw{};
    REQUIRE(::tcgetattr(file, &raw) == 0);
    ::cfmakeraw(&raw);
    REQUIRE(::tcsetattr(file, TCSAFLUSH, &raw) == 0);
    return std::make_unique<Client>(file, Client::Framing::console);
  }

  Wire wire;
  TempDir dir;
  int udp_port = 0;
  std::optional<Process> process;
};

std::string running(Client& client) {
  const auto state = client.ask(smp::ImageStateRequest{});
  if (!state || state->images.empty()) return "nothing";
  return std::string(state->images[0].version) + (state->images[0].confirmed ? " confirmed" : "");
}

// The version once it is the expected one; otherwise what runs after five seconds.
std::string wait_for(Client& client, std::string_view expected) {
  std::string last;
  for (int i = 0; i < 3000 && last != expected; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    last = running(client);
  }
  return last;
}

void upload(Client& client, const Buffer& image, std::uint32_t number = 0) {
  Buffer buffer(4096);
  const Sha256 sha = Sha256::of(image);
  smp::UploadSession session(image, buffer, {.image = number, .sha = sha.bytes()});
  client.drive(session);
  CHECK(session.error() == smp::Errc::none);
}

void mark_and_reset(Client& client, const Buffer& image) {
  const mcuboot::Digest hash = hash_of(image);
  REQUIRE(client.ask(smp::ImageStateWriteRequest{.hash = hash}));
  REQUIRE(client.ask(smp::ResetRequest{}));
}

}  // namespace

TEST_CASE("a whole update over each wire: upload, test, confirm, and it stays after kill -9") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire);
    b.start();
    {
      const auto client = b.connect();
      CHECK(running(*client) == "1.0.0 confirmed");
      CHECK(client->ask(smp::NodeIdentityRequest{})->serial == "SN-42");
      upload(*client, image2());
      mark_and_reset(*client, image2());
      CHECK(wait_for(*client, "2.0.0") == "2.0.0");  // the endpoint outlives the reset
      REQUIRE(client->ask(smp::ImageStateWriteRequest{.confirm = true}));
      CHECK(running(*client) == "2.0.0 confirmed");
      if (wire == Wire::unix_socket || wire == Wire::pty) CHECK(client->log().find("boot: slot=0 version=2.0.0") != std::string::npos);
    }
    CHECK(b.process->end(SIGKILL) == 128 + SIGKILL);
    b.start();
    const auto client = b.connect();
    CHECK(running(*client) == "2.0.0 confirmed");
  }
}

TEST_CASE("an image that is not confirmed is reverted at the next reset, over each wire") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire);
    b.start();
    const auto client = b.connect();
    REQUIRE(running(*client) == "1.0.0 confirmed");
    upload(*client, image2());
    mark_and_reset(*client, image2());
    CHECK(wait_for(*client, "2.0.0") == "2.0.0");
    REQUIRE(client->ask(smp::ResetRequest{}));
    CHECK(wait_for(*client, "1.0.0 confirmed") == "1.0.0 confirmed");
  }
}

TEST_CASE("several clients one after the other are served, over each wire") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire);
    b.start();
    for (int i = 0; i < 5; ++i) {
      const auto client = b.connect();
      CHECK(running(*client) == "1.0.0 confirmed");
      client->send(as_bytes("half a thing"));  // and leaves
    }
  }
}

TEST_CASE("SIGTERM ends it cleanly and takes socket and link away") {
  for (const Wire wire : wires) {
    Bench b(wire);
    b.start();
    CHECK(b.process->end(SIGTERM) == 0);
    CHECK_FALSE(std::filesystem::exists(b.dir / "sock"));
    CHECK_FALSE(std::filesystem::is_symlink(b.dir / "tty"));
  }
}

TEST_CASE("after kill -9 it starts again on the same path") {
  for (const Wire wire : wires) {
    Bench b(wire);
    b.start();
    b.process->end(SIGKILL);
    b.start();
    const auto client = b.connect();
    CHECK(running(*client) == "1.0.0 confirmed");
  }
}

TEST_CASE("a power cut at flash operations of the swap, process and all, ends in the new image") {
  for (const std::uint32_t at : {1u, 2u, 5u, 9u, 17u, 40u, 77u}) {
    for (const char* kind : {"cut-at=", "tear-at="}) {
      CAPTURE(at);
      CAPTURE(kind);
      Bench b(Wire::unix_socket);
      b.start();
      {
        const auto client = b.connect();
        REQUIRE(running(*client) == "1.0.0 confirmed");
        upload(*client, image2());
        const mcuboot::Digest hash = hash_of(image2());
        REQUIRE(client->ask(smp::ImageStateWriteRequest{.hash = hash}));
      }
      b.process->end(SIGKILL);
      b.start({"--fault", kind + std::to_string(at)});  // boots, swaps, dies
      CHECK(b.process->wait() == 128 + SIGKILL);
      b.start();
      const auto client = b.connect();
      CHECK(running(*client) == "2.0.0");
    }
  }
}

TEST_CASE("two images have a seed and slots each, and a power cut while both are swapped ends with both new") {
  const Buffer radio1 = boot::testing::make_image({.version = {1, 5, 0, 0}, .payload_size = 9000});
  const Buffer radio2 = boot::testing::make_image({.version = {2, 5, 0, 0}, .payload_size = 9500});
  for (const std::uint32_t at : {3u, 40u, 75u, 95u}) {
    CAPTURE(at);
    Bench b(Wire::unix_socket);
    REQUIRE(write_file(b.dir / "radio.bin", Bytes(radio1)));
    const auto start = [&](Words more = {}) {
      more.insert(more.end(), {"--components", "app,radio", "--seed-image", "radio=" + b.at("radio.bin")});
      b.start(more);
    };
    const auto versions = [](Client& client) {
      std::string text;
      const auto state = client.ask(smp::ImageStateRequest{});
      for (std::size_t i = 0; state && i < state->images.size(); ++i) {
        if (state->images[i].active) text += std::string(state->images[i].version) + ' ';
      }
      return text;
    };
    start();
    {
      const auto client = b.connect();
      CHECK(versions(*client) == "1.0.0 1.5.0 ");
      upload(*client, image2());
      upload(*client, radio2, 1);
      for (const mcuboot::Digest& hash : {hash_of(image2()), hash_of(radio2)}) {
        REQUIRE(client->ask(smp::ImageStateWriteRequest{.hash = hash}));
      }
    }
    b.process->end(SIGKILL);
    start({"--fault", "cut-at=" + std::to_string(at)});
    CHECK(b.process->wait() == 128 + SIGKILL);
    start();
    const auto client = b.connect();
    CHECK(versions(*client) == "2.0.0 2.5.0 ");
  }
}

TEST_CASE("components that make no sense are wrong usage") {
  Bench b(Wire::udp);
  for (const Words& wrong : {Words{"--components", "app,app"},
                             Words{"--components", "a,b,c,d,e"}, Words{"--components", "app,radio", "--mode", "overwrite"},
                             Words{"--components", "app,radio", "--seed-image", "app=x.bin"}}) {
    CAPTURE(wrong[1]);
    CHECK(Process(b.words(wrong)).wait() == 2);
  }
}

TEST_CASE("a wrong flash file, a second simulator or a taken path end with a reason and exit code 1") {
  Bench b(Wire::unix_socket);
  b.start();
  const auto ends_with = [](const Words& words) { return Process(words).wait(); };
  CHECK(ends_with(b.words()) == 1);                              // the flash file is in use
  CHECK(ends_with(b.words({"--flash", b.at("other.img")})) != 0);  // said twice
  Bench other(Wire::unix_socket);
  REQUIRE(write_file(other.dir / "flash.img", "too short"));
  CHECK(ends_with(other.words()) == 1);
  Bench third(Wire::unix_socket);
  REQUIRE(write_file(third.dir / "sock", "a file"));
  CHECK(ends_with(third.words()) == 1);
  CHECK(std::filesystem::exists(third.dir / "sock"));
}

TEST_CASE("wrong usage ends with exit code 2, and the ready line can be JSON") {
  Bench b(Wire::udp);
  CHECK(Process({LOCKSTEP_BIN_DIR "/lockstep-sim"}).wait() == 2);
  CHECK(Process(b.words({"--fault", "nonsense"})).wait() == 2);
  CHECK(Process(b.words({"--unix", b.at("sock")})).wait() == 2);
  CHECK(Process({LOCKSTEP_BIN_DIR "/lockstep-sim", "--help"}, Process::to_the_end).wait() == 0);
  const Process json(b.words({"--json"}));
  CHECK(json.ready().starts_with(R"({"uri":"smp+udp://127.0.0.1:)"));
}

TEST_CASE("on a raw wire noise and half a message do no harm, once there was silence") {
  Bench b(Wire::raw_unix);
  b.start();
  CHECK(b.process->ready().find("?framing=raw") != std::string::npos);
  const auto client = b.connect();
  CHECK(running(*client) == "1.0.0 confirmed");
  client->send(as_bytes("log of a bootloader: "));  // no byte of it can begin a message
  CHECK(running(*client) == "1.0.0 confirmed");
  const Buffer half = *from_hex("0800000a000302");
  client->send(half);
  std::this_thread::sleep_for(std::chrono::milliseconds(smp::raw_gap_ms + 100));
  CHECK(running(*client) == "1.0.0 confirmed");
  CHECK(client->log().empty());
}

TEST_CASE("an idle simulator costs no processor time") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire);
    b.start();
    {
      const auto client = b.connect();
      CHECK(running(*client) == "1.0.0 confirmed");
    }
    const long before = b.process->ticks();
    std::this_thread::sleep_for(std::chrono::seconds(1));
    CHECK(b.process->ticks() - before <= 5);  // of a hundred: one that polls takes most of them, on a busy machine too
  }
}
