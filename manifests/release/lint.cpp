#include "manifests/release/lint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "manifests/release/lint_rules.hpp"

namespace lockstep::release {
namespace {

using Severity = Finding::Severity;

class Linter {
 public:
  explicit Linter(const Release& release) : release_(release), parts_(parts(release)) {}

  std::vector<Finding> run() {
    for (const Hardware& h : release_.hardware) check_range(h.revisions, h.line, "board " + h.board);
    for (const Firmware& f : release_.firmware) {
      if (f.from) check_range(f.from->range, f.from->line, "an update of " + f.component);
      check_roles(f);
      check_copies(f);
    }
    for (const Part& part : parts_) {
      for (const Requirement& need : part.needs) check_requirement(part, need);
    }
    lint_components(release_, findings_);
    lint_data(release_, findings_);
    lint_times(release_, findings_);
    if (!has_errors(findings_)) lint_together(release_, findings_);
    std::stable_sort(findings_.begin(), findings_.end(),
                     [](const Finding& a, const Finding& b) { return a.line < b.line; });
    return std::move(findings_);
  }

 private:
  void add(Severity severity, int line, std::string what) { findings_.push_back({severity, line, std::move(what)}); }

  void check_range(const version::Range& range, int line, const std::string& whose) {
    if (range.empty()) {
      add(Severity::error, line, fmt::format("no version is in \"{}\", so {} is never possible", range.text(), whose));
    }
  }

  void check_roles(const Firmware& f) {
    const auto twin = std::find_if(release_.software.begin(), release_.software.end(),
                                   [&](const Software& s) { return s.component == f.component; });
    if (twin != release_.software.end()) {
      add(Severity::error, twin->line,
          fmt::format("component {} is software here and firmware in line {}", f.component, f.line));
    }
  }

  // The same image for two components is hardly ever meant.
  void check_copies(const Firmware& f) {
    for (const Firmware& earlier : release_.firmware) {
      if (&earlier == &f) return;
      if (earlier.sha256 == f.sha256 || earlier.image_hash == f.image_hash) {
        add(Severity::warning, f.line,
            fmt::format("{} and {} (line {}) have the same digest", f.component, earlier.component, earlier.line));
      }
    }
  }

  void check_requirement(const Part& part, const Requirement& need) {
    if (need.component == part.component) {
      add(Severity::error, need.line, fmt::format("{} requires itself", part.component));
      return;
    }
    if (need.range.empty()) {
      add(Severity::error, need.line, fmt::format("no version is in \"{}\"", need.range.text()));
      return;
    }
    if (need.when == When::during_flash) return check_during_flash(part, need);
    std::vector<const Part*> offered;
    for (const Part& other : parts_) {
      if (other.component == need.component) offered.push_back(&other);
    }
    if (offered.empty()) return check_name(part, need);
    const auto fits = [&](const Part* other) { return need.range.contains(other->version); };
    if (std::none_of(offered.begin(), offered.end(), fits)) return contradiction(part, need, offered);
    check_platforms(part, need);
  }

  void contradiction(const Part& part, const Requirement& need, const std::vector<const Part*>& offered) {
    std::string there;
    for (const Part* other : offered) {
      there += (there.empty() ? "" : ", ") + fmt::format("{} (line {})", other->name, other->line);
    }
    add(Severity::error, need.line,
        fmt::format("{} requires {} {}, but the release has only {}: widen the range or list a version that fits",
                    part.name, need.component, need.range.text(), there));
  }

  // Every platform needs a version that fits, or its users are left behind.
  void check_platforms(const Part& part, const Requirement& need) {
    for (const Software& s : release_.software) {
      if (s.component != need.component) continue;
      const bool served = std::any_of(release_.software.begin(), release_.software.end(), [&](const Software& other) {
        return other.component == s.component && other.platform == s.platform && need.range.contains(other.version);
      });
      if (served) continue;
      add(Severity::error, need.line,
          fmt::format("{} requires {} {}, but for platform {} the release has only {} (line {})", part.name,
                      need.component, need.range.text(), s.platform, s.version.text(), s.line));
    }
  }

  // While something is written, what the release brings may not be there yet: only the name can be wrong.
  void check_during_flash(const Part& part, const Requirement& need) {
    const bool brought = std::any_of(parts_.begin(), parts_.end(),
                                     [&](const Part& other) { return other.component == need.component; });
    if (!brought) check_name(part, need);
  }

  // A requirement on something outside the release is fine (it may be on the device already), a misspelt one is not.
  // Who means a name that looks so says its kind.
  void check_name(const Part& part, const Requirement& need) {
    if (release_.component(need.component) != nullptr) return;
    std::vector<std::string> names;
    for (const Part& other : parts_) {
      if (other.component != part.component) names.push_back(other.component);
    }
    for (const Component& c : release_.components) names.push_back(c.name);
    if (const auto meant = closest(need.component, names)) {
      add(Severity::error, need.line,
          fmt::format("{} requires {}, which is not in this release; did you mean \"{}\"? If not, say what it is by "
                      "<component name=\"{}\" …>", part.name, need.component, *meant, need.component));
    }
  }

  const Release& release_;
  std::vector<Part> parts_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Part> parts(const Release& release) {
  std::vector<Part> out;
  for (const Firmware& f : release.firmware) {
    out.push_back({f.component, f.component + ' ' + f.version.text(), f.component, f.version, f.needs, false, f.line});
  }
  for (const Software& s : release.software) {
    const std::string where = s.platform.empty() ? "" : " (" + s.platform + ")";
    out.push_back({s.component, s.component + ' ' + s.version.text() + where, s.component + '@' + s.platform, s.version,
                   s.needs, true, s.line});
  }
  return out;
}

std::string Finding::text(const Release& release) const {
  return fmt::format("{}: {}: {}", release.at(line), severity == Severity::error ? "error" : "warning", what);
}

bool has_errors(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& f) { return f.severity == Finding::Severity::error; });
}

std::vector<Finding> lint(const Release& release) { return Linter(release).run(); }

}  // namespace lockstep::release
