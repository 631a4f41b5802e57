// Plans of random products walked on the real device code (boot, swap, agent), with a fault at every step: the power goes at
// an operation on its flash, the device is reset (what is on trial goes back), or nobody listens.
#include "host/walk/node_world.hpp"
#include "manifests/oracle/compare.hpp"
#include "manifests/oracle/instance.hpp"

namespace lockstep::walk {
namespace {

using test::NodeProduct;
using test::NodeWorld;

// What MCUboot devices have: A/B components that are on trial until they are confirmed, here with many needs and stops.
oracle::Shape of_nodes() {
  return {.fewest_components = 2, .most_components = 3, .fewest_versions = 3, .most_versions = 4, .most_states = 300, .edge = 1.6,
          .stone = 0.4, .late = 0, .single = 0, .app = 0, .service = 0, .via = 0, .epochs = 0, .counters = 0, .other_board = 0,
          .ban = 0, .stuck = 0, .odd_start = 0, .hopeless = 0};
}

struct Tally {
  int products = 0, walks = 0, cuts = 0, resets = 0, silences = 0, reverts = 0;
  std::size_t steps = 0, moments = 0, bad = 0;
};

void walk_with(const NodeProduct& product, Tally& tally, auto fault) {
  NodeWorld world(product);
  fault(world);
  CHECK(text(world.pursue_to_the_end(6)) == "arrived");
  CHECK(world.runs_the_goal());
  CHECK(world.bad == 0);
  ++tally.walks;
  tally.moments += world.moments;
  tally.bad += world.bad;
  tally.reverts += world.reverts;
}

// One fault of each kind in the middle of each step, and a reset at its end.
void strike_everywhere(const NodeProduct& product, const std::vector<NodeWorld::Mark>& marks, const NodeWorld::Mark& end, Tally& tally) {
  for (std::size_t n = 0; n < marks.size(); ++n) {
    const NodeWorld::Mark& from = marks[n];
    const NodeWorld::Mark& to = n + 1 < marks.size() ? marks[n + 1] : end;
    CAPTURE(from.step);
    const std::uint32_t operations = to.operations - from.operations;
    for (const std::uint32_t part : {1u, 2u}) {
      if (operations < 2) continue;
      walk_with(product, tally, [&](NodeWorld& w) { w.device.power.power_on(from.operations + operations * part / 3 + 1); });
      ++tally.cuts;
    }
    const int messages = to.messages - from.messages;
    for (const int at : {from.messages + messages / 2, to.messages - 1}) {
      walk_with(product, tally, [&](NodeWorld& w) { w.reset_at = at; });
      ++tally.resets;
    }
    walk_with(product, tally, [&](NodeWorld& w) { w.silent_at = from.messages + messages / 2; });
    ++tally.silences;
  }
}

TEST_CASE("random products on the real device code: no fault at any step lets anything unsafe run, and every walk arrives") {
  Tally tally;
  const int wanted = std::max(1, oracle::affordable(4));  // lost answers are waited for: a second each
  for (std::uint64_t seed = 1; tally.products < wanted; ++seed) {
    const oracle::Instance instance = oracle::draw(8'000'000 + seed, of_nodes());
    const NodeProduct product(instance.catalogue, instance.start, instance.goal);
    const auto plan = product.plan_from(product.start);
    if (!plan || plan->steps().size() < 4) continue;
    CAPTURE(oracle::text(instance));
    ++tally.products;
    tally.steps += plan->steps().size();
    NodeWorld world(product);
    REQUIRE(world.pursue_to_the_end(1) == End::arrived);
    CHECK(world.runs_the_goal());
    CHECK(world.bad == 0);
    strike_everywhere(product, world.marks, {plan->steps().size(), world.messages, world.device.power.operations()}, tally);
  }
  MESSAGE(tally.products, " products, ", tally.steps, " steps, ", tally.walks, " walks with a fault: ", tally.cuts, " cuts, ", tally.resets,
          " resets, ", tally.silences, " silences, ", tally.reverts, " reverted; ", tally.moments, " moments, ", tally.bad, " unsafe");
  CHECK(tally.cuts > 3 * wanted);
  CHECK(tally.reverts > 0);
}

}  // namespace
}  // namespace lockstep::walk
