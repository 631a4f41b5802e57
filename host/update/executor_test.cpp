#include "host/update/executor.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <set>

#include "host/base/crypto.hpp"
#include "host/update/fake_board.hpp"
#include "protocols/mcuboot/build.hpp"

namespace lockstep::update {
namespace {

using namespace std::chrono_literals;
using test::FakeBoard;

const PrivateKey& signing_key() {
  static const PrivateKey key = *PrivateKey::generate();
  return key;
}

Buffer signed_file() {
  const Buffer payload(3000, std::byte{0x5a});
  const mcuboot::BuildOptions options{.version = {2, 0, 0, 0}, .header_size = 512};
  MbedCrypto crypto;
  KeySigner signer(signing_key());
  Buffer file(mcuboot::max_image_size(payload.size(), options));
  const auto size = mcuboot::build(payload, options, crypto, signer, file);
  REQUIRE(size);
  file.resize(*size);
  return file;
}

const VerifiedImage& image_2_0() {
  static const VerifiedImage image = [] {
    const mcuboot::PublicKey key = signing_key().public_key().mcuboot();
    auto verified = VerifiedImage::verify(signed_file(), std::span(&key, 1));
    REQUIRE(verified);
    return *verified;
  }();
  return image;
}

asio::awaitable<Outcome<VerifiedImage>> provide() { co_return image_2_0(); }

// A device, the journal of the job that updates it, and a host that can be killed.
struct World {
  test::Fate fate;
  FakeBoard board;
  test::FakeJournal journal{fate};
  Job job;
  JobWatch silent_watch;
  JobWatch* watch = &silent_watch;
  std::optional<JobResult> result;

  World() {
    board.new_hash = image_2_0().hash();
    job.id = "job-1";
    job.identity = {.board = "node-m3", .revision = "1.2", .serial = "SN1"};
    job.image_hash = image_2_0().hash();
    job.size_bytes = image_2_0().bytes().size();
    job.image = provide;
    job.policy = {.return_total = 60s,
                  .return_quiet = 0ms,
                  .return_every = 1ms,
                  .reset_grace = 8ms,
                  .health_total = 60s,
                  .health_every = 1ms,
                  .link_retries = 3,
                  .backoff_first = 1ms,
                  .backoff_most = 2ms};
  }

  // One life of the host: from the journal's last record until the job ends or the host is killed.
  void live() {
    asio::io_context context;
    result.reset();
    const JobRecord from = journal.records.empty() ? JobRecord{.job_id = job.id} : journal.records.back();
    const session::ClientFactory clients = [this](const link::LinkUri&, session::LineSink) {
      return std::make_unique<test::FakeClient>(board, fate);
    };
    asio::co_spawn(context, run_job(job, from, clients, journal, *watch),
                   [this](std::exception_ptr e, JobResult r) {
                     if (e) std::rethrow_exception(e);
                     result = std::move(r);
                   });
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!result && !fate.killed && std::chrono::steady_clock::now() < deadline) context.run_one_for(1s);
    REQUIRE((result || fate.killed));
  }  // the context goes, and with it the coroutine: nothing of it runs any more, as after SIGKILL

