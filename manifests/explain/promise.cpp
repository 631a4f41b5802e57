#include "manifests/explain/promise.hpp"

#include <algorithm>

#include "manifests/model/passage.hpp"

namespace lockstep::explain {
namespace {

using namespace model;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

Index moved(const Bridge& bridge, Index version) { return version >= bridge.before ? version + 1 : version; }
Index moved_back(const Bridge& bridge, Index version) { return version > bridge.before ? version - 1 : version; }

version::Range exactly(const version::Version& v) { return *version::Range::parse('=' + v.text()); }

// The versions of a promise, each by its name: prereleases between them are meant, too.
version::Range range(const Component& component, Index lowest, Index highest) {
  const auto version = [&](Index v) { return component.versions[at(v)].version.text(); };
  if (lowest == highest) return exactly(component.versions[at(lowest)].version);
  const version::Range whole = *version::Range::parse(version(lowest) + " - " + version(highest));
  std::string all;
  for (Index v = lowest; v <= highest; ++v) {
    if (!whole.contains(component.versions[at(v)].version)) all += " || " + version(v);
  }
  return all.empty() ? whole : *version::Range::parse(whole.text() + all);
}

Record record(const Problem& problem, const Bridge& bridge) {
  const Component& mine = problem.catalogue->components[at(bridge.component)];
  Record out{.version = bridge.version};
  out.bytes = mine.versions[at(bridge.before - 1)].bytes;
  out.security_counter = bridge.security_counter;
  for (const Promise& p : bridge.works_with) {
    const Component& other = problem.catalogue->components[at(p.component)];
    out.needs.push_back({.component = p.component, .range = range(other, p.lowest, p.highest), .at = {}});
  }
  if (bridge.from) out.from = release::From{.range = range(mine, bridge.from->lowest, bridge.from->highest)};
  if (bridge.reads_data) {
    out.data.reads_lowest = bridge.lowest_epoch;
    out.data.reads_highest = bridge.highest_epoch;
  }
  for (const Board& b : bridge.boards) out.hardware.push_back({.board = b.board, .revisions = exactly(b.revision)});
  return out;
}

// Another problem on the catalogue that has the bridge.
Problem moved(const Problem& problem, const Catalogue& catalogue, const Bridge& bridge) {
  Problem out = problem;
  out.catalogue = &catalogue;
  Part& p = out.start.parts[at(bridge.component)];
  for (Index* v : {&p.active, &p.fallback, &p.staged}) *v = moved(bridge, *v);
  for (Index& v : p.alive) v = moved(bridge, v);
  Index& goal = out.goal.versions[at(bridge.component)];
  goal = moved(bridge, goal);
  for (Ban& b : out.bans) {
    if (b.component == bridge.component) b.version = moved(bridge, b.version);
  }
  for (Target& t : out.stuck) {
    if (t.component == bridge.component) t.version = moved(bridge, t.version);
  }
  return out;
}

Catalogue catalogue_with(const Problem& problem, const Bridge& bridge) {
  Catalogue out = *problem.catalogue;
  auto& versions = out.components[at(bridge.component)].versions;
  versions.insert(versions.begin() + bridge.before, record(problem, bridge));
  return out;
}

void widen(std::optional<Promise>& promise, Index component, Index version) {
  if (!promise) promise = Promise{component, version, version};
  promise->lowest = std::min(promise->lowest, version);
  promise->highest = std::max(promise->highest, version);
}

// Collects what is beside a bridge while it runs, in one plan or several.
class Company {
 public:
  explicit Company(const Bridge& bridge) : bridge_(bridge) {}

  void meet(const Catalogue& catalogue, const Plan& plan) {
    together_.resize(catalogue.components.size());
    const State* now = &plan.start;
    for (std::size_t n = 0; n < plan.steps.size(); ++n) {
      const auto passage = take_step(catalogue, *now, plan.steps[n]);
      if (!passage) return;
      for (const State& moment : passage->moments) look(catalogue, moment);
      if (passage->written == Target{bridge_.component, bridge_.before}) {
        const Index active = now->parts[at(bridge_.component)].active;
        if (active >= 0 && active != bridge_.before) widen(from_, bridge_.component, moved_back(bridge_, active));
      }
      now = &plan.after[n];
    }
  }

  void tell(const Catalogue& catalogue, Bridge& bridge) const {
    bridge.works_with.clear();
    for (Index j = 0; j < std::ssize(together_); ++j) {
      if (together_[at(j)] && related(catalogue, j)) bridge.works_with.push_back(*together_[at(j)]);
    }
    const Component& mine = catalogue.components[at(bridge.component)];
    if (!on_device(mine.kind)) return;
    bridge.from = from_;
    const auto changes = [](const Record& r) { return r.data.writes.has_value(); };
    bridge.reads_data = epochs_ && std::any_of(mine.versions.begin(), mine.versions.end(), changes);
    if (!bridge.reads_data) return;
    bridge.lowest_epoch = epochs_->first;
    bridge.highest_epoch = epochs_->second;
  }

