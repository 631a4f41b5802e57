#include "manifests/explain/bridge.hpp"

#include <doctest/doctest.h>

#include "manifests/explain/sample.hpp"
#include "manifests/explain/widen.hpp"

namespace lockstep::explain {
namespace {

using model::Kind;
using plan::Verdict;
using sample::Lab;

// With it, planner and checker say yes.
void check_frees(const Relaxed& world) {
  const auto answer = plan::make_plan(world.problem);
  REQUIRE(answer);
  REQUIRE(answer->verdict == Verdict::found);
  const auto checked = check::check(*world.catalogue, answer->plan);
  if (!checked) FAIL_CHECK(check::text(*world.catalogue, answer->plan, checked.error()));
}

void check_frees(std::span<const model::Problem> problems, const Bridge& bridge) {
  for (const std::size_t n : bridge.frees) check_frees(with(problems[n], bridge));
}

bool frees_all(std::span<const model::Problem> problems, const Bridge& bridge) {
  return std::all_of(bridge.frees.begin(), bridge.frees.end(),
                     [&](std::size_t n) { return sample::verdict(with(problems[n], bridge).problem) == Verdict::found; });
}

// No promise is wider than it has to be.
void check_narrow(std::span<const model::Problem> problems, const Bridge& bridge) {
  for (std::size_t n = 0; n < bridge.works_with.size(); ++n) {
    if (bridge.works_with[n].width() == 1) continue;
    Bridge low = bridge, high = bridge;
    ++low.works_with[n].lowest;
    --high.works_with[n].highest;
    CHECK_FALSE(frees_all(problems, low));
    CHECK_FALSE(frees_all(problems, high));
  }
}

// Versions that others rely on from then on, and epochs.
std::size_t promised(const Bridge& b) {
  std::size_t out = b.reads_data ? b.highest_epoch - b.lowest_epoch + 1 : 0;
  for (const Promise& p : b.works_with) out += static_cast<std::size_t>(p.highest - p.lowest + 1);
  return b.from ? out + static_cast<std::size_t>(b.from->highest - b.from->lowest + 1) : out;
}

// The firmware wants the new app, the new app wants the new firmware, and nobody can change both at once.
Lab deadlock() {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.8.0 3.1.0 4.0.0").component("mobile-app", Kind::app, "5.0.0 6.0.0");
  lab.component("radio", Kind::ab_trial, "1.0.0 2.0.0");
  lab.needs("app 3.1.0", "mobile-app", ">=5.2.0").needs("app 4.0.0", "mobile-app", ">=5.2.0").needs("mobile-app 5.0.0", "app", "<=1.8.0");
  lab.needs("mobile-app 6.0.0", "app", ">=3.1.0");
  lab.goal("app 3.1.0").goal("radio 2.0.0");
  return lab;
}

}  // namespace

TEST_CASE("an app that bridges two generations is proposed, with the narrowest promise") {
  Lab lab = deadlock();
  const std::vector<model::Problem> problems{lab.problem()};
  const auto found = bridges(problems);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(text(lab.catalogue(), 1, (*found)[0]) == "a new mobile-app 5.2.0 that works with app 1.8.0 to 3.1.0 would free 1 of 1 devices");
  for (const Bridge& b : *found) {
    check_frees(problems, b);
    check_narrow(problems, b);
  }
}

TEST_CASE("a bridge says how many devices it frees, and the one that frees more comes first") {
  Lab lab = deadlock();
  std::vector<model::Problem> problems(3, lab.problem());
  problems[1].start.parts[0].active = 1;
  problems[2].start.parts[0].active = 2;  // has a bad start: mobile-app 5.0.0 does not know it
  const auto found = bridges(problems);
  REQUIRE(found);
  REQUIRE_FALSE(found->empty());
  CHECK((*found)[0].frees == std::vector<std::size_t>{0, 1});
  CHECK(text(lab.catalogue(), 3, (*found)[0]).find("would free 2 of 3 devices") != std::string::npos);
  for (const Bridge& b : *found) check_frees(problems, b);
}

TEST_CASE("of bridges that free equally many, the one that promises least comes first") {
  // A new mobile-app knows both apps; or a new app, as a stop, knows both mobile-apps. The app is the first component.
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", Kind::app, "5.0.0 6.0.0");
  lab.needs("app 1.0.0", "mobile-app", "<6").needs("app 2.0.0", "mobile-app", ">=5.2.0");
  lab.needs("mobile-app 5.0.0", "app", "<2").needs("mobile-app 6.0.0", "app", ">=1.5.0").goal("app 2.0.0");
  const std::vector<model::Problem> problems{lab.problem()};
  const auto found = bridges(problems);
  REQUIRE(found);
  Lines all;
  for (const Bridge& b : *found) {
    check_frees(problems, b);
    check_narrow(problems, b);
    all.push_back(text(lab.catalogue(), 1, b));
  }
  CHECK(sample::joined(all) ==
        "a new mobile-app 5.2.0 that works with app 1.0.0 to 2.0.0 would free 1 of 1 devices\n"
        "a new app 1.5.0 that works with mobile-app 5.0.0 to 6.0.0 and comes directly from 1.0.0 would free 1 of 1 devices\n");
  // Who asks for one gets that one.
  const auto one = bridges(problems, 1);
  REQUIRE(one);
  REQUIRE(one->size() == 1);
  CHECK(text(lab.catalogue(), 1, (*one)[0]) == all[0]);
}

TEST_CASE("no bridge is proposed when none helps, and none when none is needed") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").goal("app 2.0.0");
  CHECK(bridges(std::vector{lab.problem()})->empty());
  lab.ban("app 2.0.0");
  CHECK(bridges(std::vector{lab.problem()})->empty());
  CHECK(bridges({})->empty());
}

