#include "manifests/explain/widen.hpp"

#include <algorithm>
#include <set>

namespace lockstep::explain {
namespace {

using namespace model;

// The component that the constraint is about, and its range.
Index about(const Catalogue& catalogue, const Constraint& c) {
  return c.what == What::from ? c.component : catalogue.record(c.component, c.version).needs[c.number].component;
}
version::Range& range(Record& record, const Constraint& c) {
  return c.what == What::from ? record.from->range : record.needs[c.number].range;
}

Catalogue widened(const Catalogue& catalogue, const Widening& w) {
  Catalogue out = catalogue;
  Component& component = out.components[static_cast<std::size_t>(w.constraint.component)];
  Record& r = component.versions[static_cast<std::size_t>(w.constraint.version)];
  version::Range& old = range(r, w.constraint);
  const version::Version& added = catalogue.record(w.added.component, w.added.version).version;
  // A range that gets too long stays as it is, and frees nobody.
  if (const auto wider = version::Range::parse(old.text() + " || " + added.text())) old = *wider;
  return out;
}

}  // namespace

Relaxed with(const Problem& problem, const Widening& widening) {
  auto catalogue = std::make_unique<const Catalogue>(widened(*problem.catalogue, widening));
  Problem changed = problem;
  changed.catalogue = catalogue.get();
  return {std::move(catalogue), std::move(changed)};
}

Outcome<std::vector<Widening>> widenings(std::span<const Problem> problems, const Effort& effort) {
  std::vector<Widening> out;
  if (problems.empty()) return out;
  const Catalogue& catalogue = *problems[0].catalogue;
  std::set<Constraint> enough;
  std::vector<std::size_t> stuck;
  for (const Problem& p : problems) {
    if (p.catalogue != &catalogue) return fail(ErrorKind::invalid, "the devices are not on one catalogue");
    LOCKSTEP_TRY(why, why_impossible(p, effort));
    if (why.how == Impossible::How::impossible) stuck.push_back(static_cast<std::size_t>(&p - problems.data()));
    for (const Cause& cause : why.causes) {
      const What what = cause.constraint.what;
      if (cause.enough && (what == What::need || what == What::from)) enough.insert(cause.constraint);
    }
  }
  for (const Constraint& c : enough) {
    const Index other = about(catalogue, c);
    Record record = catalogue.record(c.component, c.version);
    for (Index v = 0; v < std::ssize(catalogue.components[static_cast<std::size_t>(other)].versions); ++v) {
      if (range(record, c).contains(catalogue.record(other, v).version)) continue;
      Widening w{c, {other, v}, {}};
      const Catalogue wider = widened(catalogue, w);
      LOCKSTEP_TRY(relations, plan::Relations::make(wider));
      for (const std::size_t n : stuck) {
        Problem changed = problems[n];
        changed.catalogue = &wider;
        LOCKSTEP_TRY(answer, plan::make_plan(relations, changed, {.limits = effort.limits, .weigh_bytes = false}));
        if (answer.verdict == plan::Verdict::found) w.frees.push_back(n);
      }
      if (!w.frees.empty()) out.push_back(std::move(w));
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Widening& a, const Widening& b) { return a.frees.size() > b.frees.size(); });
  return out;
}

std::string text(const Problem& problem, std::size_t of_problems, const Widening& w) {
  const bool from = w.constraint.what == What::from;
  return fmt::format("{}: if it {} {}, that would free {} of {} devices", text(problem, w.constraint), from ? "came directly from" : "took",
                     problem.catalogue->name(w.added.component, w.added.version), w.frees.size(), of_problems);
}

}  // namespace lockstep::explain
