#include "manifests/model/catalogue.hpp"

#include <algorithm>

namespace lockstep::model {

Index Component::find(const version::Version& version) const {
  const auto found = std::find_if(versions.begin(), versions.end(), [&](const Record& r) { return r.version == version; });
  return found == versions.end() ? none : static_cast<Index>(found - versions.begin());
}

Index Catalogue::find(std::string_view label) const {
  const auto found =
      std::find_if(components.begin(), components.end(), [&](const Component& c) { return c.label() == label; });
  return found == components.end() ? none : static_cast<Index>(found - components.begin());
}

const Record& Catalogue::record(Index component, Index version) const {
  return components[static_cast<std::size_t>(component)].versions[static_cast<std::size_t>(version)];
}

std::string Catalogue::name(Index component, Index version) const {
  const Component& c = components[static_cast<std::size_t>(component)];
  if (version == torn) return c.label() + " torn";
  if (version == none) return "no " + c.label();
  return c.label() + ' ' + c.versions[static_cast<std::size_t>(version)].version.text();
}

}  // namespace lockstep::model
