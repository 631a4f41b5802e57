// Updates a whole simulated fleet, many devices at once, each by the protocols' own sessions: upload, mark, reset, boot,
// confirm. Prints updates per second, what an update costs the simulator's process, and its memory.
// Usage: lockstep-bench-fleet SIM DEVICES AT_ONCE [RSS_LIMIT_MIB]
// Exit code 1 when a device is not updated, or the simulator's memory afterwards is above the limit.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

#include "host/base/buffer.hpp"
#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "protocols/core/action.hpp"
#include "protocols/mcuboot/build.hpp"
#include "protocols/mcuboot/image.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/os_group.hpp"
#include "protocols/smp/request_session.hpp"
#include "protocols/smp/upload_session.hpp"

extern char** environ;

namespace {

using namespace lockstep;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t payload_size = 34'000;
constexpr Milliseconds restart_time{70};  // the simulator's 50 ms from answer to reset, and the scenario's boot time
constexpr Milliseconds patience{20};      // between looks at a device that still runs the old image
constexpr smp::RequestSettings usual{.timeout_ms = 1000, .retries = 10};
constexpr smp::RequestSettings while_it_boots{.timeout_ms = 50, .retries = 200};  // it is deaf until it runs

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) give_up(outcome.error().what);
  return *std::move(outcome);
}
void must(Outcome<void> outcome) {
  if (!outcome) give_up(outcome.error().what);
}

Buffer signed_image(std::uint8_t major, const PrivateKey& key) {
  Buffer payload(payload_size);
  std::uint32_t x = major;
  for (std::byte& b : payload) b = std::byte((x = x * 1664525 + 1013904223) >> 24);  // like code: it does not repeat
  const mcuboot::BuildOptions options{.version = {major, 0, 0, 0}, .header_size = 64};
  Buffer out(mcuboot::max_image_size(payload.size(), options));
  MbedCrypto crypto;
  KeySigner signer(key);
  const auto size = mcuboot::build(payload, options, crypto, signer, out);
  if (!size) give_up(std::string(mcuboot::text(size.error())));
  out.resize(*size);
  return out;
}

