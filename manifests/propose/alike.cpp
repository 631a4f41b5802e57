#include "manifests/propose/alike.hpp"

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_map>

namespace lockstep::propose {
namespace {

using model::Report;

// Enough to tell most reports apart; equality decides.
class Hash {
 public:
  std::size_t of(const Report& report) {
    add(report.device.board);
    add(report.device.revision);
    for (const resolve::Installed& i : report.device.components) {
      add(i.component);
      add(i.version);
      add(i.security_counter.value_or(0));
    }
    for (const model::Slots& s : report.slots) {
      add(s.component);
      if (s.fallback) add(*s.fallback);
      if (s.staged) add(*s.staged);
      add(s.trial ? 1 : 0);
      add(s.epoch.value_or(0));
    }
    for (const resolve::SoftwareInUse& use : report.in_use) {
      add(use.component);
      add(use.platform);
      add(use.version);
    }
    return value_;
  }

 private:
  void add(std::size_t n) { value_ = (value_ ^ n) * 0x9e37'79b9'7f4a'7c15 + (value_ >> 29); }
  void add(const std::string& text) { add(std::hash<std::string_view>()(text)); }
  void add(const version::Version& v) {
    add(v.major << 40 ^ v.minor << 20 ^ v.patch);
    for (const std::string& part : v.prerelease) add(part);
  }

  std::size_t value_ = 0;
};

bool same(const resolve::Installed& a, const resolve::Installed& b) {
  return a.component == b.component && a.version == b.version && a.image_hash == b.image_hash &&
         a.security_counter == b.security_counter;
}
bool same(const model::Slots& a, const model::Slots& b) {
  return a.component == b.component && a.fallback == b.fallback && a.staged == b.staged && a.trial == b.trial &&
         a.torn == b.torn && a.epoch == b.epoch;
}
bool same(const resolve::SoftwareInUse& a, const resolve::SoftwareInUse& b) {
  return a.component == b.component && a.version == b.version && a.platform == b.platform;
}
template <class T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const T& x, const T& y) { return same(x, y); });
}
bool same(const Report& a, const Report& b) {
  return a.device.board == b.device.board && a.device.revision == b.device.revision &&
         same(a.device.components, b.device.components) && same(a.slots, b.slots) && same(a.in_use, b.in_use) &&
         a.unused == b.unused;
}

}  // namespace

std::vector<std::vector<std::size_t>> alike(std::span<const Report> reports) {
  std::vector<std::vector<std::size_t>> out;
  std::unordered_multimap<std::size_t, std::size_t> known;  // hash to place in `out`
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const std::size_t hash = Hash().of(reports[i]);
    const auto [first, last] = known.equal_range(hash);
    const auto found = std::find_if(first, last, [&](const auto& each) { return same(reports[out[each.second][0]], reports[i]); });
    if (found != last) {
      out[found->second].push_back(i);
      continue;
    }
    known.emplace(hash, out.size());
    out.push_back({i});
  }
  return out;
}

}  // namespace lockstep::propose