  std::vector<State> states() const {
    std::vector<State> out;
    for (const JobRecord& record : journal.records) out.push_back(record.state);
    return out;
  }
};

TEST_CASE("an update goes through its states, and success is what the device itself says") {
  World world;
  world.live();
  REQUIRE(world.result);
  CHECK(world.result->state == State::succeeded);
  CHECK(world.result->interrupted.empty());
  CHECK(world.board.new_runs());
  CHECK(world.board.running->confirmed);
  CHECK(world.states() == std::vector<State>{State::inspecting, State::uploading, State::marking,
                                             State::resetting, State::returning, State::checking,
                                             State::confirming, State::verifying, State::succeeded});
  CHECK(world.board.writes == std::vector<std::string>{"upload", "mark", "reset", "confirm"});
  CHECK(world.result->facts.old_hash == "aa00");
  CHECK(world.result->facts.identity.serial == "SN1");
  CHECK(world.result->facts.reason.empty());
}

TEST_CASE("a device that already runs and keeps the image is only verified") {
  World world;
  world.board.running = FakeBoard::Image{world.board.new_hash, "2.0.0", false, true};
  world.live();
  CHECK(world.result->state == State::succeeded);
  CHECK(world.board.writes.empty());
}

TEST_CASE("an image that the device already holds is not uploaded again") {
  World world;
  world.board.other = FakeBoard::Image{world.board.new_hash, "2.0.0"};
  world.live();
  CHECK(world.result->state == State::succeeded);
  CHECK(world.board.writes == std::vector<std::string>{"mark", "reset", "confirm"});
}

struct Scenario {
  const char* name;
  void (*arrange)(World&);
  State end;
  const char* reason = "";  // a part of it
  bool untouched = false;   // nothing may be written
};

FakeBoard::Fault lost(bool after = false) { return {{ErrorKind::unreachable, "link lost"}, after}; }
FakeBoard::Fault refusal() { return {{ErrorKind::device, "group 1, code 12: flash write failed"}}; }
void repeat(World& w, const char* operation, int times) {
  for (int i = 0; i < times; ++i) w.board.faults[operation].push_back(lost());
}

void unhealthy(World& w) {
  w.board.new_image_healthy = false;
  w.job.policy.health_total = 5ms;
}

const Scenario scenarios[] = {
    {.name = "another serial number",
     .arrange = [](World& w) { w.board.identity.serial = "SN2"; },
     .end = State::failed,
     .reason = "serial number 'SN1' is expected, the device reports 'SN2'",
     .untouched = true},
    {.name = "another board",
     .arrange = [](World& w) { w.board.identity.board = "node-m4"; },
     .end = State::failed,
     .reason = "another device",
     .untouched = true},
    {.name = "another revision",
     .arrange = [](World& w) { w.board.identity.revision = "2.0"; },
     .end = State::failed,
     .reason = "revision '1.2' is expected",
     .untouched = true},
    {.name = "no identity",
     .arrange = [](World& w) { w.board.knows_identity = false; },
     .end = State::failed,
     .reason = "cannot tell who it is",
     .untouched = true},
    {.name = "no identity, but vouched for",
     .arrange =
         [](World& w) {
           w.board.knows_identity = false;
           w.job.identity = {.by_link = true};
         },
     .end = State::succeeded},
    {.name = "job without identity",
     .arrange = [](World& w) { w.job.identity = {}; },
     .end = State::failed,
     .reason = "which device is meant",
     .untouched = true},
    {.name = "no health command",
     .arrange = [](World& w) { w.board.knows_health = false; },
     .end = State::failed,
     .reason = "no health command",
     .untouched = true},
    {.name = "no health command, and answers are enough",
     .arrange =
         [](World& w) {
           w.board.knows_health = false;
           w.job.policy.health = HealthRule::answers;
         },
     .end = State::succeeded},
    {.name = "RAM load",
     .arrange = [](World& w) { w.board.mode = 6; },
     .end = State::failed,
     .reason = "RAM load",
     .untouched = true},
    {.name = "running image on trial",
     .arrange = [](World& w) { w.board.running->confirmed = false; },
     .end = State::failed,
     .reason = "itself on trial",
     .untouched = true},
    {.name = "another image pending",
     .arrange =
         [](World& w) {
           w.board.other = FakeBoard::Image{"bb11", "1.5.0", true};
         },
     .end = State::failed,
     .reason = "pending already",
     .untouched = true},
    {.name = "empty device",
     .arrange = [](World& w) { w.board.running.reset(); },
     .end = State::failed,
     .reason = "no running image",
     .untouched = true},
    {.name = "wrong image given",
     .arrange = [](World& w) { w.job.image_hash = std::string(64, '0'); },
     .end = State::failed,
     .reason = "the job is about 0000",
     .untouched = true},
    {.name = "image of another size",
     .arrange = [](World& w) { w.job.size_bytes = 17; },
     .end = State::failed,
     .reason = "the job is about 17",
     .untouched = true},
    {.name = "silent from the start",
     .arrange = [](World& w) { w.board.down_for_polls = 1'000'000; },
     .end = State::unreachable,
     .reason = "no answer",
     .untouched = true},
    {.name = "upload refused",
     .arrange = [](World& w) { w.board.faults["chunk"].push_back(refusal()); },
     .end = State::failed,
     .reason = "code 12"},
    {.name = "upload: link lost again and again without progress",
     .arrange = [](World& w) { repeat(w, "chunk", 99); },
     .end = State::unreachable,
     .reason = "link lost"},
    {.name = "upload: link lost within the budget",
     .arrange = [](World& w) { repeat(w, "chunk", 3); },
     .end = State::succeeded},
    {.name = "mark refused",
     .arrange = [](World& w) { w.board.faults["mark"].push_back(refusal()); },
     .end = State::failed,
     .reason = "code 12"},
    {.name = "answer to mark lost",
     .arrange = [](World& w) { w.board.faults["mark"].push_back(lost(true)); },
     .end = State::succeeded},
    {.name = "answer to confirm lost",
     .arrange = [](World& w) { w.board.faults["confirm"].push_back(lost(true)); },
     .end = State::succeeded},
    {.name = "confirm refused",
     .arrange = [](World& w) { w.board.faults["confirm"].push_back(refusal()); },
     .end = State::failed,
     .reason = "code 12"},
    {.name = "reset request lost",
     .arrange = [](World& w) { w.board.resets_to_lose = 1; },
     .end = State::succeeded},
    {.name = "reset refused",
     .arrange =
         [](World& w) {
           w.board.faults["reset"].push_back({{ErrorKind::refused, "busy"}});
         },
     .end = State::failed,
     .reason = "busy"},
    {.name = "bootloader leaves the image pending",
     .arrange = [](World& w) { w.board.bootloader_ignores = true; },
     .end = State::failed,
     .reason = "does not take the new image"},
    {.name = "bootloader refuses the image",
     .arrange = [](World& w) { w.board.bootloader_refuses = true; },
     .end = State::reverted,
     .reason = "never seen running"},
    {.name = "new image hangs and reverts",
     .arrange = [](World& w) { w.board.new_image_hangs = true; },
     .end = State::reverted,
     .reason = "1.0.0 (aa00) again"},
    {.name = "never comes back",
     .arrange =
         [](World& w) {
           w.board.new_image_dead = true;
           w.job.policy.return_total = 60ms;
         },
     .end = State::unreachable,
     .reason = "did not come back"},
    {.name = "unhealthy",
     .arrange = [](World& w) { unhealthy(w); },
     .end = State::reverted,
     .reason = "not healthy: sensor dead; the new image ran on trial and went back"},
    {.name = "healthy only after a while",
     .arrange = [](World& w) { w.board.unhealthy_for_polls = 3; },
     .end = State::succeeded},
    {.name = "confirms itself",
     .arrange = [](World& w) { w.board.new_image_confirms_itself = true; },
     .end = State::succeeded},
    {.name = "confirms itself and is unhealthy",
     .arrange =
         [](World& w) {
           w.board.new_image_confirms_itself = true;
           unhealthy(w);
         },
     .end = State::failed,
     .reason = "sensor dead"},
};

TEST_CASE("every way an update can go ends in its own state, with the reason in words") {
  for (const Scenario& s : scenarios) {
    CAPTURE(s.name);
    World world;
    s.arrange(world);
    world.live();
    REQUIRE(world.result);
    CAPTURE(world.result->facts.reason);
    CHECK(name(world.result->state) == name(s.end));
    CHECK(world.result->facts.reason.find(s.reason) != std::string::npos);
    if (s.untouched) CHECK(world.board.writes.empty());
    if (s.end == State::succeeded) CHECK((world.board.new_runs() && world.board.running->confirmed));
    if (s.end == State::reverted) CHECK(world.board.running->hash == "aa00");
  }
}

// Kills the host at the n-th point where it can die, starts it again from the journal, for every n.
int kill_everywhere(void (*arrange)(World&), State end, const std::string& runs, std::set<State>& killed_in) {
  for (int n = 0; n < 1000; ++n) {
    CAPTURE(n);
    World world;
    arrange(world);
    world.fate.kill_at = n;
    world.live();
    if (!world.fate.killed) return n;
    killed_in.insert(world.journal.records.empty() ? State::queued : world.journal.records.back().state);
    world.fate = {};
    world.live();
    REQUIRE(world.result);
    CAPTURE(world.result->facts.reason);
    CHECK(name(world.result->state) == name(end));
    CHECK(world.board.running->hash == runs);
    CHECK(world.board.running->confirmed);
  }
  FAIL("the job never ended");
  return 0;
}

TEST_CASE("a host killed at any point of an update finishes it when it starts again") {
  std::set<State> killed_in;
  const int points = kill_everywhere([](World&) {}, State::succeeded, image_2_0().hash(), killed_in);
  CHECK(points > 40);
  CHECK(killed_in == std::set<State>{State::queued, State::inspecting, State::uploading, State::marking,
                                     State::resetting, State::returning, State::checking, State::confirming,
                                     State::verifying, State::succeeded});
}

TEST_CASE("a host killed at any point of an unhealthy update sees the device back on its old image") {
  std::set<State> killed_in;
  kill_everywhere([](World& w) { unhealthy(w); }, State::reverted, "aa00", killed_in);
  CHECK(killed_in.contains(State::reverting));
}

TEST_CASE("a host killed at any point of an update that hangs sees the device back on its old image") {
  std::set<State> killed_in;
  kill_everywhere([](World& w) { w.board.new_image_hangs = true; }, State::reverted, "aa00", killed_in);
  CHECK(killed_in.contains(State::returning));
}

TEST_CASE("one lost link at any device operation does not change the end") {
  for (const char* operation :
       {"identity", "inventory", "health", "upload", "chunk", "mark", "reset", "confirm", "return"}) {
    for (int which = 0; which < 12; ++which) {
      CAPTURE(operation);
      CAPTURE(which);
      World world;
      FakeBoard::Fault loss = lost();
      loss.let_pass = which;
      world.board.faults[operation].push_back(loss);
      world.live();
      CAPTURE(world.result->facts.reason);
      CHECK(name(world.result->state) == "succeeded");
    }
  }
}

TEST_CASE("an upload goes on where the lost link stopped it") {
  World world;
  // The link is lost after every chunk, far more often than the budget allows in a row, but each try gets
  // further.
  struct Flaky final : JobWatch {
    FakeBoard* board = nullptr;
    void on_progress(const Progress& p) override {
      if (p.state == State::uploading && p.done_bytes > 0 && p.done_bytes < p.total_bytes)
        board->faults["chunk"].push_back(lost());
    }
  } watch;
  watch.board = &world.board;
  world.watch = &watch;
  world.live();
  CHECK(world.result->state == State::succeeded);
  const std::uint64_t chunks = (image_2_0().bytes().size() + 255) / 256;
  CHECK(world.board.chunks_received == chunks);
  CHECK(world.result->facts.link_losses >= 2);
}

TEST_CASE("a state that the journal does not take is not entered") {
  World world;
  world.journal.fail_at = State::marking;
  world.live();
  CHECK(world.result->state == State::uploading);
  CHECK(!world.result->finished());
  CHECK(world.result->interrupted.find("disk full") != std::string::npos);
  CHECK(std::ranges::count(world.board.writes, "mark") == 0);
  world.journal.fail_at.reset();
  world.live();
  CHECK(world.result->state == State::succeeded);
}

TEST_CASE("a job can be cancelled until the image is marked, and not after that") {
  struct Stop final : JobWatch {
    State at = State::queued;
    bool now = false;
    void on_progress(const Progress& p) override {
      now = now || (p.state == at && (at != State::uploading || p.done_bytes > 0));
    }
    bool cancel_wanted() override { return now; }
  };
  for (const State at : {State::inspecting, State::uploading, State::marking, State::returning}) {
    CAPTURE(name(at));
    World world;
    Stop watch;
    watch.at = at;
    world.watch = &watch;
    world.live();
    const bool in_time = at < State::marking;
    CHECK(world.result->state == (in_time ? State::cancelled : State::succeeded));
    if (in_time) CHECK(world.board.running->hash == "aa00");
  }
}

TEST_CASE("progress tells state, bytes and rate, and the last byte is always shown") {
  struct Watch final : JobWatch {
    std::vector<Progress> seen;
    void on_progress(const Progress& p) override { seen.push_back(p); }
  } watch;
  World world;
  world.watch = &watch;
  world.live();
  const auto total = image_2_0().bytes().size();
  const auto last =
      std::ranges::find_if(watch.seen, [&](const Progress& p) { return p.done_bytes == total; });
  REQUIRE(last != watch.seen.end());
  CHECK(last->total_bytes == total);
  CHECK(last->bytes_per_second > 0);
  CHECK(watch.seen.back().state == State::succeeded);
}

TEST_CASE("Asio cancellation interrupts the job in its saved state, from which it is resumed") {
  World world;
  world.board.down_for_polls = 1'000'000;
  world.job.policy.backoff_first = 1h;
  world.job.policy.backoff_most = 1h;
  asio::io_context context;
  asio::cancellation_signal stop;
  const session::ClientFactory clients = [&](const link::LinkUri&, session::LineSink) {
    return std::make_unique<test::FakeClient>(world.board, world.fate);
  };
  asio::co_spawn(context,
                 run_job(world.job, JobRecord{.job_id = "job-1"}, clients, world.journal, *world.watch),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, JobResult r) {
                   CHECK(!e);
                   world.result = std::move(r);
                 }));
  while (world.board.down_for_polls == 1'000'000 && context.run_one_for(60s) > 0) {
  }
  CHECK(!world.result);
  stop.emit(asio::cancellation_type::terminal);
  context.restart();
  context.run_for(60s);
  REQUIRE(world.result);
  CHECK(!world.result->finished());
  CHECK(world.result->state == State::inspecting);
  world.board.down_for_polls = 0;
  world.live();
  CHECK(world.result->state == State::succeeded);
}

