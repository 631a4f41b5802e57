#include "manifests/explain/horizon.hpp"

#include <algorithm>
#include <set>

namespace lockstep::explain {
namespace {

using namespace model;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

// The versions of a component that its counter and data let run, now or after others have run: needs put aside.
std::set<Index> can_run(const Component& c, std::uint32_t counter, std::uint32_t epoch) {
  std::set<Index> out;
  std::set<std::uint32_t> epochs{epoch};
  for (bool more = true; more;) {
    more = false;
    for (Index v = 0; v < std::ssize(c.versions); ++v) {
      const Record& r = c.versions[at(v)];
      const bool reads = std::any_of(epochs.begin(), epochs.end(), [&](std::uint32_t e) { return r.data.reads(e); });
      if (r.security_counter < counter || !reads || !out.insert(v).second) continue;
      more = true;
      if (r.data.writes) epochs.insert(*r.data.writes);
    }
  }
  return out;
}

class Doors {
 public:
  Doors(const Catalogue& catalogue, const Plan& plan) : catalogue_(catalogue), plan_(plan) {}

  std::vector<Door> run() {
    const State* before = &plan_.start;
    for (std::size_t n = 0; n < plan_.steps.size(); ++n) {
      for (const Target& t : plan_.steps[n].targets) {
        target(n, t, before->parts[at(t.component)], plan_.after[n].parts[at(t.component)]);
      }
      before = &plan_.after[n];
    }
    return std::move(out_);
  }

 private:
  void target(std::size_t n, const Target& t, const Part& before, const Part& after) {
    const Act act = plan_.steps[n].act;
    const auto door = [&](Door::Why why, std::vector<Target> closed) {
      out_.push_back({n + 1, why, t, std::move(closed), catalogue_.record(t.component, t.version).at});
    };
    if (act == Act::publish) door(Door::Why::published, {});
    if (act == Act::finalise && catalogue_.record(t.component, t.version).one_way) door(Door::Why::one_way, {});
    const Component& c = catalogue_.components[at(t.component)];
    if (!on_device(c.kind)) return;
    // First the counter, then the data with that counter.
    const std::set<Index> first = can_run(c, before.counter, before.epoch);
    const std::set<Index> then = can_run(c, after.counter, before.epoch);
    const std::set<Index> last = can_run(c, after.counter, after.epoch);
    if (auto lost = closed(t.component, first, then); !lost.empty()) door(Door::Why::counter, std::move(lost));
    if (auto lost = closed(t.component, then, last); !lost.empty()) door(Door::Why::data, std::move(lost));
  }

  static std::vector<Target> closed(Index i, const std::set<Index>& before, const std::set<Index>& after) {
    std::vector<Target> out;
    for (const Index v : before) {
      if (!after.contains(v)) out.push_back({i, v});
    }
    return out;
  }

  const Catalogue& catalogue_;
  const Plan& plan_;
  std::vector<Door> out_;
};

std::string reason(const Catalogue& catalogue, const Plan& plan, const Door& door) {
  const Part& part = plan.after[door.step - 1].parts[at(door.by.component)];
  Lines closed;
  for (const Target& t : door.closed) closed.push_back(catalogue.record(t.component, t.version).version.text());
  const std::string who = catalogue.components[at(door.by.component)].label() + ' ' + listed(closed);
  switch (door.why) {
    case Door::Why::counter: return fmt::format("{} can never run here again: the security counter is {} then", who, part.counter);
    case Door::Why::data: return fmt::format("{} can never run here again: the stored data are of epoch {} then", who, part.epoch);
    case Door::Why::published: return "those who have it keep it: it can be retired, not taken back";
    case Door::Why::one_way: return "nobody can go back: its maker says that it is one-way";
  }
  return {};
}

}  // namespace

std::vector<Door> what_cannot_be_undone(const Catalogue& catalogue, const Plan& plan) { return Doors(catalogue, plan).run(); }

std::string text(const Catalogue& catalogue, const Plan& plan, const Door& door) {
  const std::string out = fmt::format("after step {} ({}) {}", door.step, text(catalogue, plan.steps[door.step - 1]),
                                      reason(catalogue, plan, door));
  return door.at.line == 0 ? out : out + " (" + door.at.text() + ')';
}

}  // namespace lockstep::explain
