#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "manifests/model/catalogue.hpp"

namespace lockstep::model {
namespace {

Component& at(Catalogue& catalogue, Index i) { return catalogue.components[static_cast<std::size_t>(i)]; }

// Whether the component is only a name in somebody's requirement: then nobody knows where it lives.
bool only_a_name(const Component& c) { return c.versions.empty() && !c.declared; }

// Puts the components into the order of their labels after one was added or renamed.
void sort_by_label(Catalogue& catalogue) {
  std::vector<std::size_t> order(catalogue.components.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return catalogue.components[a].label() < catalogue.components[b].label();
  });
  std::vector<Index> now(order.size());
  std::vector<Component> sorted;
  for (const std::size_t from : order) {
    now[from] = static_cast<Index>(sorted.size());
    sorted.push_back(std::move(catalogue.components[from]));
  }
  for (Component& c : sorted) {
    if (c.via != none) c.via = now[static_cast<std::size_t>(c.via)];
    for (Record& r : c.versions) {
      for (Need& need : r.needs) need.component = now[static_cast<std::size_t>(need.component)];
    }
  }
  catalogue.components = std::move(sorted);
}

Outcome<Index> add_component(Catalogue& catalogue, Component component) {
  if (catalogue.components.size() == max_components) {
    return fail(ErrorKind::invalid, fmt::format("{} would be one component more than {}", component.label(), max_components));
  }
  const std::string label = component.label();
  catalogue.components.push_back(std::move(component));
  sort_by_label(catalogue);
  return catalogue.find(label);
}

Outcome<> add_version(Catalogue& catalogue, Index component, const version::Version& version) {
  Component& c = at(catalogue, component);
  if (c.find(version) != none) return {};
  if (c.versions.size() == max_versions) {
    return fail(ErrorKind::invalid,
                fmt::format("{} {} would be one version more than {}", c.label(), version.text(), max_versions));
  }
  const auto place = std::find_if(c.versions.begin(), c.versions.end(), [&](const Record& r) { return version < r.version; });
  c.versions.insert(place, Record{.version = version, .bare = true});
  return {};
}

// What a bare version was seen to do, it can. Of one that a release describes we know better.
void note(Record& record, const Sighting& seen) {
  if (!record.bare) return;
  record.security_counter = std::max(record.security_counter, seen.counter);
  const bool known = std::any_of(record.hardware.begin(), record.hardware.end(), [&](const release::Hardware& h) {
    return h.board == seen.board && h.revisions.contains(seen.revision);
  });
  if (known) return;
  // A version is a range, too: of itself, also when it is a prerelease.
  if (auto only = version::Range::parse(seen.revision.text())) record.hardware.push_back({seen.board, *std::move(only)});
}

Index sibling_of(const Catalogue& catalogue, std::string_view name) {
  const auto found = std::find_if(catalogue.components.begin(), catalogue.components.end(),
                                  [&](const Component& c) { return c.name == name; });
  return found == catalogue.components.end() ? none : static_cast<Index>(found - catalogue.components.begin());
}

// What is required of the others of its name is required of the new one, too.
void share_needs(Catalogue& catalogue, Index from, Index to) {
  for (Component& c : catalogue.components) {
    for (Record& r : c.versions) {
      const std::vector<Need> before = r.needs;
      for (const Need& need : before) {
        if (need.component != from) continue;
        r.needs.push_back(need);
        r.needs.back().component = to;
      }
    }
  }
}

Outcome<Index> add_platform(Catalogue& catalogue, std::string_view name, std::string_view platform) {
  Component fresh{.name = std::string(name), .platform = std::string(platform), .kind = Kind::app};
  const std::string label = fresh.label();
  const Index sibling = sibling_of(catalogue, name);
  if (sibling == none) return add_component(catalogue, std::move(fresh));
  Component& known = at(catalogue, sibling);
  if (known.versions.empty()) {  // nobody has seen one: this is it
    if (!known.declared) known.kind = Kind::app;
    known.platform = platform;
    sort_by_label(catalogue);
    return catalogue.find(label);
  }
  fresh.kind = known.kind;
  fresh.declared = known.declared;
  fresh.at = known.at;
  const std::string sibling_label = known.label();
  LOCKSTEP_TRY(added, add_component(catalogue, std::move(fresh)));
  share_needs(catalogue, catalogue.find(sibling_label), added);
  return added;
}

}  // namespace

std::vector<Index> software_components(const Catalogue& catalogue, std::string_view component, std::string_view platform,
                                       const version::Version& version) {
  std::vector<Index> all;
  for (std::size_t i = 0; i < catalogue.components.size(); ++i) {
    const Component& c = catalogue.components[i];
    if (c.name != component || on_device(c.kind)) continue;
    if (c.platform == platform) return {static_cast<Index>(i)};
    all.push_back(static_cast<Index>(i));
  }
  const auto described_for_any = [&](Index i) { return catalogue.components[static_cast<std::size_t>(i)].platform.empty(); };
  if (!platform.empty()) {
    std::erase_if(all, [&](Index i) { return !described_for_any(i); });
    return all;
  }
  const auto has_it = [&](Index i) { return catalogue.components[static_cast<std::size_t>(i)].find(version) != none; };
  if (std::any_of(all.begin(), all.end(), has_it)) std::erase_if(all, [&](Index i) { return !has_it(i); });
  return all;
}

Outcome<> add_installed(Catalogue& catalogue, std::string_view component, const version::Version& version,
                        const Sighting& seen) {
  Index i = sibling_of(catalogue, component);
  if (i == none) {
    LOCKSTEP_TRY(added, add_component(catalogue, Component{.name = std::string(component)}));
    i = added;
  } else if (!on_device(at(catalogue, i).kind)) {
    return fail(ErrorKind::conflict, fmt::format("a device reports {} {}, but {} is software", component, version.text(),
                                                 component),
                at(catalogue, i).at.file.empty() ? "" : "look at " + at(catalogue, i).at.text());
  }
  LOCKSTEP_CHECK(add_version(catalogue, i, version));
  Component& c = at(catalogue, i);
  note(c.versions[static_cast<std::size_t>(c.find(version))], seen);
  return {};
}

Outcome<> add_in_use(Catalogue& catalogue, std::string_view component, std::string_view platform,
                     const version::Version& version) {
  const Index sibling = sibling_of(catalogue, component);
  if (sibling != none && on_device(at(catalogue, sibling).kind) && !only_a_name(at(catalogue, sibling))) {
    return fail(ErrorKind::conflict, fmt::format("{} {} is in use beside the device, but {} is on the device", component,
                                                 version.text(), component),
                at(catalogue, sibling).at.file.empty() ? "" : "look at " + at(catalogue, sibling).at.text());
  }
  std::vector<Index> places = software_components(catalogue, component, platform, version);
  if (places.empty()) {
    LOCKSTEP_TRY(added, add_platform(catalogue, component, platform));
    places = {added};
  }
  for (const Index i : places) LOCKSTEP_CHECK(add_version(catalogue, i, version));
  return {};
}

}  // namespace lockstep::model
