// Several releases, separated by the byte 0x1E that no XML may contain, and a device that has the oldest of everything, on its
// way to the last of them: whatever the manifests say, the planner gives a plan that the checker takes, or a reason.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "manifests/propose/propose.hpp"
#include "manifests/release/fuzz_releases.hpp"

namespace {

using namespace lockstep;

model::Report oldest_of(const model::Catalogue& catalogue, const release::Release& target) {
  model::Report out{.device = {.name = "board-3", .board = target.hardware.front().board, .revision = "1"}};
  for (const model::Component& c : catalogue.components) {
    if (c.versions.empty()) continue;
    const version::Version& version = c.versions.front().version;
    if (!model::on_device(c.kind)) {
      out.in_use.push_back({.component = c.name, .version = version, .platform = c.platform});
      continue;
    }
    out.device.components.push_back({.component = c.name, .version = version});
    out.slots.push_back({.component = c.name, .epoch = c.versions.front().data.reads_lowest});
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto all = release::releases_in({reinterpret_cast<const char*>(data), size});
  const auto catalogue = model::make_catalogue(all);
  if (!catalogue || all.empty()) return 0;
  const model::Report report = oldest_of(*catalogue, all.back());
  const auto planner = propose::Planner::make(all, std::span(&report, 1));
  if (!planner) return 0;
  const propose::Options options{.limits = {.expansions = 2'000, .states = 20'000}, .finalise = true, .scope = model::Scope::everything};
  const auto proposal = planner->propose(report, all.back(), options);
  if (!proposal) {
    if (proposal.error().kind == ErrorKind::internal) std::abort();  // the checker refused what the planner made
    return 0;
  }
  if (proposal->verdict == plan::Verdict::none && proposal->reasons.empty()) std::abort();
  if (!proposal->document) return 0;
  const auto read = plan_file::parse(to_text(*proposal->document));
  if (!read || !plan_file::read(*read, all)) std::abort();
  return 0;
}
