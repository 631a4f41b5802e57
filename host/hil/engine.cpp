#include "host/hil/engine.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "host/base/files.hpp"
#include "host/hil/preparation.hpp"
#include "host/hil/progress_limiter.hpp"
#include "host/hil/quantity.hpp"
#include "host/hil/run_files.hpp"
#include "host/hil/step_runner.hpp"
#include "host/hil/test_runner.hpp"

namespace lockstep::hil {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != 0 ? name.data() : "localhost";
}

RunResult begin_result(const RunRequest& request, Moment start) {
  RunResult result{.run_id = request.run_id, .suite_name = request.suite.name, .suite_version = request.suite.version,
                   .rig_id = request.rig.id, .release = {}, .host = host_name(), .start = start, .end = start};
  if (request.release) {
    result.release = request.release->product + " " + request.release->version;
    result.subjects.push_back({request.release->manifest_name, request.release->manifest_sha256});
  }
  result.configuration.push_back({"suite " + request.suite.name + "@" + request.suite.version, request.suite.sha256});
  result.configuration.push_back({"rig " + request.rig.id, request.rig.sha256});
  if (!request.tool_sha256.empty()) result.configuration.push_back({request.tool_name, request.tool_sha256});
  return result;
}

// One run, from preparation to its files.
class Run {
 public:
  Run(RunRequest request, Equipment& equipment, Clock& clock, RunJournal& journal, ProgressSink& progress, RunControl& control)
      : request_(std::move(request)), equipment_(equipment), clock_(clock), journal_(journal),
        limiter_(progress, request_.run_id), control_(control), result_(begin_result(request_, clock.now())) {}

  asio::awaitable<Outcome<RunResult>> run() {
    LOCKSTEP_CO_CHECK(make_folders(request_.run_dir));
    LOCKSTEP_CO_CHECK(write_file(request_.run_dir + "/suite.xml", request_.suite.text));
    LOCKSTEP_CO_CHECK(write_file(request_.run_dir + "/rig.xml", request_.rig.text));
    std::string escaped;
    try {
      co_await execute();
    } catch (const std::exception& e) {
      escaped = e.what();
    }
    if (!escaped.empty()) end_with(Verdict::error, "internal error: " + escaped);
    if (bench_) co_await shut_down();
    finish();
    LOCKSTEP_CO_CHECK(write_run_files(result_, request_));
    auto said = co_await journal_.finished(result_);
    if (!said) co_return Fail(said.error().in("run " + request_.run_id + ": its end could not be recorded"));
    co_return result_;
  }

 private:
  asio::awaitable<void> execute() {
    prepare_run();
    RunResult so_far = result_;
    auto said = co_await journal_.started(std::move(so_far));
    if (!said) end_with(Verdict::error, "the run could not be recorded: " + said.error().what);
    if (early_) co_return;
    auto executor = co_await asio::this_coro::executor;
    auto bench = Bench::assemble(prepared_.rig, equipment_, executor, request_, clock_, result_.start);
    if (!bench) {
      end_with(Verdict::error, "rig " + request_.rig.id + ": " + bench.error().what);
      co_return;
    }
    bench_ = std::move(*bench);
    co_await execute_on_bench();
  }

  void prepare_run() {
    const auto lacks = unmet_requirements(request_.suite, request_.rig);
    if (!lacks.empty()) return end_with(Verdict::blocked, fmt::format("{}", fmt::join(lacks, "; ")));
    auto prepared = prepare(request_);
    if (!prepared) {
      const bool not_given = prepared.error().kind == ErrorKind::refused;
      return end_with(not_given ? Verdict::blocked : Verdict::error, prepared.error().what);
    }
    prepared_ = std::move(*prepared);
    add_subjects();
  }

  asio::awaitable<void> execute_on_bench() {
    ProgressLimiter* const limiter = &limiter_;
    bench_->on_line([limiter](const std::string& console, const ConsoleLine& line) { limiter->console(console, line); });
    const auto report = [limiter](Progress progress) { limiter->report(std::move(progress)); };
    TestRunner tests(TestRunner::Surroundings{*bench_, clock_, prepared_, request_, journal_, report, control_, result_});
    std::string escaped;
    try {
      co_await tests.run_setup_and_tests();
    } catch (const std::exception& e) {
      escaped = e.what();
    }
    if (!escaped.empty()) end_with(Verdict::error, "internal error: " + escaped);
    co_await tests.run_teardown();
  }

