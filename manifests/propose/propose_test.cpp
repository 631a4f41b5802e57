#include "manifests/propose/propose.hpp"

#include <doctest/doctest.h>

#include "manifests/plan_file/sample.hpp"

namespace lockstep::propose {
namespace {

using plan_file::sample::releases;
using plan_file::sample::report;

Proposal propose(const model::Report& device, const Options& options = {}) {
  const auto all = releases();
  const auto planner = Planner::make(all, std::span(&device, 1));
  REQUIRE_MESSAGE(planner, planner.error().what);
  auto proposal = planner->propose(device, all[1], options);
  REQUIRE_MESSAGE(proposal, proposal.error().what);
  return *std::move(proposal);
}

TEST_CASE("a device gets a certified plan, with finalise steps only when they are asked for") {
  const Proposal plain = propose(report());
  REQUIRE(plain.verdict == plan::Verdict::found);
  CHECK(plain.least);
  CHECK(plain.document->device == "board-3");
  CHECK(plain.document->cost.irreversible == 0);
  CHECK(propose(report(), {.limits = {}, .finalise = true}).document->cost.irreversible == 2);
}

TEST_CASE("a device that nothing leads from is told why") {
  model::Report other = report();
  other.device.board = "node-m9";
  const Proposal proposal = propose(other);
  CHECK(proposal.verdict == plan::Verdict::none);
  CHECK(!proposal.document);
  REQUIRE(!proposal.reasons.empty());
  CHECK(proposal.reasons[0].find("node-m9") != std::string::npos);
}

TEST_CASE("when no rule of the release alone forbids it, the smallest reason is found, not what an order of steps would mend") {
  std::vector<release::Release> all = releases();
  const std::string stone = plan_file::sample::xml("3.0.0", plan_file::sample::firmware("app", "3.0.0", "90000", 'a', "<from range=\"^2.5.0\"/>"));
  all.push_back(*release::parse(stone, "3.0.0.xml"));
  const model::Report device = report();
  const auto planner = Planner::make(all, std::span(&device, 1));
  REQUIRE(planner);
  const auto proposal = planner->propose(device, all.back(), {});
  REQUIRE(proposal);
  CHECK(proposal->verdict == plan::Verdict::none);
  REQUIRE(proposal->reasons.size() == 1);
  CHECK(proposal->reasons[0].starts_with("app 3.0.0 comes directly only from ^2.5.0 (3.0.0.xml:"));
  // Of many groups it is not searched for.
  const Rehearsal rehearsal = planner->rehearse(std::span(&device, 1), all.back(), {});
  CHECK(rehearsal.groups.at(0).proposal->reasons.at(0).starts_with("taken alone: "));
}

TEST_CASE("a device that is not safe already is told what is wrong, and what would mend it") {
  model::Report mixed = report();
  const auto v = [](std::string_view text) { return *version::parse(text); };
  mixed.device.components = {{.component = "app", .version = v("2.0.0"), .security_counter = 2},
                             {.component = "bootloader", .version = v("1.1.0")}};
  mixed.in_use = {{.component = "backend", .version = v("2.0.0")},
                  {.component = "mobile-app", .version = v("1.0.0")},
                  {.component = "mobile-app", .version = v("2.0.0")}};
  const Proposal proposal = propose(mixed);
  CHECK(proposal.verdict == plan::Verdict::none);
  REQUIRE(proposal.reasons.size() == 3);
  CHECK(proposal.reasons[0].starts_with("already now: app 2.0.0 requires mobile-app >=2.0.0, but mobile-app 1.0.0 is in use (2.0.0.xml:"));
  CHECK(proposal.reasons[1].starts_with("already now: mobile-app 1.0.0 requires app <2.0.0, but app 2.0.0 is active (1.0.0.xml:"));
  CHECK(proposal.reasons[2].ends_with("do it by hand, and ask again: retire mobile-app 1.0.0"));
}

TEST_CASE("a search that was stopped promises nothing") {
  const Proposal proposal = propose(report(), {.limits = {.expansions = 0}});
  CHECK(proposal.verdict == plan::Verdict::gave_up);
  CHECK(proposal.reasons.empty());
}

TEST_CASE("devices that say the same are planned once, and one that does not say enough stands alone") {
  const auto all = releases();
  std::vector<model::Report> fleet(5, report());
  for (std::size_t i = 0; i < fleet.size(); ++i) fleet[i].device.name = "board-" + std::to_string(i);
  fleet[1].device.components[1].version = *version::parse("1.1.0");
  fleet[3].device.board.clear();
  const auto planner = Planner::make(all, fleet);
  REQUIRE(planner);
  const Rehearsal rehearsal = planner->rehearse(fleet, all[1], {});
  const std::vector<Group>& groups = rehearsal.groups;
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].reports == std::vector<std::size_t>{0, 2, 4});
  CHECK(groups[1].reports == std::vector<std::size_t>{1});
  CHECK((*groups[1].proposal).document->steps.size() == (*groups[0].proposal).document->steps.size() - 1);
  REQUIRE(!groups[2].proposal);
  CHECK(groups[2].proposal.error().what == "the board of board-3 is not known; say which one it is");

  CHECK(rehearsal.ready + rehearsal.there == 4);
  CHECK(rehearsal.blocked == 1);
  const model::Cost one = groups[0].proposal->document->cost, other = groups[1].proposal->document->cost;
  CHECK(rehearsal.cost.reboots == 3 * one.reboots + other.reboots);
  CHECK(rehearsal.cost.bytes == 3 * one.bytes + other.bytes);
  CHECK(rehearsal.cost.publications == std::max(one.publications, other.publications));  // not once for each device
}

}  // namespace
}  // namespace lockstep::propose