TEST_CASE("a stepping stone that is missing is a bridge, too") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").from("app 2.0.0", ">=1.5.0").goal("app 2.0.0");
  const std::vector<model::Problem> problems{lab.problem()};
  const auto found = bridges(problems);
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(text(lab.catalogue(), 1, (*found)[0]) == "a new app 1.5.0 that comes directly from 1.0.0 would free 1 of 1 devices");
  check_frees(problems, (*found)[0]);

  const auto wider = widenings(problems);
  REQUIRE(wider);
  REQUIRE(wider->size() == 1);
  CHECK(text(lab.problem(), 1, (*wider)[0]) ==
        "app 2.0.0 comes directly only from >=1.5.0: if it came directly from app 1.0.0, that would free 1 of 1 devices");
}

TEST_CASE("a range that takes one more version is the simpler way out") {
  Lab lab = deadlock();
  sample::number_lines(lab.catalogue());
  const std::vector<model::Problem> problems{lab.problem()};
  const auto found = widenings(problems);
  REQUIRE(found);
  Lines all;
  for (const Widening& w : *found) {
    all.push_back(text(problems[0], 1, w));
    check_frees(with(problems[0], w));
  }
  INFO(sample::joined(all));
  REQUIRE(all.size() == 2);
  CHECK(all[1] == "mobile-app 6.0.0 requires app >=3.1.0 (mobile-app.xml:6): if it took app 1.8.0, that would free 1 of 1 devices");
}

TEST_CASE("devices on several catalogues are refused") {
  Lab a = deadlock(), b = deadlock();
  const std::vector<model::Problem> problems{a.problem(), b.problem()};
  CHECK_FALSE(bridges(problems));
  CHECK_FALSE(widenings(problems));
}

TEST_CASE("random products: with each bridge, and each wider range, planner and checker succeed") {
  int asked = 0, bridged = 0, several = 0, widened = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const oracle::Instance instance = oracle::draw(seed);
    const std::vector<model::Problem> problems{instance.problem()};
    CAPTURE(seed);
    if (sample::verdict(problems[0]) != Verdict::none) continue;
    ++asked;
    const auto found = bridges(problems, 2);
    REQUIRE(found);
    for (const Bridge& b : *found) {
      CAPTURE(text(instance.catalogue, 1, b));
      check_frees(problems, b);
      check_narrow(problems, b);
    }
    const bool in_order = std::is_sorted(found->begin(), found->end(), [](const Bridge& a, const Bridge& b) { return promised(a) < promised(b); });
    CHECK(in_order);
    several += found->size() > 1 && promised((*found)[0]) != promised((*found)[1]);
    const auto wider = widenings(problems);
    REQUIRE(wider);
    for (const Widening& w : *wider) check_frees(with(problems[0], w));
    bridged += !found->empty();
    widened += !wider->empty();
  }
  MESSAGE("of " << asked << " without a plan, " << bridged << " have a bridge, " << several << " two of different width, " << widened << " a wider range");
  CHECK(bridged > 10);
}

}  // namespace lockstep::explain