  asio::awaitable<void> shut_down() {
    auto down = co_await bench_->shut_down();
    if (!down) end_with(Verdict::error, "switching off: " + down.error().what);
  }

  void add_subjects() {
    for (const auto& [param, artifact] : prepared_.artifacts) {
      const auto spec = std::ranges::find(request_.suite.params, param, &ParamSpec::name);
      add_subject(spec->role, artifact, spec->role == "candidate");
    }
    for (const BroughtImage& image : prepared_.brought) add_subject(image.role, image.artifact, image.tested);
    if (prepared_.brought.empty()) return;
    for (const auto& [role, release] : request_.releases) {
      if (role == "candidate") continue;  // its manifest is a subject anyway
      const std::string name = fmt::format("{} {}@{}.xml", role, release.product, release.version.text());
      result_.configuration.push_back({name, release.sha256.hex()});
    }
  }

  void add_subject(const std::string& role, const Artifact& artifact, bool tested) {
    const auto is = [&](const DigestRecord& r) { return r.sha256 == artifact.sha256; };
    if (std::ranges::any_of(result_.subjects, is) || (!tested && std::ranges::any_of(result_.configuration, is))) return;
    std::vector<DigestRecord>& records = tested ? result_.subjects : result_.configuration;
    records.push_back({tested ? artifact.name : role + " " + artifact.name, artifact.sha256});
  }

  // The more severe of what was and this; the first reason of the worst verdict stays.
  void end_with(Verdict verdict, std::string reason) {
    if (early_ && *early_ >= verdict) return;
    early_ = verdict;
    early_reason_ = std::move(reason);
  }

  void finish() {
    result_.end = clock_.now();
    // Tests that were never reached have a row too: nothing that was asked may go missing.
    for (std::size_t i = result_.tests.size(); i < request_.suite.tests.size(); ++i) {
      const TestSpec& test = request_.suite.tests[i];
      result_.tests.push_back({.id = test.id, .requirement = test.requirement, .tags = test.tags,
                               .verdict = early_ == Verdict::blocked ? Verdict::blocked : Verdict::skipped,
                               .reason = early_reason_, .attempts = {}});
    }
    judge_run(result_);
    if (early_ && *early_ >= result_.verdict) {
      result_.verdict = *early_;
      result_.reason = early_reason_;
    }
  }

  RunRequest request_;
  Equipment& equipment_;
  Clock& clock_;
  RunJournal& journal_;
  ProgressLimiter limiter_;
  RunControl& control_;
  RunResult result_;
  Preparation prepared_;
  std::unique_ptr<Bench> bench_;
  std::optional<Verdict> early_;
  std::string early_reason_;
};

}  // namespace

asio::awaitable<Outcome<void>> RunJournal::started(RunResult) { co_return Outcome<void>(); }
asio::awaitable<Outcome<void>> RunJournal::attempt(std::string, std::string, AttemptRecord) { co_return Outcome<void>(); }
asio::awaitable<Outcome<void>> RunJournal::finished(RunResult) { co_return Outcome<void>(); }

std::string_view text(Progress::Kind kind) {
  switch (kind) {
    case Progress::Kind::phase: return "phase";
    case Progress::Kind::test: return "test";
    case Progress::Kind::step: return "step";
    case Progress::Kind::measurement: return "measurement";
    case Progress::Kind::console: return "console";
    case Progress::Kind::update: return "update";
    case Progress::Kind::log: return "log";
  }
  return "?";
}

void RunControl::cancel(std::string reason) {
  if (cancelled_) return;
  cancelled_ = true;
  reason_ = std::move(reason);
  if (waiting_ != nullptr) waiting_->cancel();
}

asio::awaitable<Outcome<RunResult>> run_suite(RunRequest request, Equipment& equipment, Clock& clock, RunJournal& journal,
                                              ProgressSink& progress, RunControl& control) {
  // On the heap: the coroutine's frame would be too large otherwise, and members refer to each other.
  const auto run = std::make_unique<Run>(std::move(request), equipment, clock, journal, progress, control);
  co_return co_await run->run();
}

}  // namespace lockstep::hil
