#include "host/walk/walk.hpp"

#include <doctest/doctest.h>
#include <algorithm>
#include <boost/asio/detached.hpp>

#include "host/walk/product.hpp"
#include "manifests/plan/plan.hpp"

namespace lockstep::walk {
namespace {

using test::MemoryJournal;
using test::Product;
using test::walk_once;

// A product with a plan of several steps.
struct Story {
  oracle::Instance instance;
  model::Plan plan;

  CertifiedPlan certified() const {
    return *CertifiedPlan::make(std::make_shared<const model::Catalogue>(instance.catalogue), plan);
  }
};

const Story& story() {
  static const Story found = [] {
    for (std::uint64_t seed = 1;; ++seed) {
      Story story{.instance = oracle::draw(seed), .plan = {}};
      const auto answer = plan::make_plan(story.instance.problem());
      if (!answer || answer->verdict != plan::Verdict::found || answer->plan.steps.size() < 6) continue;
      story.plan = answer->plan;
      const bool trial = std::any_of(story.plan.steps.begin(), story.plan.steps.end(),
                                     [](const model::Step& s) { return s.act == model::Act::confirm; });
      if (trial) return story;
    }
  }();
  return found;
}

// Shows something else than there is.
class Disguise final : public Performer {
 public:
  Disguise(Product& product, std::function<void(Sight&)> change) : product_(product), change_(std::move(change)) {}
  asio::awaitable<Outcome<Sight>> look() override {
    auto seen = co_await product_.look();
    if (seen) change_(*seen);
    co_return seen;
  }
  asio::awaitable<Outcome<Performed>> perform(const Move& move) override {
    ++performed;
    auto done = co_await product_.perform(move);
    co_return done;
  }
  int performed = 0;

 private:
  Product& product_;
  std::function<void(Sight&)> change_;
};

// Answers each step with the same.
class Answering final : public Performer {
 public:
  Answering(Product& product, Outcome<Performed> answer) : product_(product), answer_(std::move(answer)) {}
  asio::awaitable<Outcome<Sight>> look() override {
    auto seen = co_await product_.look();
    co_return seen;
  }
  asio::awaitable<Outcome<Performed>> perform(const Move&) override { co_return answer_; }