TEST_CASE("only an image with a right signature becomes a verified image") {
  const mcuboot::PublicKey key = signing_key().public_key().mcuboot();
  Buffer file = signed_file();
  const auto verified = VerifiedImage::verify(file, std::span(&key, 1));
  REQUIRE(verified);
  CHECK(verified->version() == "2.0.0");
  CHECK(verified->hash().size() == 64);
  file[700] ^= std::byte{1};
  const auto broken = VerifiedImage::verify(file, std::span(&key, 1));
  REQUIRE(!broken);
  CHECK(broken.error().kind == ErrorKind::refused);
  CHECK(!VerifiedImage::verify(signed_file(), {}));
}

TEST_CASE("facts survive the journal") {
  const JobFacts facts{.old_hash = "aa00",
                       .old_version = "1.0.0",
                       .seen_running = true,
                       .resets = 2,
                       .saves = 7,
                       .link_losses = 3,
                       .reason = "not healthy",
                       .identity = {"node-m3", "1.2", "SN1", "thermostat"}};
  const auto read = job_facts_from_json(to_json(facts));
  REQUIRE(read);
  CHECK(*read == facts);
  CHECK(*job_facts_from_json({}) == JobFacts{});
  boost::json::object wrong;
  wrong["resets"] = "two";
  CHECK(!job_facts_from_json(wrong));
  wrong["resets"] = -1;
  CHECK(!job_facts_from_json(wrong));
}

}  // namespace
}  // namespace lockstep::update
