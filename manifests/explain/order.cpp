#include "manifests/explain/order.hpp"

#include <algorithm>
#include <set>

#include "manifests/model/passage.hpp"

namespace lockstep::explain {
namespace {

using namespace model;

// The step of a leg that people care about: where versions change.
const Step& head(const Plan& plan, const Leg& leg) {
  for (std::size_t n = leg.first; n < leg.first + leg.count; ++n) {
    const Act act = plan.steps[n].act;
    if (act == Act::activate || act == Act::publish || act == Act::roll || act == Act::finalise) return plan.steps[n];
  }
  return plan.steps[leg.first];
}

std::vector<Index> components(const Step& step) {
  std::set<Index> out;
  for (const Target& t : step.targets) out.insert(t.component);
  return {out.begin(), out.end()};
}

// Whether a step goes on with what was begun, and does not begin the next update of the same component.
bool goes_on(const Plan& plan, std::size_t n) { return plan.steps[n].act != Act::stage || plan.steps[n - 1].act == Act::stage; }

bool only_stages(const Plan& plan, const Leg& leg) {
  const auto begin = plan.steps.begin() + static_cast<std::ptrdiff_t>(leg.first);
  return std::all_of(begin, begin + static_cast<std::ptrdiff_t>(leg.count), [](const Step& s) { return s.act == Act::stage; });
}
bool within(const std::vector<Index>& a, const std::vector<Index>& b) { return std::includes(b.begin(), b.end(), a.begin(), a.end()); }

std::vector<Step> swapped(const Plan& plan, const Leg& early, const Leg& late) {
  std::vector<Step> out = plan.steps;
  const auto begin = out.begin() + static_cast<std::ptrdiff_t>(early.first);
  std::rotate(begin, begin + static_cast<std::ptrdiff_t>(early.count), begin + static_cast<std::ptrdiff_t>(early.count + late.count));
  return out;
}

}  // namespace

std::vector<Leg> legs(const Plan& plan) {
  std::vector<Leg> out;
  for (std::size_t n = 0; n < plan.steps.size(); ++n) {
    Leg leg{n, 1, components(plan.steps[n])};
    if (!out.empty() && out.back().components == leg.components && goes_on(plan, n)) {
      ++out.back().count;
      continue;
    }
    // What is activated together was staged for it one by one.
    while (!out.empty() && only_stages(plan, out.back()) && within(out.back().components, leg.components)) {
      leg.first = out.back().first;
      leg.count += out.back().count;
      out.pop_back();
    }
    out.push_back(std::move(leg));
  }
  return out;
}

std::vector<Swap> why_order(const Catalogue& catalogue, const Plan& plan) {
  std::vector<Swap> out;
  const std::vector<Leg> all = legs(plan);
  for (std::size_t n = 1; n < all.size(); ++n) {
    const Leg& early = all[n - 1];
    const Leg& late = all[n];
    std::vector<Index> both;
    std::set_intersection(early.components.begin(), early.components.end(), late.components.begin(), late.components.end(),
                          std::back_inserter(both));
    if (!both.empty()) continue;  // a component's own steps have one order only
    auto other = with_steps(catalogue, plan, swapped(plan, early, late));
    if (!other) continue;
    Swap swap{early, late, std::move(*other), std::nullopt};
    if (const auto good = check::check(catalogue, swap.swapped); !good) swap.failure = good.error();
    out.push_back(std::move(swap));
  }
  return out;
}

std::string text(const Catalogue& catalogue, const Swap& swap) {
  // In the swapped plan the late leg comes first.
  const std::string late = text(catalogue, head(swap.swapped, {swap.early.first, swap.late.count, {}}));
  const std::string early = text(catalogue, head(swap.swapped, {swap.early.first + swap.late.count, swap.early.count, {}}));
  if (!swap.failure) return fmt::format("{} and {}: either order is safe", early, late);
  const check::Failure& f = *swap.failure;
  const std::string when = f.step == 0 ? "at the start" : (f.middle ? "while " : "after ") + text(catalogue, swap.swapped.steps[f.step - 1]);
  return fmt::format("{} before {}: otherwise {}, {}", early, late, when, check::text(catalogue, swap.swapped.board, f.violation));
}

}  // namespace lockstep::explain
