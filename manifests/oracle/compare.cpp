#include "manifests/oracle/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace lockstep::oracle {
namespace {

std::string text(const model::Cost& cost) {
  return fmt::format("{} irreversible, {} reboots, {} publications, {} bytes", cost.irreversible, cost.reboots, cost.publications, cost.bytes);
}

// Why the answer is not the oracle's; empty when it is.
std::string difference(const Instance& instance, const std::optional<Solution>& least, const std::optional<Solution>& answer) {
  if (!least && !answer) return {};
  if (!answer) return "a plan was not found that costs " + text(least->cost);
  if (answer->plan.start != instance.start || answer->plan.goal.versions != instance.goal.versions) return "the plan is for another problem";
  if (!is_good(instance.catalogue, answer->plan)) return "the plan is not good";
  if (!obeys(instance.problem(), answer->plan)) return "the plan does what is forbidden";
  if (!least) return "the oracle missed a good plan that costs " + text(answer->cost);
  if (answer->cost != cost(instance.catalogue, answer->plan)) return "the plan does not cost " + text(answer->cost);
  if (answer->cost != least->cost) return fmt::format("the plan costs {}; the least is {}", text(answer->cost), text(least->cost));
  return {};
}

template <class Number>
std::string spread(std::vector<Number> numbers) {
  if (numbers.empty()) return "none";
  std::sort(numbers.begin(), numbers.end());
  return fmt::format("median {}, 95 % {}, most {}", numbers[numbers.size() / 2], numbers[numbers.size() * 95 / 100], numbers.back());
}

}  // namespace

Comparison compare(const Planner& planner, int instances, const Shape& shape, std::uint64_t first_seed) {
  using Clock = std::chrono::steady_clock;
  Comparison out;
  std::vector<std::size_t> states, lengths;
  int acts[std::size(model::acts)] = {}, several = 0;
  std::chrono::duration<double> searching{}, planning{};
  for (int n = 0; n < instances; ++n) {
    const Instance instance = draw(first_seed + static_cast<std::uint64_t>(n), shape);
    const auto begin = Clock::now();
    const auto least = solve(instance.problem(), &states.emplace_back());
    const auto middle = Clock::now();
    const auto answer = planner(instance.problem());
    planning += Clock::now() - middle;
    searching += middle - begin;

    ++out.instances;
    const std::string wrong = difference(instance, least, answer);
    if (!wrong.empty() && out.differences++ == 0) out.first = wrong + '\n' + text(instance);
    if (!least) continue;
    ++out.solved;
    lengths.push_back(least->plan.steps.size());
    for (const model::Step& step : least->plan.steps) {
      ++acts[static_cast<std::size_t>(step.act)];
      several += step.targets.size() > 1;
    }
  }
  out.mix = fmt::format("{} instances, {} with a plan; states {}; steps {};", out.instances, out.solved, spread(states), spread(lengths));
  for (const model::Act act : model::acts) out.mix += fmt::format(" {} {}", acts[static_cast<std::size_t>(act)], model::text(act));
  out.mix += fmt::format("; {} of several components; search {:.1f} s, planner {:.1f} s", several, searching.count(), planning.count());
  return out;
}

}  // namespace lockstep::oracle
