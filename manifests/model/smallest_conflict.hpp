// A smallest part of some things that does not go together: each of them is needed for that.
//
// QuickXplain (U. Junker, "QuickXplain: Preferred explanations and relaxations for over-constrained problems", AAAI 2004):
// some k log(n/k) questions for k of n things.
#pragma once

#include <iterator>
#include <vector>

namespace lockstep::model {

template <class T>
std::vector<T> joined(std::vector<T> a, const std::vector<T>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// `items` are not possible beside `fixed`, all of them together; `fixed` alone is. `possible` says of a list whether it is.
template <class T, class Possible>
std::vector<T> smallest_conflict(const std::vector<T>& fixed, const std::vector<T>& items, const Possible& possible,
                                 bool fixed_grew = false) {
  if (fixed_grew && !possible(fixed)) return {};
  if (items.size() <= 1) return items;
  const auto middle = items.begin() + std::ssize(items) / 2;
  const std::vector<T> first(items.begin(), middle), second(middle, items.end());
  const auto of_second = smallest_conflict(joined(fixed, first), second, possible, true);
  return joined(smallest_conflict(joined(fixed, of_second), first, possible, !of_second.empty()), of_second);
}

}  // namespace lockstep::model
