#include "manifests/fleet/attempts.hpp"

#include <algorithm>
#include <iterator>

#include "manifests/model/smallest_conflict.hpp"

namespace lockstep::fleet {

using model::joined;
using model::none;
using plan::Verdict;

namespace {

bool same(const Item& a, const Item& b) {
  return a.what == b.what && a.device == b.device && a.has_device == b.has_device && a.version == b.version;
}

bool has_walker(const Item& item) { return item.what == Item::What::goes || item.what == Item::What::stands; }

}  // namespace

Items missing(const Items& all, const Items& some) {
  Items out;
  const auto is_missing = [&](const Item& item) {
    return std::none_of(some.begin(), some.end(), [&](const Item& other) { return same(item, other); });
  };
  std::copy_if(all.begin(), all.end(), std::back_inserter(out), is_missing);
  return out;
}

bool Attempts::in_use(const model::Target& version) const {
  const auto& alive = fleet_.alive[plan::at(version.component)];
  return std::find(alive.begin(), alive.end(), version.version) != alive.end();
}

Question Attempts::question(const Items& items) const {
  Question q{.relations = &relations_, .walkers = {}, .alive = fleet_.alive, .goal = {}, .stuck = {}, .kept = kept_.views, .limits = limits_};
  q.goal.versions.assign(relations_.catalogue().components.size(), none);
  for (const Item& item : items) {
    if (has_walker(item)) q.walkers.push_back({&fleet_.devices[item.device], item.what == Item::What::goes});
    if (item.what == Item::What::stays && in_use(item.version)) q.stuck.push_back(item.version);
    if (item.what == Item::What::comes) q.goal.versions[plan::at(item.version.component)] = item.version.version;
  }
  return q;
}

Way Attempts::ask(const Items& items) {
  Way way = find_way(question(items));
  std::vector<std::size_t> devices;
  for (const Item& item : items)
    if (has_walker(item)) devices.push_back(item.device);
  for (Turn& turn : way.turns) {
    for (Move& m : turn.moves) m.device = devices[m.device];
  }
  if (way.verdict == Verdict::gave_up || (way.verdict == Verdict::none && !kept_.all)) sure_ = false;
  return way;
}

Items Attempts::most_of(const Items& candidates, const Items& fixed) {
  Items out;
  const auto add = [&](const auto& self, auto first, auto last) -> void {
    if (first == last) return;
    const Items more(first, last);
    if (possible(joined(joined(fixed, out), more))) {
      out = joined(std::move(out), more);
    } else if (last - first > 1) {
      const auto middle = first + (last - first) / 2;
      self(self, first, middle);
      self(self, middle, last);
    }
  };
  add(add, candidates.begin(), candidates.end());
  return out;
}

Items Attempts::smallest_conflict(const Items& fixed, const Items& items) {
  return model::smallest_conflict(fixed, items, [this](const Items& some) { return possible(some); });
}

}  // namespace lockstep::fleet
