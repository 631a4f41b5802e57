#include "manifests/explain/relax.hpp"

#include <algorithm>

namespace lockstep::explain {
namespace {

using namespace model;

class Relaxer {
 public:
  Relaxer(const Problem& problem, std::span<const Constraint> kept) : problem_(problem), kept_(kept) {}

  Relaxed run() {
    Relaxed out{.catalogue = {}, .problem = problem_};
    out.problem.bans.clear();
    out.problem.stuck.clear();
    auto catalogue = std::make_unique<Catalogue>();
    catalogue->product = problem_.catalogue->product;
    for (Index i = 0; i < std::ssize(problem_.catalogue->components); ++i) {
      catalogue->components.push_back(component(i, out.problem.start.parts[static_cast<std::size_t>(i)]));
    }
    for (std::size_t n = 0; n < problem_.bans.size(); ++n) {
      const Ban& ban = problem_.bans[n];
      if (keeps(What::ban, ban.component, ban.version, n)) out.problem.bans.push_back(ban);
    }
    for (std::size_t n = 0; n < problem_.stuck.size(); ++n) {
      const Target& stuck = problem_.stuck[n];
      if (keeps(What::stuck, stuck.component, stuck.version, n)) out.problem.stuck.push_back(stuck);
    }
    out.problem.catalogue = catalogue.get();
    out.catalogue = std::move(catalogue);
    return out;
  }

 private:
  bool keeps(What what, Index component, Index version = none, std::size_t number = 0) const {
    const Constraint wanted{.what = what, .component = component, .version = version, .number = number, .at = {}};
    return std::binary_search(kept_.begin(), kept_.end(), wanted);
  }

  Component component(Index i, Part& start) const {
    const Component& from = problem_.catalogue->components[static_cast<std::size_t>(i)];
    Component out{.name = from.name, .platform = from.platform, .kind = from.kind, .via = none, .reboots = from.reboots,
                  .versions = {}, .at = from.at, .declared = from.declared};
    if (keeps(What::via, i)) out.via = from.via;
    if (from.kind == Kind::ab_late && !keeps(What::late, i)) {
      out.kind = Kind::ab_trial;
      if (!start.trial) start.fallback = none;
    }
    const bool counts = keeps(What::counter, i);
    if (!counts) start.counter = 0;
    out.versions.reserve(from.versions.size());
    for (Index v = 0; v < std::ssize(from.versions); ++v) {
      out.versions.push_back(record(i, v, from.versions[static_cast<std::size_t>(v)]));
      if (!counts) out.versions.back().security_counter = 0;
    }
    return out;
  }

  Record record(Index i, Index v, const Record& from) const {
    Record out{.version = from.version};
    out.security_counter = from.security_counter;
    out.data = from.data;
    out.one_way = from.one_way;
    out.bytes = from.bytes;
    out.at = from.at;
    out.from_at = from.from_at;
    out.bare = from.bare;
    if (keeps(What::hardware, i, v)) out.hardware = from.hardware;
    else out.hardware.push_back({.board = problem_.board.board, .revisions = revision_});
    if (!keeps(What::data, i, v)) {
      out.data.reads_lowest = 0;
      out.data.reads_highest = release::Data{}.reads_highest;
    }
    if (from.from && keeps(What::from, i, v)) out.from = from.from;
    for (std::size_t n = 0; n < from.needs.size(); ++n) {
      if (keeps(What::need, i, v, n)) out.needs.push_back(from.needs[n]);
    }
    return out;
  }

  const Problem& problem_;
  std::span<const Constraint> kept_;
  version::Range revision_ = *version::Range::parse('=' + problem_.board.revision.text());
};

}  // namespace

Relaxed only(const Problem& problem, std::span<const Constraint> kept) { return Relaxer(problem, kept).run(); }

Relaxed without(const Problem& problem, std::span<const Constraint> dropped) {
  std::vector<Constraint> kept = constraints(problem);
  std::erase_if(kept, [&](const Constraint& c) { return std::find(dropped.begin(), dropped.end(), c) != dropped.end(); });
  return only(problem, kept);
}

}  // namespace lockstep::explain
