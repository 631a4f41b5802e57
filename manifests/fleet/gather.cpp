#include "manifests/fleet/gather.hpp"

#include <algorithm>
#include <map>

namespace lockstep::fleet {
namespace {

using model::Index;
using model::none;
using model::Target;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

bool same(const resolve::SoftwareInUse& a, const resolve::SoftwareInUse& b) {
  return a.component == b.component && a.platform == b.platform && a.version == b.version;
}

std::vector<resolve::SoftwareInUse> in_use(const Census& census) {
  std::vector<resolve::SoftwareInUse> out;
  const auto add = [&](const resolve::SoftwareInUse& use) {
    if (std::none_of(out.begin(), out.end(), [&](const auto& known) { return same(known, use); })) out.push_back(use);
  };
  for (const Usage& u : census.software) add({.component = u.component, .version = u.version, .platform = u.platform});
  for (const Said& s : census.devices) {
    for (const resolve::SoftwareInUse& use : s.report.in_use) add(use);
  }
  return out;
}

// The versions that a use is of, one for each platform it counts for.
std::vector<Target> targets(const model::Catalogue& catalogue, const std::string& component, const std::string& platform,
                            const version::Version& version) {
  std::vector<Target> out;
  for (const Index i : software_components(catalogue, component, platform, version)) {
    const Index v = catalogue.components[at(i)].find(version);
    if (v != none) out.push_back({i, v});
  }
  return out;
}

// What two groups of devices must have in common to be one.
std::string key_of(const Device& d) {
  std::string out = d.board.board + '\n' + d.board.revision.text() + (d.offline ? "\nasleep\n" : "\n");
  const auto add = [&](auto... numbers) { ((out += std::to_string(numbers) + ' '), ...); };
  for (const model::Part& p : d.state.parts) add(p.active, p.fallback, p.staged, p.trial ? 1 : 0, p.counter, p.epoch);
  out += '\n';
  for (const Index v : d.goal.versions) add(v);
  out += '\n';
  for (const model::Ban& ban : d.bans) add(ban.component, ban.version);
  out += '\n';
  for (const Target& t : d.uses) add(t.component, t.version);
  return out;
}

class Gatherer {
 public:
  Gatherer(const model::Catalogue& catalogue, const Census& census) : catalogue_(catalogue), census_(census) {
    fleet_.catalogue = &catalogue;
    fleet_.alive.resize(catalogue.components.size());
    fleet_.goal.versions.assign(catalogue.components.size(), none);
    fleet_.percent = census.percent;
  }

  Fleet run(const release::Release& target, model::Scope scope) {
    for (const resolve::SoftwareInUse& use : in_use(census_)) {
      for (const Target& t : targets(catalogue_, use.component, use.platform, use.version)) {
        std::vector<Index>& alive = fleet_.alive[at(t.component)];
        const auto place = std::lower_bound(alive.begin(), alive.end(), t.version);
        if (place == alive.end() || *place != t.version) alive.insert(place, t.version);
      }
    }
    const std::vector<model::Report> all = reports(census_);
    for (std::size_t n = 0; n < all.size(); ++n) {
      const Said& said = census_.devices[n];
      auto problem = problem_of(said, all[n], target, scope);
      if (problem) {
        add(said, *std::move(problem));
      } else {
        fleet_.unknown.push_back({said.names, said.count, problem.error().what});
      }
    }
    count_use();
    return std::move(fleet_);
  }

 private:
  // A device of which nobody says what is used with it is not known to be used with what others have: what its own words
  // forbid stays forbidden.
  Outcome<model::Problem> problem_of(const Said& said, const model::Report& with_all, const release::Release& target,
                                     model::Scope scope) const {
    model::Report own = said.report;
    for (const Usage& u : census_.software) own.in_use.push_back({.component = u.component, .version = u.version, .platform = u.platform});
    LOCKSTEP_TRY(alone, make_problem(catalogue_, own, target, scope));
    LOCKSTEP_TRY(problem, make_problem(catalogue_, with_all, target, scope));
    for (model::Ban& ban : alone.bans) {
      const auto same = [&](const model::Ban& b) { return b.component == ban.component && b.version == ban.version; };
      if (std::none_of(problem.bans.begin(), problem.bans.end(), same)) problem.bans.push_back(std::move(ban));
    }
    return problem;
  }

  void add(const Said& said, model::Problem problem) {
    Device d{.names = said.names, .count = said.count, .offline = said.offline, .board = problem.board,
             .state = std::move(problem.start), .goal = std::move(problem.goal), .bans = std::move(problem.bans), .uses = {}};
    for (std::size_t i = 0; i < d.state.parts.size(); ++i) {
      if (model::on_device(catalogue_.components[i].kind)) continue;
      d.state.parts[i] = {};
      if (d.goal.versions[i] != none) fleet_.goal.versions[i] = d.goal.versions[i];
      d.goal.versions[i] = none;
    }
    for (const resolve::SoftwareInUse& use : said.report.in_use) {
      for (const Target& t : targets(catalogue_, use.component, use.platform, use.version)) {
        if (std::find(d.uses.begin(), d.uses.end(), t) == d.uses.end()) d.uses.push_back(t);
      }
    }
    const auto [place, fresh] = known_.try_emplace(key_of(d), fleet_.devices.size());
    if (fresh) {
      fleet_.devices.push_back(std::move(d));
      return;
    }
    Device& before = fleet_.devices[place->second];
    before.names.insert(before.names.end(), d.names.begin(), d.names.end());
    before.count += d.count;
  }

  // As the census says; of software that it says nothing about, as many as devices report it.
  void count_use() {
    std::map<std::pair<Index, Index>, Adoption> use;
    std::vector<bool> said(catalogue_.components.size(), false);
    for (const Usage& u : census_.software) {
      for (const Target& t : targets(catalogue_, u.component, u.platform, u.version)) {
        Adoption& a = use.try_emplace({t.component, t.version}, Adoption{.version = t}).first->second;
        a.devices += u.devices, a.stay += u.stay;
        if (u.devices > 0) said[at(t.component)] = true;
      }
    }
    for (const Device& d : fleet_.devices) {
      for (const Target& t : d.uses) {
        if (said[at(t.component)]) continue;
        use.try_emplace({t.component, t.version}, Adoption{.version = t}).first->second.devices += d.count;
      }
    }
    for (const auto& [version, adoption] : use) fleet_.adoption.push_back(adoption);
  }

  const model::Catalogue& catalogue_;
  const Census& census_;
  Fleet fleet_;
  std::map<std::string, std::size_t> known_;
};

}  // namespace

std::vector<model::Report> reports(const Census& census) {
  const std::vector<resolve::SoftwareInUse> all = in_use(census);
  std::vector<model::Report> out;
  for (const Said& said : census.devices) {
    model::Report report = said.report;
    report.in_use = all;
    // What nobody uses with this device may be used with it tomorrow.
    std::erase_if(report.unused, [&](const std::string& name) {
      return std::any_of(all.begin(), all.end(), [&](const resolve::SoftwareInUse& use) { return use.component == name; });
    });
    if (report.device.name.empty() && !said.names.empty()) report.device.name = said.names[0];
    out.push_back(std::move(report));
  }
  return out;
}

Fleet make_fleet(const model::Catalogue& catalogue, const Census& census, const release::Release& target, model::Scope scope) {
  return Gatherer(catalogue, census).run(target, scope);
}

}  // namespace lockstep::fleet
