#include "manifests/explain/constraint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "manifests/explain/lines.hpp"
#include "manifests/model/passage.hpp"

namespace lockstep::explain {
namespace {

using namespace model;

constexpr std::uint32_t any_epoch = 0xffff'ffff;

const Component& of(const Problem& problem, Index i) { return problem.catalogue->components[static_cast<std::size_t>(i)]; }

std::string need_text(const Problem& problem, const Constraint& c) {
  const Need& need = problem.catalogue->record(c.component, c.version).needs[c.number];
  const std::string who = problem.catalogue->name(c.component, c.version);
  const std::string what = of(problem, need.component).label() + ' ' + need.range.text();
  switch (need.when) {
    case When::active: return fmt::format("{} requires {}", who, what);
    case When::installed: return fmt::format("{} requires {} as soon as it is in a slot", who, what);
    case When::during_flash: return fmt::format("{} can be written only with {}", who, what);
  }
  return {};
}

std::string counter_text(const Problem& problem, const Constraint& c) {
  const std::uint32_t stored = problem.start.parts[static_cast<std::size_t>(c.component)].counter;
  Lines versions;
  for (const Record& r : of(problem, c.component).versions) {
    versions.push_back(fmt::format("{} has {}", r.version.text(), r.security_counter));
  }
  return fmt::format("the security counter of {} never falls: the device has {}, version {}", of(problem, c.component).label(),
                     stored, listed(versions));
}

std::string sentence(const Problem& problem, const Constraint& c) {
  const std::string name = c.version == none ? of(problem, c.component).label() : problem.catalogue->name(c.component, c.version);
  switch (c.what) {
    case What::need: return need_text(problem, c);
    case What::from:
      return fmt::format("{} comes directly only from {}", name, problem.catalogue->record(c.component, c.version).from->range.text());
    case What::hardware:
      return fmt::format("{} is not for {} revision {}", name, problem.board.board, problem.board.revision.text());
    case What::data: {
      const release::Data& data = problem.catalogue->record(c.component, c.version).data;
      return fmt::format("{} reads stored data of the epochs {} to {} only", name, data.reads_lowest, data.reads_highest);
    }
    case What::counter: return counter_text(problem, c);
    case What::via: return fmt::format("{} is written through {}", name, of(problem, of(problem, c.component).via).label());
    case What::late: return fmt::format("{} may go back to its other slot at any time", name);
    case What::ban: return fmt::format("{} is not to be used: {}", name, problem.bans[c.number].reason);
    case What::stuck: return fmt::format("{} stays in use whatever we do", name);
  }
  return {};
}

}  // namespace

Constraint constraint(const Problem& problem, What what, Index component, Index version, std::size_t number) {
  Constraint out{.what = what, .component = component, .version = version, .number = number, .at = {}};
  const auto record = [&]() -> const Record& { return problem.catalogue->record(component, version); };
  switch (what) {
    case What::need: out.at = record().needs[number].at; break;
    case What::from: out.at = record().from_at; break;
    case What::hardware:
    case What::data: out.at = record().at; break;
    case What::counter:
    case What::via:
    case What::late: out.at = of(problem, component).at; break;
    case What::ban:
    case What::stuck: break;
  }
  return out;
}

std::vector<Constraint> constraints(const Problem& problem) {
  std::vector<Constraint> out;
  const auto add = [&](What what, Index i, Index v = none, std::size_t n = 0) {
    out.push_back(constraint(problem, what, i, v, n));
  };
  for (Index i = 0; i < std::ssize(problem.catalogue->components); ++i) {
    const Component& c = of(problem, i);
    for (Index v = 0; v < std::ssize(c.versions); ++v) {
      const Record& r = problem.catalogue->record(i, v);
      for (std::size_t n = 0; n < r.needs.size(); ++n) add(What::need, i, v, n);
      if (r.from) add(What::from, i, v);
      if (!on_device(c.kind)) continue;
      if (!runs_on(r, problem.board)) add(What::hardware, i, v);
      if (r.data.reads_lowest != 0 || r.data.reads_highest != any_epoch) add(What::data, i, v);
    }
    const bool counts = problem.start.parts[static_cast<std::size_t>(i)].counter != 0 ||
                        std::any_of(c.versions.begin(), c.versions.end(), [](const Record& r) { return r.security_counter != 0; });
    if (on_device(c.kind) && counts) add(What::counter, i);
    if (c.via != none) add(What::via, i);
    if (c.kind == Kind::ab_late) add(What::late, i);
  }
  for (std::size_t n = 0; n < problem.bans.size(); ++n) {
    add(What::ban, problem.bans[n].component, problem.bans[n].version, n);
  }
  for (std::size_t n = 0; n < problem.stuck.size(); ++n) {
    add(What::stuck, problem.stuck[n].component, problem.stuck[n].version, n);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string text(const Problem& problem, const Constraint& c) {
  std::string out = sentence(problem, c);
  return c.at.line == 0 ? out : out + " (" + c.at.text() + ')';
}

}  // namespace lockstep::explain
