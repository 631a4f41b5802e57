#include "manifests/picture/layout.hpp"

#include <algorithm>

namespace lockstep::picture {
namespace {

// Short arrows are nearer to the boxes; an arrow takes the first lane in which it meets no other.
void choose_lanes(Layout& layout) {
  std::vector<Leap*> shortest_first;
  for (Leap& leap : layout.leaps) shortest_first.push_back(&leap);
  std::stable_sort(shortest_first.begin(), shortest_first.end(),
                   [](const Leap* a, const Leap* b) { return a->from - a->to < b->from - b->to; });
  std::vector<std::vector<const Leap*>> lanes;
  for (Leap* leap : shortest_first) {
    const auto meets = [&](const Leap* other) { return leap->to <= other->from && other->to <= leap->from; };
    std::size_t lane = 0;
    while (lane < lanes.size() && std::any_of(lanes[lane].begin(), lanes[lane].end(), meets)) ++lane;
    if (lane == lanes.size()) lanes.emplace_back();
    leap->lane = lane;
    lanes[lane].push_back(leap);
  }
  layout.lanes = lanes.size();
}

}  // namespace

const Leap* Layout::leap_of(std::size_t state, std::size_t row) const {
  const auto found = std::find_if(leaps.begin(), leaps.end(),
                                  [&](const Leap& l) { return l.from == state && l.row == row; });
  return found == leaps.end() ? nullptr : &*found;
}

Layout lay_out(const plan_file::Document& d) {
  Layout out;
  for (std::size_t s = 0; s <= d.steps.size(); ++s) {
    out.reverts.push_back(plan_file::reverts(d, s));
    for (std::size_t row = 0; row < out.reverts[s].size(); ++row) {
      const auto to = plan_file::same_state(d, out.reverts[s][row].state, s);
      if (to) out.leaps.push_back({.from = s, .row = row, .to = *to});
    }
  }
  choose_lanes(out);
  return out;
}

}  // namespace lockstep::picture