// The simulator with its fleet.
class Fleet {
 public:
  Fleet(const std::string& program, std::uint32_t devices, const PrivateKey& key, const Buffer& seed) {
    must(write_file(dir_ / "key.pub.pem", key.public_key().pem()));
    must(write_file(dir_ / "seed.bin", Bytes(seed)));
    must(write_file(dir_ / "fleet.xml", fmt::format(R"(<fleet xmlns="urn:lockstep:fleet:1" seed="1">
  <group name="bench" count="{}" serial="B-{{n:5}}" slot-size="512 KiB" boot-time="10 ms"><image file="seed.bin"/></group>
</fleet>
)", devices)));
    start({program, "--fleet", (dir_ / "fleet.xml").string(), "--key", (dir_ / "key.pub.pem").string(), "--udp-base", "0",
           "--list", (dir_ / "list").string()});
  }
  ~Fleet() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  std::vector<std::uint16_t> ports() const {
    std::vector<std::uint16_t> out;
    std::ifstream list(dir_ / "list");
    for (std::string line; std::getline(list, line);) {
      const std::size_t at = line.find("127.0.0.1:");
      if (at != line.npos) out.push_back(static_cast<std::uint16_t>(std::atoi(line.c_str() + at + 10)));
    }
    return out;
  }
  double cpu_seconds() const {  // utime + stime, fields 14 and 15; the program's name has no blank
    std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
    std::string word;
    double ticks = 0;
    for (int field = 1; field <= 15 && file >> word; ++field) {
      if (field >= 14) ticks += std::stod(word);
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  double mib(std::string_view name) const {  // "VmRSS:", "VmHWM:"
    std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
    for (std::string word; file >> word;) {
      double kib = 0;
      if (word == name && file >> kib) return kib / 1024;
    }
    return 0;
  }

 private:
  void start(std::vector<std::string> words) {
    int out[2];
    if (::pipe2(out, O_CLOEXEC) != 0) give_up("cannot make a pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    if (::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) != 0) give_up("cannot start " + words[0]);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(out[1]);
    char c = 0;
    while (::read(out[0], &c, 1) == 1 && c != '\n') {
    }
    ::close(out[0]);
    if (c != '\n') give_up("the simulator did not start");
  }

  TempDir dir_;
  pid_t pid_ = -1;
};

struct Target {
  Buffer image;
  Sha256 sha;
  mcuboot::Digest hash;
};

// One device on its way through one update.
class Job {
 public:
  Job(std::uint16_t port, const Target& target) : target_(target) {
    socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket_ < 0 || ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) give_up("cannot make a socket");
  }
  ~Job() { ::close(socket_); }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  int socket() const { return socket_; }
  Clock::time_point deadline() const { return deadline_; }
  bool is_over() const { return step_ == Step::updated || step_ == Step::failed; }
  bool is_updated() const { return step_ == Step::updated; }

  void start() {
    session_.emplace<smp::UploadSession>(target_.image, buffer_, smp::UploadSettings{.sha = target_.sha.bytes(), .timeout_ms = 5000});
    begin();
  }
  void on_readable() {
    std::array<std::byte, 4096> message;
    const ssize_t n = ::recv(socket_, message.data(), message.size(), 0);
    if (n <= 0 || is_over() || pausing_) return;
    follow(with_session([&](auto& s) { return s.on_message(Bytes(message).first(static_cast<std::size_t>(n))); }));
  }
  void on_deadline() {
    if (std::exchange(pausing_, false)) return ask(smp::ImageStateRequest{}, while_it_boots);
    follow(with_session([](auto& s) { return s.on_timeout(); }));
  }

 private:
  enum class Step { upload, mark, reset, boot, confirm, look, updated, failed };

  template <class Do>
  Action with_session(Do what) {
    return std::visit([&](auto& s) -> Action {
      if constexpr (std::is_same_v<std::decay_t<decltype(s)>, std::monostate>) return {};
      else return what(s);
    }, session_);
  }
  void begin() {
    follow(with_session([](auto& s) { return s.start(); }));
  }
  template <class Request>
  void ask(const Request& request, smp::RequestSettings settings = usual) {
    settings.sequence = sequence_++;
    session_.emplace<smp::RequestSession>(MutableBytes(buffer_), request, settings);
    begin();
  }
  void follow(Action action) {
    while (action.kind == Action::Kind::send) {
      ::send(socket_, action.bytes.data(), action.bytes.size(), 0);
      action = with_session([](auto& s) { return s.on_sent(); });
    }
    if (action.kind == Action::Kind::receive) deadline_ = Clock::now() + Milliseconds(action.timeout_ms);
    else next_step();
  }
  void next_step() {
    const smp::Errc error = std::visit([](const auto& s) {
      if constexpr (std::is_same_v<std::decay_t<decltype(s)>, std::monostate>) return smp::Errc::none;
      else return s.error();
    }, session_);
    if (error != smp::Errc::none) {
      fmt::print(stderr, "step {}: {}\n", static_cast<int>(step_), smp::text(error));
      step_ = Step::failed;
      return;
    }
    switch (step_) {
      case Step::upload:
        step_ = Step::mark;
        sequence_ = std::get<smp::UploadSession>(session_).next_sequence();
        return ask(smp::ImageStateWriteRequest{.hash = target_.hash});
      case Step::mark: step_ = Step::reset; return ask(smp::ResetRequest{});
      case Step::reset: step_ = Step::boot; return pause(restart_time);
      case Step::boot:
        if (!runs(false)) return pause(patience);
        step_ = Step::confirm;
        return ask(smp::ImageStateWriteRequest{.confirm = true});
      case Step::confirm: step_ = Step::look; return ask(smp::ImageStateRequest{});
      case Step::look: step_ = runs(true) ? Step::updated : Step::failed; return;
      case Step::updated:
      case Step::failed: return;
    }
  }
  void pause(Milliseconds time) {
    pausing_ = true;
    deadline_ = Clock::now() + time;
  }
  bool runs(bool confirmed) const {
    const auto state = std::get<smp::RequestSession>(session_).reply<smp::ImageStateRequest>();
    if (!state || state->images.empty()) return false;
    const auto& image = state->images[0];
    return std::equal(image.hash.begin(), image.hash.end(), target_.hash.begin(), target_.hash.end()) && image.confirmed == confirmed;
  }

  const Target& target_;
  int socket_ = -1;
  Buffer buffer_ = Buffer(4096);
  std::variant<std::monostate, smp::UploadSession, smp::RequestSession> session_;
  Step step_ = Step::upload;
  bool pausing_ = false;
  Clock::time_point deadline_{};
  std::uint8_t sequence_ = 0;
};

// Walks all devices through the update, so many at once. The number of updated ones.
std::size_t update_all(const std::vector<std::uint16_t>& ports, const Target& target, std::size_t at_once) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<std::unique_ptr<Job>> jobs;
  std::size_t next = 0, updated = 0;
  const auto begin_job = [&](std::unique_ptr<Job>& place) {
    place.reset();
    if (next == ports.size()) return;
    place = std::make_unique<Job>(ports[next++], target);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = place.get()}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, place->socket(), &event);
    place->start();
  };
  jobs.resize(std::min(at_once, ports.size()));
  for (auto& job : jobs) begin_job(job);
  std::array<epoll_event, 256> events;
  while (std::any_of(jobs.begin(), jobs.end(), [](const auto& j) { return j != nullptr; })) {
    const int count = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 5);
    for (int i = 0; i < count; ++i) static_cast<Job*>(events[static_cast<std::size_t>(i)].data.ptr)->on_readable();
    const auto now = Clock::now();
    for (auto& job : jobs) {
      if (!job) continue;
      if (!job->is_over() && job->deadline() <= now) job->on_deadline();
      if (!job->is_over()) continue;
      updated += job->is_updated() ? 1 : 0;
      begin_job(job);
    }
  }
  ::close(epoll);
  return updated;
}

