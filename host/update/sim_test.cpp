// The executor against lockstep-sim, a real process on a real wire (stream socket, pty, UDP).
#include <doctest/doctest.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <cstdio>
#include <thread>

#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/session/probe.hpp"
#include "host/update/executor.hpp"
#include "host/update/fake_board.hpp"
#include "host/update/test_images.hpp"

extern char** environ;

namespace lockstep::update {
namespace {

using namespace std::chrono_literals;
using namespace test;

// One lockstep-sim; its flash file outlives it.
class Sim {
 public:
  Sim(const TempDir& dir, std::vector<std::string> wire) : dir_(dir), wire_(std::move(wire)) {
    REQUIRE(write_file(dir_ / "key.pub.pem", signing_key().public_key().pem()));
    REQUIRE(write_file(dir_ / "seed.bin", Bytes(signed_app({1, 0, 0, 0}))));
    start();
  }
  ~Sim() { stop(SIGTERM); }
  Sim(const Sim&) = delete;
  Sim& operator=(const Sim&) = delete;

  void start() {
    std::vector<std::string> words{std::string(LOCKSTEP_BIN_DIR) + "/lockstep-sim",
                                   "--flash",
                                   dir_ / "flash.bin",
                                   "--key",
                                   dir_ / "key.pub.pem",
                                   "--seed-image",
                                   dir_ / "seed.bin",
                                   "--serial",
                                   "SN1",
                                   "--slot-kib",
                                   "32",
                                   "--boot-ms",
                                   "30",
                                   "--watchdog-ms",
                                   "60"};
    words.insert(words.end(), wire_.begin(), wire_.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    int pipe_ends[2];
    REQUIRE(::pipe2(pipe_ends, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
    const int failed = ::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    REQUIRE_MESSAGE(failed == 0, words[0]);
    std::FILE* out = ::fdopen(pipe_ends[0], "r");
    char uri[256] = {};
    const int read = std::fscanf(out, "ready %255s", uri);
    std::fclose(out);
    REQUIRE(read == 1);
    const auto parsed = link::parse_link_uri(uri);
    REQUIRE(parsed);
    link_ = *parsed;
    // It can be reached, and is deaf until it has booted: a first request that is lost costs its whole
    // time-out.
    std::this_thread::sleep_for(150ms);
  }

  void stop(int signal) {
    if (pid_ <= 0) return;
    ::kill(pid_, signal);
    ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }

  const link::LinkUri& link() const { return link_; }

 private:
  const TempDir& dir_;
  std::vector<std::string> wire_;
  pid_t pid_ = 0;
  link::LinkUri link_;
};

const VerifiedImage& good_image() {
  static const VerifiedImage image = verified(signed_app({2, 0, 0, 0}));
  return image;
}
asio::awaitable<Outcome<VerifiedImage>> give(VerifiedImage image) { co_return image; }

Job job_for(const link::LinkUri& link, const VerifiedImage& image) {
  Job job{.id = "job-1",
          .link = link,
          .identity = {.board = "node-m3", .serial = "SN1"},
          .image_hash = image.hash(),
          .size_bytes = image.bytes().size(),
          .image = [image] { return give(image); }};
  job.policy = {.return_total = 60s,
                .return_quiet = 250ms,
                .return_every = 20ms,
                .reset_grace = 4s,
                .health_total = 100ms,
                .health_every = 20ms};
  return job;
}

// One life of the host; false when it was killed.
bool live(const Job& job, FakeJournal& journal, Fate& fate, JobWatch& watch,
          std::optional<JobResult>& result) {
  asio::io_context context;
  const JobRecord from = journal.records.empty() ? JobRecord{.job_id = job.id} : journal.records.back();
  asio::co_spawn(context, run_job(job, from, session::smp_clients(context.get_executor()), journal, watch),
                 [&](std::exception_ptr e, JobResult r) {
                   if (e) std::rethrow_exception(e);
                   result = std::move(r);
                 });
  while (!result && !fate.killed && context.run_one_for(60s) > 0) {
  }
  return result.has_value();
}

template <class T>
asio::awaitable<void> store(asio::awaitable<T> task, std::optional<T>& out) {
  T value = co_await std::move(task);
  out.emplace(std::move(value));
}

std::vector<std::vector<std::string>> wires(const TempDir& dir) {
  return {{"--unix", dir / "board.sock"}, {"--pty", dir / "tty"}, {"--udp", "0"}};
}

TEST_CASE("a simulated device is updated over each kind of wire") {
  for (int i = 0; i < 3; ++i) {
    TempDir dir;
    Sim sim(dir, wires(dir)[static_cast<std::size_t>(i)]);
    CAPTURE(to_string(sim.link()));
    struct Listener final : JobWatch {
      std::vector<std::string> lines;
      void on_device_log(std::string_view line) override { lines.emplace_back(line); }
    } watch;
    Fate fate;
    FakeJournal journal(fate);
    std::optional<JobResult> result;
    REQUIRE(live(job_for(sim.link(), good_image()), journal, fate, watch, result));
    CAPTURE(result->facts.reason);
    CHECK(name(result->state) == "succeeded");
    const bool console = sim.link().framing == link::Framing::console;
    const auto boots = std::ranges::count_if(
        watch.lines, [](const std::string& line) { return line.find("action=tested") != std::string::npos; });
    if (console) CHECK(boots == 1);  // the boot log was read across the reset
  }
}

TEST_CASE("a host killed at every journaled state ends with the simulated device on the new image") {
  int kills = 0;
  for (int n = 1; n < 40; n += 2) {
    CAPTURE(n);
    TempDir dir;
    Sim sim(dir, {"--unix", dir / "board.sock"});
    Fate fate{.kill_at = n};
    FakeJournal journal(fate);  // has a point before and one after each record; here the latter
    JobWatch watch;
    std::optional<JobResult> result;
    const Job job = job_for(sim.link(), good_image());
    const bool ended = live(job, journal, fate, watch, result);
    if (!ended) {
      ++kills;
      fate = {};
      REQUIRE(live(job, journal, fate, watch, result));
    }
    CAPTURE(result->facts.reason);
    CHECK(name(result->state) == "succeeded");
    std::optional<Outcome<session::ProbeReport>> probed;
    asio::io_context context;
    asio::co_spawn(context, store(session::probe(context.get_executor(), sim.link()), probed),
                   [](std::exception_ptr e) {
                     if (e) std::rethrow_exception(e);
                   });
    context.run();
    REQUIRE((probed && *probed && (**probed).images));
    const session::Inventory inventory{.images = *(**probed).images};
    REQUIRE(inventory.running() != nullptr);
    CHECK(inventory.running()->hash == good_image().hash());
    CHECK(inventory.running()->confirmed);
    if (ended) break;
  }
  CHECK(kills == 9);  // states entered, the end included
}

TEST_CASE("a simulated device whose power is cut during the update ends on the new image") {
  for (const State at : {State::uploading, State::marking, State::returning, State::checking}) {
    CAPTURE(name(at));
    TempDir dir;
    Sim sim(dir, {"--unix", dir / "board.sock"});
    struct Cutter final : JobWatch {
      Sim* sim = nullptr;
      State at = State::queued;
      bool done = false;
      void on_progress(const Progress& p) override {
        if (done || p.state != at || (at == State::uploading && p.done_bytes == 0)) return;
        done = true;
        sim->stop(SIGKILL);
        sim->start();
      }
    } cutter;
    cutter.sim = &sim;
    cutter.at = at;
    Fate fate;
    FakeJournal journal(fate);
    std::optional<JobResult> result;
    REQUIRE(live(job_for(sim.link(), good_image()), journal, fate, cutter, result));
    CAPTURE(result->facts.reason);
    CHECK(cutter.done);
    // A cut while the new image is on trial is a reset: it goes back, and that is said.
    CHECK(name(result->state) == (at == State::checking ? "reverted" : "succeeded"));
  }
}

TEST_CASE("a new image that hangs in a simulated device is recognised as reverted") {
  TempDir dir;
  Sim sim(dir, {"--unix", dir / "board.sock"});
  const VerifiedImage image = verified(signed_app({2, 1, 0, 0}, agent::AppDescriptor::hang_after_boot));
  Fate fate;
  FakeJournal journal(fate);
  JobWatch watch;
  std::optional<JobResult> result;
  REQUIRE(live(job_for(sim.link(), image), journal, fate, watch, result));
  CHECK(name(result->state) == "reverted");
  CHECK(result->facts.reason.find("1.0.0") != std::string::npos);
}

TEST_CASE("a simulated device that is switched off for good is unreachable") {
  TempDir dir;
  Sim sim(dir, {"--unix", dir / "board.sock"});
  Job job = job_for(sim.link(), good_image());
  job.policy.link_retries = 2;
  job.policy.backoff_first = 10ms;
  sim.stop(SIGKILL);
  Fate fate;
  FakeJournal journal(fate);
  JobWatch watch;
  std::optional<JobResult> result;
  REQUIRE(live(job, journal, fate, watch, result));
  CHECK(name(result->state) == "unreachable");
  CHECK(result->facts.reason.find("board.sock") != std::string::npos);
}

}  // namespace
}  // namespace lockstep::update
