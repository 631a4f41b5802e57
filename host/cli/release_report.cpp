#include "host/cli/release_report.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"
#include "host/cli/terminal.hpp"

namespace lockstep::cli {
namespace {

json::string js(std::string_view text) { return json::string(text.data(), text.size()); }

json::array needs_json(const std::vector<release::Requirement>& needs) {
  json::array out;
  for (const release::Requirement& r : needs) {
    out.push_back(json::object{{"component", r.component}, {"range", r.range.text()}, {"when", js(text(r.when))}, {"line", r.line}});
  }
  return out;
}

std::string needs_text(const std::vector<release::Requirement>& needs) {
  std::string out;
  for (const release::Requirement& r : needs) {
    out += (out.empty() ? "" : ", ") + r.component + ' ' + r.range.text();
    if (r.when != release::When::active) out += fmt::format(" ({})", text(r.when));
  }
  return out;
}

// How a component is updated, also where the manifest does not say it.
release::Component updated(const release::Release& release, const std::string& name, release::Kind otherwise) {
  const release::Component* said = release.component(name);
  return said ? *said : release::Component{.name = name, .kind = otherwise, .via = {}};
}
release::Component updated(const release::Release& release, const release::Firmware& f) {
  return updated(release, f.component, release::Kind::ab_trial);
}
release::Component updated(const release::Release& release, const release::Software& s) {
  return updated(release, s.component, release::Kind::app);
}

std::string updated_text(const release::Component& c) {
  std::string out(text(c.kind));
  if (!c.via.empty()) out += " via " + c.via;
  if (on_device(c.kind) && c.reboots != 1) out += fmt::format(", {} reboots", c.reboots);
  return out;
}

json::object component_json(const release::Component& c) {
  json::object out{{"component", c.name}, {"kind", js(text(c.kind))}, {"line", c.line}};
  if (!c.via.empty()) out["via"] = c.via;
  if (on_device(c.kind)) out["reboots"] = c.reboots;
  return out;
}

json::object data_json(const release::Data& d) {
  json::object out{{"reads_from", d.reads_lowest}, {"reads_to", d.reads_highest}, {"line", d.line}};
  if (d.writes) out["writes"] = *d.writes, out["migrates"] = js(d.at_boot ? "boot" : "finalise");
  return out;
}

std::string data_text(const release::Data& d) {
  std::string out = d.reads_lowest == d.reads_highest
                        ? fmt::format("reads data of epoch {}", d.reads_lowest)
                        : fmt::format("reads data of the epochs {} to {}", d.reads_lowest, d.reads_highest);
  if (!d.writes) return out + " and leaves them as they are";
  return out + fmt::format(" and moves them to epoch {} {}", *d.writes,
                           d.at_boot ? "at its first boot" : "when it is finalised");
}

// What no table has room for.
std::string remarks_text(const release::Release& release) {
  std::string out;
  for (const release::Firmware& f : release.firmware) {
    const std::string name = f.component + ' ' + f.version.text();
    if (f.data) out += printable(fmt::format("{} {} ({})", name, data_text(*f.data), release.at(f.data->line))) + '\n';
    if (f.one_way) {
      out += printable(fmt::format("{} is one-way: once it is finalised nobody goes back ({})", name, release.at(f.line))) + '\n';
    }
  }
  return out.empty() ? out : '\n' + out;
}

json::object firmware_json(const release::Release& release, const release::Firmware& f) {
  json::object out{{"component", f.component}, {"version", f.version.text()}, {"file", f.file}, {"size", f.size},
                   {"sha256", f.sha256.hex()}, {"image_hash", f.image_hash.hex()},
                   {"security_counter", f.security_counter}, {"kind", js(text(updated(release, f).kind))},
                   {"one_way", f.one_way}, {"requires", needs_json(f.needs)}, {"line", f.line}};
  if (f.from) out["from"] = f.from->range.text();
  if (f.data) out["data"] = data_json(*f.data);
  return out;
}

json::object software_json(const release::Release& release, const release::Software& s) {
  json::object out{{"component", s.component}, {"version", s.version.text()}, {"size", s.size},
                   {"kind", js(text(updated(release, s).kind))},
                   {"sha256", s.sha256.hex()}, {"requires", needs_json(s.needs)}, {"line", s.line}};
  if (!s.platform.empty()) out["platform"] = s.platform;
  if (!s.file.empty()) out["file"] = s.file;
  return out;
}

std::string_view word(resolve::Check::Outcome outcome) {
  switch (outcome) {
    case resolve::Check::Outcome::ok: return "ok";
    case resolve::Check::Outcome::failed: return "failed";
    case resolve::Check::Outcome::unknown: return "unknown";
  }
  return "unknown";
}

json::object member_json(const resolve::Member& m) {
  json::object out{{"component", m.component}, {"version", m.version.text()}, {"firmware", m.firmware}};
  if (m.from) out["from"] = m.from->text();
  if (m.image_hash) out["image_hash"] = m.image_hash->hex();
  return out;
}

}  // namespace

json::object release_json(const release::Release& release) {
  json::array hardware, components, firmware, software;
  for (const release::Hardware& h : release.hardware) {
    hardware.push_back(json::object{{"board", h.board}, {"revisions", h.revisions.text()}});
  }
  for (const release::Component& c : release.components) components.push_back(component_json(c));
  for (const release::Firmware& f : release.firmware) firmware.push_back(firmware_json(release, f));
  for (const release::Software& s : release.software) software.push_back(software_json(release, s));
  return {{"product", release.product}, {"version", release.version.text()}, {"title", release.title},
          {"sha256", release.sha256.hex()}, {"hardware", std::move(hardware)}, {"components", std::move(components)},
          {"firmware", std::move(firmware)}, {"software", std::move(software)}};
}

std::string release_text(const release::Release& release) {
  Details head;
  head.line("release", release.name());
  if (!release.title.empty()) head.line("title", release.title);
  head.line("manifest sha256", release.sha256.hex());
  for (const release::Hardware& h : release.hardware) head.line("hardware", h.board + ", revisions " + h.revisions.text());
  Table parts({"KIND", "COMPONENT", "UPDATED", "VERSION", "FROM", "REQUIRES", "DIGEST"});
  for (const release::Firmware& f : release.firmware) {
    parts.row({"firmware", f.component, updated_text(updated(release, f)), f.version.text(),
               f.from ? f.from->range.text() : "any", needs_text(f.needs), f.image_hash.short_hex()});
  }
  for (const release::Software& s : release.software) {
    const std::string name = s.platform.empty() ? s.component : s.component + " (" + s.platform + ")";
    parts.row({"software", name, updated_text(updated(release, s)), s.version.text(), "", needs_text(s.needs),
               s.sha256.short_hex()});
  }
  for (const release::Component& c : release.components) {
    const bool brought = release.firmware_of(c.name) != nullptr || release.has_software(c.name);
    if (!brought) parts.row({on_device(c.kind) ? "firmware" : "software", c.name, updated_text(c), "-"});
  }
  return head.text() + '\n' + parts.text() + remarks_text(release);
}

json::array findings_json(const std::vector<release::Finding>& findings) {
  json::array out;
  for (const release::Finding& f : findings) {
    const bool error = f.severity == release::Finding::Severity::error;
    out.push_back(json::object{{"severity", js(error ? "error" : "warning")}, {"line", f.line}, {"what", f.what}});
  }
  return out;
}

std::string findings_text(const release::Release& release, const std::vector<release::Finding>& findings) {
  std::string out;
  for (const release::Finding& f : findings) out += f.text(release) + '\n';
  return out;
}

json::object answer_json(const release::Release& release, const resolve::Answer& answer) {
  json::array set, checks;
  for (const resolve::Member& m : answer.set) set.push_back(member_json(m));
  for (const resolve::Check& c : answer.checks) {
    checks.push_back(json::object{{"rule", js(text(c.rule))}, {"outcome", js(word(c.outcome))}, {"what", c.what},
                                  {"at", c.at}, {"remedy", c.remedy}});
  }
  return {{"release", release.name()}, {"yes", answer.yes}, {"set", std::move(set)}, {"checks", std::move(checks)}};
}

}  // namespace lockstep::cli