int run(const std::string& program, std::uint32_t devices, std::uint32_t at_once, double limit_mib) {
  const PrivateKey key = must(PrivateKey::generate());
  const Buffer seed = signed_image(1, key);
  Target target{.image = signed_image(2, key), .sha = {}, .hash = {}};
  target.sha = Sha256::of(target.image);
  mcuboot::MemorySource source(target.image);
  target.hash = mcuboot::inspect(source)->image_hash;

  Fleet fleet(program, devices, key, seed);
  const double idle_mib = fleet.mib("VmRSS:"), cpu_before = fleet.cpu_seconds();
  const auto begin = Clock::now();
  const std::size_t updated = update_all(fleet.ports(), target, at_once);
  const std::chrono::duration<double> took = Clock::now() - begin;
  const double cpu = fleet.cpu_seconds() - cpu_before, mib = fleet.mib("VmRSS:"), peak = fleet.mib("VmHWM:");
  const double count = static_cast<double>(std::max<std::size_t>(updated, 1));
  fmt::print("fleet: {} of {} devices updated with {:.0f} KiB each, {} at once, {:.1f} updates/s (aim 100)\n", updated, devices,
             static_cast<double>(target.image.size()) / 1024, at_once, static_cast<double>(updated) / took.count());
  fmt::print("fleet: simulator {:.2f} ms of processor per update (aim below 10), Rss {:.1f} MiB at first, {:.1f} MiB afterwards, "
             "peak {:.1f} MiB (aim below 256)\n", cpu * 1000 / count, idle_mib, mib, peak);
  if (updated != devices) give_up(fmt::format("{} devices were not updated", devices - updated));
  if (limit_mib > 0 && peak > limit_mib) give_up(fmt::format("the simulator took {:.1f} MiB; at most {:.0f} are allowed", peak, limit_mib));
  return 0;
}

std::uint32_t number(std::string_view text) {
  std::uint32_t out = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (code != std::errc() || end != text.data() + text.size()) give_up(fmt::format("{}: expected a whole number", text));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4 || argc > 5) {
    fmt::print(stderr, "usage: {} SIM DEVICES AT_ONCE [RSS_LIMIT_MIB]\n", argv[0]);
    return 2;
  }
  return run(argv[1], number(argv[2]), number(argv[3]), argc == 5 ? number(argv[4]) : 0);
}
