// Uploads one image twice to a simulator over its Unix socket: as Lockstep does, and stop-and-wait with 128 bytes of
// data in each message, the default of the field's tools. Prints both rates and their ratio.
// Usage: lockstep-bench-upload SIM KEY.pub.pem SEED.signed.bin IMAGE.signed.bin
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <optional>
#include <thread>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/link/link.hpp"
#include "host/session/channel.hpp"
#include "host/session/drive.hpp"
#include "protocols/smp/upload_session.hpp"

extern char** environ;

namespace {

namespace asio = boost::asio;
using namespace lockstep;
using Seconds = std::chrono::duration<double>;

// Header and CBOR around the data of a chunk behind the first one: 8 + {"off": u32, "data": 128 bytes}.
constexpr std::size_t message_with_128_bytes = 8 + 1 + 4 + 5 + 5 + 2 + 128;

class Simulator {
 public:
  Simulator(std::string program, const std::string& key, const std::string& seed, const std::filesystem::path& folder)
      : socket_(folder / "device.sock") {
    std::vector<std::string> words{program, "--unix",       socket_.string(), "--flash", (folder / "flash").string(),
                                   "--key", key, "--seed-image", seed, "--boot-ms", "0"};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", 1 /* O_WRONLY */, 0);
    ::posix_spawn(&pid_, program.c_str(), &files, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    for (int i = 0; i < 200 && !std::filesystem::exists(socket_); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ~Simulator() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  std::string uri() const { return "smp+unix://" + socket_.string(); }

 private:
  std::filesystem::path socket_;
  pid_t pid_ = 0;
};

struct Measured {
  Outcome<double> seconds = 0.0;
};

asio::awaitable<void> upload(asio::any_io_executor executor, link::LinkUri uri, Bytes image, std::size_t max_message,
                             Measured& measured) {
  auto opened = co_await link::open_link(executor, uri);
  if (!opened) {
    measured.seconds = Fail(opened.error());
    co_return;
  }
  session::Channel channel(std::move(*opened), uri.framing);
  std::vector<std::byte> buffer(4096);
  const Sha256 sha = Sha256::of(image);
  smp::UploadSettings settings;
  settings.sha = sha.bytes();
  settings.max_message = max_message;
  smp::UploadSession session(image, buffer, settings);
  const auto start = std::chrono::steady_clock::now();
  auto driven = co_await session::drive(channel, session);
  const Seconds took = std::chrono::steady_clock::now() - start;
  measured.seconds = took.count();
  if (!driven) measured.seconds = Fail(driven.error());
  if (session.error() != smp::Errc::none) measured.seconds = fail(ErrorKind::device, std::string(smp::text(session.error())));
}

// The fastest of three runs, each against a fresh device: what the machine's other work adds is not ours to count.
Outcome<double> best_of_three(char** argv, Bytes image, std::size_t max_message) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    TempDir folder;
    Simulator simulator(argv[1], argv[2], argv[3], folder.path());
    LOCKSTEP_TRY(uri, link::parse_link_uri(simulator.uri()));
    asio::io_context context(1);
    Measured measured;
    asio::co_spawn(context, upload(context.get_executor(), uri, image, max_message, measured), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
    context.run();
    LOCKSTEP_TRY(seconds, measured.seconds);
    best = std::min(best, seconds);
  }
  return best;
}

Outcome<void> run(char** argv) {
  LOCKSTEP_TRY(image, read_file(argv[4]));
  LOCKSTEP_TRY(ours, best_of_three(argv, image, 0));
  LOCKSTEP_TRY(plain, best_of_three(argv, image, message_with_128_bytes));
  const double kib = static_cast<double>(image.size()) / 1024;
  fmt::print("upload of {:.0f} KiB over a socket   ours {:8.1f} KiB/s   128-byte stop-and-wait {:8.1f} KiB/s   ratio {:.2f}\n", kib,
             kib / ours, kib / plain, plain / ours);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s SIM KEY.pub.pem SEED.signed.bin IMAGE.signed.bin\n", argv[0]);
    return 2;
  }
  const Outcome<void> done = run(argv);
  if (!done) std::fprintf(stderr, "%s\n", done.error().what.c_str());
  return done ? 0 : 1;
}