 private:
  Product& product_;
  Outcome<Performed> answer_;
};

std::size_t first_on_device(const oracle::Instance& instance) {
  for (std::size_t i = 0;; ++i)
    if (model::on_device(instance.catalogue.components[i].kind)) return i;
}

TEST_CASE("a plan is walked to its end, each step saved before it is begun") {
  Product product(story().instance, {});
  MemoryJournal journal;
  const auto result = walk_once(story().certified(), {}, product, journal);
  REQUIRE(result);
  CHECK(result->end == End::arrived);
  CHECK(result->step == story().plan.steps.size());
  CHECK(product.state() == story().plan.after.back());
  CHECK(journal.saves == story().plan.steps.size());
}

TEST_CASE("a plan that is not certified cannot be walked") {
  model::Plan plan = story().plan;
  plan.steps.erase(plan.steps.begin());
  plan.after.erase(plan.after.begin());
  const auto made = CertifiedPlan::make(std::make_shared<const model::Catalogue>(story().instance.catalogue), plan);
  REQUIRE_FALSE(made);
  CHECK(made.error().kind == ErrorKind::refused);
  CHECK(made.error().what.find("not certified: step 1") != std::string::npos);
}

TEST_CASE("a device that somebody changed meanwhile is left alone") {
  Product product(story().instance, {});
  const std::size_t component = first_on_device(story().instance);
  Disguise changed(product, [&](Sight& seen) { seen[component].active = *seen[component].active == 0 ? 1 : 0; });
  MemoryJournal journal;
  const auto result = walk_once(story().certified(), {}, changed, journal);
  REQUIRE(result);
  CHECK(result->end == End::elsewhere);
  CHECK(result->reason.find("before step 1") != std::string::npos);
  CHECK(result->reason.find("is there, not") != std::string::npos);
  CHECK(changed.performed == 0);
  CHECK(journal.saves == 0);
}

TEST_CASE("an image that no release describes is named, and nothing is done") {
  Product product(story().instance, {});
  const std::size_t component = first_on_device(story().instance);
  Disguise changed(product, [&](Sight& seen) { seen[component].foreign = "9.9.9 (aa00)"; });
  MemoryJournal journal;
  const auto result = walk_once(story().certified(), {}, changed, journal);
  REQUIRE(result);
  CHECK(result->end == End::elsewhere);
  CHECK(result->reason.find("9.9.9 (aa00)") != std::string::npos);
  CHECK(changed.performed == 0);
}

TEST_CASE("what a device cannot tell is not compared") {
  Product product(story().instance, {});
  Disguise terse(product, [](Sight& seen) {
    for (Seen& s : seen) s.counter.reset(), s.epoch.reset(), s.fallback.reset();
  });
  MemoryJournal journal;
  const auto result = walk_once(story().certified(), {}, terse, journal);
  REQUIRE(result);
  CHECK(result->end == End::arrived);
}

TEST_CASE("success that is only said does not count") {
  Product product(story().instance, {});
  Answering liar(product, Performed::done);
  MemoryJournal journal;
  const auto result = walk_once(story().certified(), {}, liar, journal);
  REQUIRE(result);
  CHECK(result->end == End::refused);
  CHECK(result->reason.find("accepted, but did not happen") != std::string::npos);
}

TEST_CASE("each answer of a step has its end") {
  const auto end_with = [](Outcome<Performed> answer) {
    Product product(story().instance, {});
    Answering performer(product, std::move(answer));
    MemoryJournal journal;
    return walk_once(story().certified(), {}, performer, journal)->end;
  };
  CHECK(end_with(Performed::waits_for_people) == End::waiting);
  CHECK(end_with(fail(ErrorKind::unreachable, "silent")) == End::unreachable);
  CHECK(end_with(fail(ErrorKind::cancelled, "stopped")) == End::cancelled);
  CHECK(end_with(fail(ErrorKind::device, "rc 9")) == End::refused);
}

bool on_trial(const model::State& state) {
  return std::any_of(state.parts.begin(), state.parts.end(), [](const model::Part& p) { return p.trial; });
}

TEST_CASE("a walk stops between two steps when it is told to, and goes on from there") {
  Product product(story().instance, {});
  MemoryJournal journal;
  int asked = 0;
  const auto stopped = walk_once(story().certified(), {}, product, journal, [&] { return ++asked == 2; });
  REQUIRE(stopped);
  CHECK(stopped->end == End::cancelled);
  CHECK(stopped->step == 1);
  CHECK(product.state() == story().plan.after[0]);
  const auto resumed = walk_once(story().certified(), journal.last, product, journal);
  REQUIRE(resumed);
  CHECK(resumed->end == End::arrived);
}

TEST_CASE("a walk that is told to stop during a trial sees it through") {
  const CertifiedPlan plan = story().certified();
  std::size_t rest = 0;  // the first step after the first trial
  while (!on_trial(plan.before(rest))) ++rest;
  while (rest < plan.steps().size() && on_trial(plan.before(rest))) ++rest;
  REQUIRE(rest < plan.steps().size());

  Product product(story().instance, {});
  MemoryJournal journal;
  // Said while the first image is activated.
  const auto stopped = walk_once(plan, {}, product, journal, [&] { return plan.steps()[journal.last.step].act != model::Act::stage; });
  REQUIRE(stopped);
  CHECK(stopped->end == End::cancelled);
  CHECK(stopped->step == rest);
  CHECK(product.state() == plan.before(rest));
}

TEST_CASE("a journal about a longer plan is not trusted") {
  Product product(story().instance, {});
  MemoryJournal journal;
  const auto result = walk_once(story().certified(), {.step = 99}, product, journal);
  REQUIRE(result);
  CHECK(result->end == End::elsewhere);
  CHECK(product.state() == story().plan.start);
}

using Pursuit = std::optional<Outcome<WalkResult>>;

asio::awaitable<void> keep(Replan replan, WalkJournal& journal, Pursuit& result) {
  const CancelWanted never;
  auto outcome = co_await pursue(std::move(replan), journal, never);
  result = std::move(outcome);
}

std::shared_ptr<Performer> borrowed(Performer& performer) { return {std::shared_ptr<void>(), &performer}; }

// The outcome of a pursuit whose plans come from `replan`.
Outcome<WalkResult> pursue_once(Replan replan) {
  asio::io_context context;
  MemoryJournal journal;
  Pursuit result;
  asio::co_spawn(context, keep(std::move(replan), journal, result), asio::detached);
  context.run();
  REQUIRE(result);
  return *std::move(result);
}

TEST_CASE("a device that is elsewhere gets a new plan from where it is") {
  Product product(story().instance, {});
  int plans = 0;
  const Replan replan = [&]() -> asio::awaitable<Outcome<Course>> {
    ++plans;
    model::Problem problem = story().instance.problem();
    // The first plan begins where the device is said to be, and is not.
    problem.start = plans == 1 ? story().plan.after[1] : product.state();
    const auto answer = plan::make_plan(problem);
    co_return Course{*CertifiedPlan::make(std::make_shared<const model::Catalogue>(story().instance.catalogue), answer->plan),
                     borrowed(product), {}};
  };
  const auto result = pursue_once(replan);
  REQUIRE(result);
  CHECK(result->end == End::arrived);
  CHECK(plans == 2);
}

TEST_CASE("a device that is elsewhere each time is given up") {
  Product product(story().instance, {});
  const std::size_t component = first_on_device(story().instance);
  Disguise changed(product, [&](Sight& seen) { seen[component].foreign = "9.9.9 (aa00)"; });
  int plans = 0;
  const Replan replan = [&]() -> asio::awaitable<Outcome<Course>> {
    ++plans;
    co_return Course{story().certified(), borrowed(changed), {}};
  };
  const auto result = pursue_once(replan);
  REQUIRE(result);
  CHECK(result->end == End::elsewhere);
  CHECK(plans == 4);
  CHECK(changed.performed == 0);
}

TEST_CASE("when no plan can be made, the reason is the answer") {
  const Replan replan = []() -> asio::awaitable<Outcome<Course>> {
    co_return fail(ErrorKind::refused, "app 2.0.0 is held by QA");
  };
  const auto result = pursue_once(replan);
  REQUIRE_FALSE(result);
  CHECK(result.error().what == "app 2.0.0 is held by QA");
}

}  // namespace
}  // namespace lockstep::walk
