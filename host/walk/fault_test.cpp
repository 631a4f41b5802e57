// Plans of random products are executed with a fault at every step; then the walk goes on until it arrives.
#include <doctest/doctest.h>

#include "host/walk/product.hpp"
#include "manifests/oracle/compare.hpp"
#include "manifests/plan/plan.hpp"

namespace lockstep::walk {
namespace {

using test::Fault;
using test::MemoryJournal;
using test::Product;
using test::Trouble;

struct Tally {
  std::size_t plans = 0, steps = 0, walks = 0, moments = 0, bad = 0, faults = 0, reverts = 0, arrived = 0, without_a_way = 0;
};

std::optional<CertifiedPlan> plan_from(const oracle::Instance& instance, const model::State& start) {
  model::Problem problem = instance.problem();
  problem.start = start;
  const auto answer = plan::make_plan(problem);
  if (!answer || answer->verdict != plan::Verdict::found) return {};
  auto plan = CertifiedPlan::make(std::make_shared<const model::Catalogue>(instance.catalogue), answer->plan);
  REQUIRE_MESSAGE(plan, plan.error().what);
  return *std::move(plan);
}

// Walks on, with new plans where the old one is no use any more, as a patient owner would.
bool arrives(const oracle::Instance& instance, CertifiedPlan plan, Product& product, Tally& tally) {
  MemoryJournal journal;
  for (int life = 0; life < 6; ++life) {
    const auto result = walk_once(plan, journal.last, product, journal);
    if (!result) continue;  // killed: the next life goes on from the journal
    if (result->end == End::arrived) return true;
    if (result->end == End::reverted) ++tally.reverts;
    const bool same_plan = result->end == End::refused || result->end == End::unreachable;
    if (same_plan) continue;
    auto next = plan_from(instance, product.state());
    if (!next) return ++tally.without_a_way, false;
    plan = *std::move(next);
    journal = {};
  }
  return false;
}

void run(const oracle::Instance& instance, const CertifiedPlan& plan, Fault fault, Tally& tally) {
  Product product(instance, fault);
  const bool arrived = arrives(instance, plan, product, tally);
  const bool struck = product.struck() || fault.trouble == Trouble::none;
  CHECK_MESSAGE(struck, "the fault at step ", fault.step, " never came");
  CHECK_MESSAGE(product.bad_moments == 0, "seed ", instance.seed, ", step ", fault.step, ", trouble ",
                static_cast<int>(fault.trouble), "\n", oracle::text(instance));
  ++tally.walks;
  tally.arrived += arrived ? 1 : 0;
  tally.moments += product.all_moments;
  tally.bad += product.bad_moments;
  tally.faults += product.struck() ? 1 : 0;
}

TEST_CASE("no fault at any step of a plan leads to a state that is not safe, and every walk arrives in the end") {
  Tally tally;
  const int instances = oracle::affordable(1200);
  for (int i = 0; i < instances; ++i) {
    const oracle::Instance instance = oracle::draw(7'000'000 + static_cast<std::uint64_t>(i));
    const auto plan = plan_from(instance, instance.start);
    if (!plan || plan->steps().empty()) continue;
    ++tally.plans;
    tally.steps += plan->steps().size();
    run(instance, *plan, {}, tally);
    for (std::size_t step = 0; step < plan->steps().size(); ++step) {
      for (const Trouble trouble : {Trouble::refusal, Trouble::lost_answer, Trouble::revert, Trouble::killed_host})
        run(instance, *plan, {trouble, step, 0}, tally);
      for (std::size_t writes = 0; writes < 3; ++writes) run(instance, *plan, {Trouble::cut, step, writes}, tally);
    }
  }
  MESSAGE(tally.plans, " plans of ", tally.steps, " steps, ", tally.walks, " walks with ", tally.faults, " faults, ",
          tally.reverts, " reverted; ", tally.moments, " moments, ", tally.bad, " unsafe; ", tally.arrived, " arrived, ",
          tally.without_a_way, " had no way on");
  CHECK(tally.plans > static_cast<std::size_t>(instances) / 4);
  CHECK(tally.bad == 0);
  CHECK(tally.reverts > 0);
  CHECK(tally.arrived == tally.walks);
}

}  // namespace
}  // namespace lockstep::walk
