#include "manifests/resolve/derivation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"

namespace lockstep::resolve {

void Derivation::ok(Rule rule, int line, std::string what) {
  answer_.checks.push_back({rule, Check::Outcome::ok, std::move(what), release_.at(line)});
}
void Derivation::fail(Rule rule, int line, std::string what, std::string remedy) {
  answer_.checks.push_back({rule, Check::Outcome::failed, std::move(what), release_.at(line), std::move(remedy)});
}
void Derivation::unknown(Rule rule, int line, std::string what) {
  answer_.checks.push_back({rule, Check::Outcome::unknown, std::move(what), line > 0 ? release_.at(line) : ""});
}

const Installed* Derivation::installed(std::string_view component) const {
  const auto found = std::find_if(device_.components.begin(), device_.components.end(),
                                  [&](const Installed& i) { return i.component == component; });
  return found == device_.components.end() ? nullptr : &*found;
}

// The digest decides, where it is known: a version can lie.
bool Derivation::runs_already(const release::Firmware& firmware, const Installed& installed) const {
  if (installed.image_hash) return *installed.image_hash == firmware.image_hash;
  return installed.version == firmware.version;
}

const release::Software* Derivation::described(const SoftwareInUse& use) const {
  const auto found = std::find_if(release_.software.begin(), release_.software.end(), [&](const release::Software& s) {
    const bool same_platform = use.platform.empty() || s.platform.empty() || s.platform == use.platform;
    return s.component == use.component && s.version == use.version && same_platform;
  });
  return found == release_.software.end() ? nullptr : &*found;
}

Answer Derivation::run() {
  check_hardware();
  for (const release::Firmware& f : release_.firmware) check_firmware(f);
  gather();
  for (const Present& part : present_) {
    if (part.needs == nullptr) {
      check_described(part);
      continue;
    }
    for (const release::Requirement& need : *part.needs) check_requirement(part, need);
  }
  answer_.yes = answer_.reasons().empty();
  if (!answer_.yes) answer_.set.clear();
  return std::move(answer_);
}

void Derivation::check_hardware() {
  std::string boards;
  for (const release::Hardware& h : release_.hardware) {
    boards += (boards.empty() ? "" : ", ") + h.board + ' ' + h.revisions.text();
    if (h.board != device_.board) continue;
    const auto revision = version::parse_revision(device_.revision);
    if (!revision) {
      const std::string what = device_.revision.empty()
                                   ? "the revision of the board is not known"
                                   : "the board's revision " + in_quotes(device_.revision) + " cannot be compared";
      return fail(Rule::hardware, h.line, fmt::format("{} needs {} {}, but {}", release_.name(), h.board, h.revisions.text(), what),
                  "ok when the device reports its revision as numbers such as 2 or 2.1");
    }
    if (!h.revisions.contains(*revision)) {
      return fail(Rule::hardware, h.line,
                  fmt::format("{} needs {} {}, but {} is revision {}", release_.name(), h.board, h.revisions.text(),
                              device_name(), device_.revision),
                  fmt::format("ok on a board in {}, or in a release for revision {}", h.revisions.text(), device_.revision));
    }
    return ok(Rule::hardware, h.line,
              fmt::format("{} revision {} is in {}", h.board, device_.revision, h.revisions.text()));
  }
  const int line = release_.hardware.empty() ? 0 : release_.hardware.front().line;
  const std::string is = device_.board.empty() ? "the board is not known" : device_name() + " is " + device_.board;
  fail(Rule::hardware, line, fmt::format("{} is for {}, but {}", release_.name(), boards, is),
       "ok on one of these boards, or in a release that lists " + (device_.board.empty() ? "the device's board" : device_.board));
}

void Derivation::check_firmware(const release::Firmware& f) {
  const Installed* now = installed(f.component);
  if (now == nullptr) {
    fail(Rule::component, f.line, fmt::format("{} brings {} {}, but {} has no {}", release_.name(), f.component,
                                              f.version.text(), device_name(), f.component),
         "ok on a device that reports this component");
    return;
  }
  if (runs_already(f, *now)) {
    ok(Rule::component, f.line, fmt::format("{} runs {} {} already", device_name(), f.component, f.version.text()));
    return;
  }
  ok(Rule::component, f.line, fmt::format("{} has {} {}, to become {}", device_name(), f.component, now->version.text(),
                                          f.version.text()));
  check_from(f, *now);
  check_counter(f, *now);
}

void Derivation::check_from(const release::Firmware& f, const Installed& now) {
  if (!f.from) return;
  const std::string range = f.from->range.text();
  if (f.from->range.contains(now.version)) {
    ok(Rule::from, f.from->line, fmt::format("{} {} may become {} directly: it is in {}", f.component,
                                             now.version.text(), f.version.text(), range));
    return;
  }
  const auto stone = f.from->range.lowest();
  const std::string remedy =
      stone && *stone > now.version
          ? fmt::format("ok by a stepping stone: first update {} to a version in {}, such as {}", f.component, range, stone->text())
          : fmt::format("ok from a version in {}", range);
  fail(Rule::from, f.from->line, fmt::format("{} {} comes directly only from {}, but {} has {}", f.component,
                                             f.version.text(), range, device_name(), now.version.text()), remedy);
}

void Derivation::check_counter(const release::Firmware& f, const Installed& now) {
  if (!now.security_counter) return;
  if (f.security_counter >= *now.security_counter) {
    ok(Rule::counter, f.line, fmt::format("security counter {} is not below the device's {}", f.security_counter,
                                          *now.security_counter));
    return;
  }
  fail(Rule::counter, f.line, fmt::format("{} {} has security counter {}, but {} accepts {} and above only", f.component,
                                          f.version.text(), f.security_counter, device_name(), *now.security_counter),
       fmt::format("ok in a build that is signed with counter {} or more", *now.security_counter));
}

// What will be together: the release's firmware, what stays on the device, and the software people use.
void Derivation::gather() {
  for (const release::Firmware& f : release_.firmware) {
    const Installed* now = installed(f.component);
    present_.push_back({f.component, f.version, f.component + ' ' + f.version.text(), false, &f.needs});
    if (now != nullptr && !runs_already(f, *now)) present_.back().now = now->version;
    Member member{.component = f.component, .version = f.version, .firmware = true, .image_hash = f.image_hash};
    member.from = present_.back().now;
    answer_.set.push_back(std::move(member));
  }
  for (const Installed& i : device_.components) {
    if (release_.firmware_of(i.component) != nullptr) continue;
    present_.push_back({i.component, i.version, i.component + ' ' + i.version.text(), false, nullptr});
    answer_.set.push_back({.component = i.component, .version = i.version, .firmware = true, .image_hash = i.image_hash});
  }
  for (const SoftwareInUse& s : in_use_) {
    const release::Software* known = described(s);
    const std::string where = s.platform.empty() ? "" : " (" + s.platform + ")";
    present_.push_back({s.component, s.version, s.component + ' ' + s.version.text() + where, true,
                        known == nullptr ? nullptr : &known->needs});
    answer_.set.push_back({.component = s.component, .version = s.version});
  }
}

void Derivation::check_requirement(const Present& part, const release::Requirement& need) {
  // It is there already: nobody writes it.
  if (need.when == release::When::during_flash && !part.software && !part.now) return;
  bool found = false;
  for (const Present& other : present_) {
    if (other.component != need.component) continue;
    found = true;
    if (need.when != release::When::during_flash || part.software) check_together(part, need, other);
    if (need.when != release::When::active && part.now) check_before(part, need, other);
  }
  if (found) return;
  const bool beside = release_.has_software(need.component);
  fail(Rule::requirement, need.line,
       fmt::format("{} requires {} {}, but {}", part.name, need.component, need.range.text(),
                   beside ? "no version of it is known to be in use with " + device_name()
                          : device_name() + " has none and no software of that name is known"),
       beside ? "ok when the version in use is known and fits" : "ok when a version that fits is there");
}

void Derivation::check_together(const Present& part, const release::Requirement& need, const Present& other) {
  if (need.range.contains(other.version)) {
    return ok(Rule::requirement, need.line,
              fmt::format("{} requires {} {}: {} is", part.name, need.component, need.range.text(), other.version.text()));
  }
  fail(Rule::requirement, need.line,
       fmt::format("{} requires {} {}, but {} {}", part.name, need.component, need.range.text(), other.name,
                   other.software ? "is in use" : "would be on the device"),
       remedy_for(part, need, other));
}

// While it is written, and in its slot before it runs, the others are still what they are now.
void Derivation::check_before(const Present& part, const release::Requirement& need, const Present& other) {
  const bool writing = need.when == release::When::during_flash;
  if (!writing && !other.now) return;  // the same as together
  const version::Version& version = other.now ? *other.now : other.version;
  const std::string_view when = writing ? "while it is written" : "as soon as it is in a slot";
  if (need.range.contains(version)) {
    return ok(Rule::requirement, need.line,
              fmt::format("{} requires {} {} {}: {} is", part.name, need.component, need.range.text(), when, version.text()));
  }
  fail(Rule::requirement, need.line,
       fmt::format("{} requires {} {} {}, but {} {} is {}", part.name, need.component, need.range.text(), when,
                   other.component, version.text(), other.software ? "in use" : "on the device"),
       remedy_for(part, need, other));
}

// A version of the release that fits is the shortest way out.
std::string Derivation::remedy_for(const Present& part, const release::Requirement& need, const Present& found) const {
  const release::Software* newest = nullptr;
  for (const release::Software& s : release_.software) {
    const bool fits = s.component == need.component && need.range.contains(s.version);
    if (fits && (newest == nullptr || newest->version < s.version)) newest = &s;
  }
  if (found.software && newest != nullptr) {
    return fmt::format("ok when everybody uses {} {} of this release ({}) or another version in {}", newest->component,
                       newest->version.text(), release_.at(newest->line), need.range.text());
  }
  if (part.software) {
    return fmt::format("ok when nobody uses {} any more, or in a release whose {} is in {}", part.name, need.component,
                       need.range.text());
  }
  return fmt::format("ok when {} is updated to a version in {} first", need.component, need.range.text());
}

// A version that this release does not describe: the firmware's requirement may vouch for it, what it requires itself
// stays unknown. When nobody says anything, it is not taken as good.
void Derivation::check_described(const Present& part) {
  if (!part.software || !release_.has_software(part.component)) return;
  const bool vouched = std::any_of(release_.firmware.begin(), release_.firmware.end(), [&](const release::Firmware& f) {
    return std::any_of(f.needs.begin(), f.needs.end(),
                       [&](const release::Requirement& r) {
                         return r.component == part.component && r.when != release::When::during_flash;
                       });
  });
  if (vouched) {
    return unknown(Rule::requirement, 0,
                   fmt::format("{} is not described by this release: what it requires itself is not known", part.name));
  }
  const auto listed = std::find_if(release_.software.begin(), release_.software.end(),
                                   [&](const release::Software& s) { return s.component == part.component; });
  fail(Rule::requirement, listed->line,
       fmt::format("{} is in use, but nothing says whether it works with {}", part.name, release_.name()),
       fmt::format("ok when {} {} is used, or when the firmware says by a <requires> which versions it works with",
                   listed->component, listed->version.text()));
}

}  // namespace lockstep::resolve
