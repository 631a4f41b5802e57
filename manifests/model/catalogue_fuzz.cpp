// Several releases, separated by the byte 0x1E that no XML may contain, become a catalogue, and a device that has the
// oldest of everything a problem: no input may break it, and what comes out keeps its promises.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "manifests/model/problem.hpp"
#include "manifests/release/fuzz_releases.hpp"

namespace {

using namespace lockstep;

void require(bool promise) {
  if (!promise) std::abort();
}

void check_indices(const model::Catalogue& catalogue) {
  const auto known = [&](model::Index i) { return i >= 0 && i < std::ssize(catalogue.components); };
  for (model::Index i = 0; i < std::ssize(catalogue.components); ++i) {
    const model::Component& c = catalogue.components[static_cast<std::size_t>(i)];
    require(catalogue.find(c.label()) == i);
    require(c.via == model::none || (known(c.via) && c.via != i));
    for (const model::Record& r : c.versions) {
      require(&r == &c.versions.front() || (&r - 1)->version < r.version);
      for (const model::Need& need : r.needs) require(known(need.component) && need.component != i);
    }
  }
}

model::Report oldest_of(const model::Catalogue& catalogue, const release::Release& target) {
  model::Report out{.device = {.board = target.hardware.front().board, .revision = "1"}};
  for (const model::Component& c : catalogue.components) {
    if (c.versions.empty()) continue;
    const version::Version& version = c.versions.front().version;
    if (model::on_device(c.kind)) {
      out.device.components.push_back({.component = c.name, .version = version});
      if (c.kind == model::Kind::ab_late) out.slots.push_back({.component = c.name, .fallback = version::Version{}});
    } else {
      out.in_use.push_back({.component = c.name, .version = version, .platform = c.platform});
      out.in_use.push_back({.component = c.name, .version = {.major = 99}, .platform = "fuzz"});
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto all = release::releases_in({reinterpret_cast<const char*>(data), size});
  auto catalogue = model::make_catalogue(all);
  if (!catalogue || all.empty()) return 0;
  check_indices(*catalogue);
  const model::Report report = oldest_of(*catalogue, all.back());
  if (!model::add_reported(*catalogue, report)) return 0;  // one component or version too many
  check_indices(*catalogue);
  const auto problem = model::make_problem(*catalogue, report, all.back(), model::Scope::everything);
  if (problem) require(problem->start.parts.size() == catalogue->components.size());
  return 0;
}
