#include "manifests/release/succession.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lockstep::release {
namespace {

std::vector<const Release*> earlier(const Release& fresh, std::span<const Release* const> others) {
  std::vector<const Release*> out;
  const auto is_earlier = [&](const Release* r) { return r->product == fresh.product && r->version < fresh.version; };
  std::copy_if(others.begin(), others.end(), std::back_inserter(out), is_earlier);
  std::stable_sort(out.begin(), out.end(), [](const Release* a, const Release* b) { return b->version < a->version; });
  return out;
}

bool requires_so(const Firmware& firmware, const Requirement& wanted) {
  return std::any_of(firmware.needs.begin(), firmware.needs.end(), [&](const Requirement& r) {
    return r.component == wanted.component && r.when == wanted.when && r.range.text() == wanted.range.text();
  });
}

void compare_counters(const Firmware& now, const Release& before, const Firmware& then, std::vector<Finding>& out) {
  if (!(then.version < now.version) || then.security_counter <= now.security_counter) return;
  out.push_back({Finding::Severity::warning, now.line,
                 fmt::format("{0} {1} has the security counter {2}, but {0} {3} before it has {4} ({5}): a device that has finalised that refuses this one",
                             now.component, now.version.text(), now.security_counter, then.version.text(), then.security_counter,
                             before.at(then.line))});
}

void compare_needs(const Firmware& now, const Release& before, const Firmware& then, std::vector<Finding>& out) {
  for (const Requirement& need : then.needs) {
    if (requires_so(now, need)) continue;
    out.push_back({Finding::Severity::warning, now.line,
                   fmt::format("{} {} no longer requires {} {} as the same image does in {}: plans go by the newest release that has an image",
                               now.component, now.version.text(), need.component, need.range.text(), before.at(need.line))});
  }
}

}  // namespace

std::vector<Finding> taken_back(const Release& fresh, std::span<const Release* const> others) {
  const std::vector<const Release*> before = earlier(fresh, others);
  std::vector<Finding> out;
  for (const Firmware& now : fresh.firmware) {
    bool counter_done = false, image_done = false;
    for (const Release* release : before) {
      const Firmware* then = release->firmware_of(now.component);
      if (then == nullptr) continue;
      const std::size_t known = out.size();
      if (!counter_done) compare_counters(now, *release, *then, out);
      counter_done = counter_done || out.size() > known;
      if (image_done || then->image_hash != now.image_hash) continue;
      compare_needs(now, *release, *then, out);
      image_done = true;
    }
  }
  return out;
}

}  // namespace lockstep::release
