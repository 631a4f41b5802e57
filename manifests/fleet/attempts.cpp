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

// With more of them, asking beside them alone is no quicker.
constexpr std::size_t most_suspects = 20;

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

// What is asked beside few items is answered quickly, and what has no way beside few has none beside all.
Items Attempts::most_of(const Items& candidates, const Items& fixed) {
  Items out, suspects;  // of what is fixed or taken: what some candidate did not go with
  const auto clashes = [&](const Items& some) { return !suspects.empty() && !possible(joined(suspects, some)); };
  const auto add = [&](const auto& self, Items more) -> void {
    if (clashes(more)) std::erase_if(more, [&](const Item& one) { return clashes({one}); });
    if (more.empty()) return;
    if (possible(joined(joined(fixed, out), more))) {
      out = joined(std::move(out), more);
    } else if (more.size() > 1) {
      const auto middle = more.begin() + std::ssize(more) / 2;
      self(self, Items(more.begin(), middle));
      self(self, Items(middle, more.end()));
    } else if (possible(more)) {
      if (suspects.size() > most_suspects) suspects.clear();
      suspects = joined(std::move(suspects), smallest_conflict(more, joined(fixed, out)));
    }
  };
  add(add, candidates);
  return out;
}

// Most conflicts are with software and a few of the devices: the shortest beginning that has one is looked at alone.
Items Attempts::smallest_conflict(const Items& fixed, Items items) {
  const auto is_possible = [this](const Items& some) { return possible(some); };
  std::stable_partition(items.begin(), items.end(), [](const Item& item) { return !has_walker(item); });
  for (std::ptrdiff_t n = 1; n < std::ssize(items); n *= 2) {
    const Items beginning(items.begin(), items.begin() + n);
    if (!possible(joined(fixed, beginning))) return model::smallest_conflict(fixed, beginning, is_possible);
  }
  return model::smallest_conflict(fixed, items, is_possible);
}

}  // namespace lockstep::fleet
