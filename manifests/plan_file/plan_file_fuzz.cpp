// No input may break the plan reader, and what it accepts survives being written and read again. Bound to the releases that
// the corpus is planned with it becomes a certificate: it may not break the checker, and one that the checker takes is taken
// again when it is written anew.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifests/check/check.hpp"
#include "manifests/plan_file/plan_file.hpp"
#include "manifests/plan_file/sample_releases.hpp"

namespace {

using namespace lockstep;

bool is_certified(const plan_file::Certificate& c) {
  const auto checked = check::check(c.catalogue, c.plan);
  if (!checked && check::text(c.catalogue, c.plan, checked.error()).empty()) std::abort();
  return static_cast<bool>(checked);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<release::Release> releases = plan_file::sample::releases();
  const auto document = plan_file::parse({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  const auto again = plan_file::parse(to_text(*document));
  if (!again || !(*again == *document)) std::abort();
  for (std::size_t s = 0; s <= document->steps.size(); ++s) {
    static_cast<void>(reverts(*document, s));
    if (s < document->steps.size()) static_cast<void>(cuts(*document, s));
  }
  static_cast<void>(plan_file::read(*document, {}));
  const auto certificate = plan_file::read(*document, releases);
  if (!certificate || !is_certified(*certificate)) return 0;
  const plan_file::About about{.device = document->device, .target = document->target, .releases = releases};
  const auto anew = plan_file::read(plan_file::document(certificate->catalogue, certificate->plan, about), releases);
  if (!anew || !is_certified(*anew)) std::abort();
  return 0;
}