 private:
  void look(const Catalogue& catalogue, const State& moment) {
    const std::vector<Index> mine = may_be(catalogue, moment, bridge_.component);
    if (std::find(mine.begin(), mine.end(), bridge_.before) == mine.end()) return;
    for (Index j = 0; j < std::ssize(moment.parts); ++j) {
      if (j == bridge_.component) continue;
      for (const Index v : may_be(catalogue, moment, j)) widen(together_[at(j)], j, v);
    }
    const std::uint32_t epoch = moment.parts[at(bridge_.component)].epoch;
    if (!epochs_) epochs_ = std::pair(epoch, epoch);
    epochs_ = std::pair(std::min(epochs_->first, epoch), std::max(epochs_->second, epoch));
  }

  // Whether one of the two says anything about the other.
  bool related(const Catalogue& catalogue, Index j) const {
    const auto says = [&](Index who, Index about) {
      const auto& versions = catalogue.components[at(who)].versions;
      return std::any_of(versions.begin(), versions.end(), [&](const Record& r) {
        return std::any_of(r.needs.begin(), r.needs.end(), [&](const Need& n) { return n.component == about; });
      });
    };
    return says(bridge_.component, j) || says(j, bridge_.component);
  }

  const Bridge& bridge_;
  std::vector<std::optional<Promise>> together_;
  std::optional<Promise> from_;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> epochs_;
};

// Whether all problems that it frees are free with these promises.
Outcome<bool> frees_all(std::span<const Problem> problems, const Bridge& bridge, const Effort& effort) {
  const Catalogue catalogue = catalogue_with(problems[0], bridge);
  LOCKSTEP_TRY(relations, plan::Relations::make(catalogue));
  for (const std::size_t n : bridge.frees) {
    LOCKSTEP_TRY(answer, plan::make_plan(relations, moved(problems[n], catalogue, bridge),
                                         {.limits = effort.limits, .weigh_bytes = false}));
    if (answer.verdict != plan::Verdict::found) return false;
  }
  return true;
}

// Keeps a change of the bridge when it still frees all.
template <class Change>
Outcome<bool> still_good(std::span<const Problem> problems, Bridge& bridge, const Effort& effort, Change change) {
  Bridge changed = bridge;
  change(changed);
  LOCKSTEP_TRY(yes, frees_all(problems, changed, effort));
  if (yes) bridge = std::move(changed);
  return yes;
}

// Raises the lower and lowers the upper end of one promise.
template <class Get>
Outcome<bool> narrow_one(std::span<const Problem> problems, Bridge& bridge, const Effort& effort, Get get) {
  bool any = false;
  for (const bool low : {true, false}) {
    while (get(bridge).lowest < get(bridge).highest) {
      LOCKSTEP_TRY(yes, still_good(problems, bridge, effort, [&](Bridge& b) { low ? ++get(b).lowest : --get(b).highest; }));
      if (!yes) break;
      any = true;
    }
  }
  return any;
}

}  // namespace

Relaxed with(const Problem& problem, const Bridge& bridge) {
  auto catalogue = std::make_unique<const Catalogue>(catalogue_with(problem, bridge));
  Problem changed = moved(problem, *catalogue, bridge);
  return {std::move(catalogue), std::move(changed)};
}

Outcome<Bridge> promising(std::span<const Problem> problems, const std::vector<std::size_t>& stuck, const Bridge& candidate,
                          const Effort& effort) {
  Bridge out = candidate;
  for (const std::size_t n : stuck) {
    const Board& board = problems[n].board;
    const auto same = [&](const Board& b) { return b.board == board.board && b.revision == board.revision; };
    if (std::none_of(out.boards.begin(), out.boards.end(), same)) out.boards.push_back(board);
  }
  const Catalogue catalogue = catalogue_with(problems[0], out);
  LOCKSTEP_TRY(relations, plan::Relations::make(catalogue));
  Company company(candidate);
  for (const std::size_t n : stuck) {
    LOCKSTEP_TRY(answer, plan::make_plan(relations, moved(problems[n], catalogue, out), {.limits = effort.limits}));
    if (answer.verdict != plan::Verdict::found) continue;
    out.frees.push_back(n);
    company.meet(catalogue, answer.plan);
  }
  if (!out.frees.empty()) company.tell(catalogue, out);
  return out;
}

Outcome<> narrow(std::span<const Problem> problems, Bridge& bridge, const Effort& effort) {
  for (bool again = true; again;) {
    again = false;
    for (std::size_t n = 0; n < bridge.works_with.size(); ++n) {
      LOCKSTEP_TRY(any, narrow_one(problems, bridge, effort, [n](Bridge& b) -> Promise& { return b.works_with[n]; }));
      again = again || any;
    }
    if (!bridge.from) continue;
    LOCKSTEP_TRY(any, narrow_one(problems, bridge, effort, [](Bridge& b) -> Promise& { return *b.from; }));
    again = again || any;
  }
  return {};
}

}  // namespace lockstep::explain
