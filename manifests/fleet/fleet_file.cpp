#include "manifests/fleet/fleet_file.hpp"

#include <fmt/format.h>

#include <limits>
#include <unordered_map>

#include "host/base/text.hpp"
#include "manifests/attest/json_place.hpp"
#include "manifests/attest/strict_json.hpp"

namespace lockstep::fleet {
namespace {

using attest::at;
using attest::flag_at;
using attest::has;
using attest::item;
using attest::member;
using attest::number_at;
using attest::object_at;
using attest::only_members;
using attest::wrong;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }
std::string_view key_of(const json::key_value_pair& entry) { return {entry.key().data(), entry.key().size()}; }

Outcome<version::Version> version_at(std::string_view path, std::string_view text) { return at(path, version::parse(text)); }
Outcome<std::optional<version::Version>> optional_version(const json::object& object, std::string_view path, std::string_view name) {
  if (!has(object, name)) return std::optional<version::Version>();
  LOCKSTEP_TRY(text, at(path, json_text(object, name)));
  LOCKSTEP_TRY(version, version_at(member(path, name), text));
  return std::optional<version::Version>(std::move(version));
}

Outcome<std::uint64_t> number(const json::object& object, std::string_view path, std::string_view name, std::uint64_t otherwise,
                              std::uint64_t most) {
  if (!has(object, name)) return otherwise;
  return number_at(path, object, name, most);
}
Outcome<std::optional<std::uint32_t>> optional_u32(const json::object& object, std::string_view path, std::string_view name) {
  if (!has(object, name)) return std::optional<std::uint32_t>();
  LOCKSTEP_TRY(value, number(object, path, name, 0, std::numeric_limits<std::uint32_t>::max()));
  return std::optional<std::uint32_t>(static_cast<std::uint32_t>(value));
}

// "mobile-app@ios" in its two halves.
Outcome<resolve::SoftwareInUse> software_name(std::string_view path, std::string_view label) {
  const std::size_t split = label.find('@');
  resolve::SoftwareInUse out{.component = std::string(label.substr(0, split))};
  if (split != label.npos) out.platform = std::string(label.substr(split + 1));
  if (out.component.empty() || (split != label.npos && out.platform.empty())) return wrong(path, in_quotes(label) + " is no name of software");
  return out;
}

Outcome<> read_component(std::string_view path, const std::string& name, const json::object& object, model::Report& report) {
  LOCKSTEP_CHECK(at(path, only_members(object, "a component", {"version", "counter", "epoch", "fallback", "staged", "trial", "torn"})));
  if (name.empty()) return wrong(path, "a component has a name");
  LOCKSTEP_TRY(torn, flag_at(path, object, "torn"));
  LOCKSTEP_TRY(trial, flag_at(path, object, "trial"));
  LOCKSTEP_TRY(version, optional_version(object, path, "version"));
  LOCKSTEP_TRY(fallback, optional_version(object, path, "fallback"));
  LOCKSTEP_TRY(staged, optional_version(object, path, "staged"));
  LOCKSTEP_TRY(counter, optional_u32(object, path, "counter"));
  LOCKSTEP_TRY(epoch, optional_u32(object, path, "epoch"));
  if (torn == version.has_value()) return wrong(path, torn ? "it cannot be torn and have a version" : "member \"version\" is missing");
  if (torn && counter) return wrong(path, "what is torn has no counter");
  if (version) report.device.components.push_back({.component = name, .version = *version, .security_counter = counter});
  // Nothing said about the other slot is not the same as nothing in it.
  if (object.size() == (version ? 1u : 0u) + (counter ? 1u : 0u)) return {};
  report.slots.push_back({.component = name, .fallback = fallback, .staged = staged, .trial = trial, .torn = torn, .epoch = epoch});
  return {};
}

Outcome<> read_uses(std::string_view path, const json::object& object, model::Report& report) {
  for (const auto& entry : object) {
    const std::string place = member(path, key_of(entry));
    LOCKSTEP_TRY(use, software_name(path, key_of(entry)));
    const json::array* versions = entry.value().if_array();
    if (versions == nullptr) return wrong(place, "a list of versions is wanted here");
    for (std::size_t n = 0; n < versions->size(); ++n) {
      const json::string* text = (*versions)[n].if_string();
      if (text == nullptr) return wrong(item(place, n), "a version is wanted here");
      LOCKSTEP_TRY(version, version_at(item(place, n), view(*text)));
      report.in_use.push_back({.component = use.component, .version = std::move(version), .platform = use.platform});
    }
  }
  return {};
}

Outcome<Said> read_device(std::string_view path, const json::object& object) {
  LOCKSTEP_CHECK(at(path, only_members(object, "a device", {"names", "count", "offline", "board", "revision", "components", "software"})));
  Said said;
  LOCKSTEP_TRY(names, at(path, json_array(object, "names")));
  for (std::size_t n = 0; n < names->size(); ++n) {
    const json::string* name = (*names)[n].if_string();
    if (name == nullptr || name->empty()) return wrong(item(member(path, "names"), n), "a name is wanted here");
    said.names.emplace_back(view(*name));
  }
  if (said.names.empty()) return wrong(member(path, "names"), "at least one of them has a name");
  LOCKSTEP_TRY(count, number(object, path, "count", said.names.size(), max_count));
  if (count < said.names.size()) return wrong(path, fmt::format("member \"count\" is {}, but {} names are there", count, said.names.size()));
  LOCKSTEP_TRY(offline, flag_at(path, object, "offline"));
  LOCKSTEP_TRY(board, at(path, json_text(object, "board")));
  LOCKSTEP_TRY(revision, at(path, json_text(object, "revision")));
  said.count = count, said.offline = offline;
  said.report.device = {.name = said.names[0], .board = std::string(board), .revision = std::string(revision), .components = {}};
  LOCKSTEP_TRY(components, at(path, json_object(object, "components")));
  for (const auto& entry : *components) {
    const std::string place = member(member(path, "components"), key_of(entry));
    LOCKSTEP_TRY(component, object_at(place, entry.value()));
    LOCKSTEP_CHECK(read_component(place, std::string(key_of(entry)), *component, said.report));
  }
  if (has(object, "software")) {
    LOCKSTEP_TRY(software, at(path, json_object(object, "software")));
    LOCKSTEP_CHECK(read_uses(member(path, "software"), *software, said.report));
  }
  return said;
}

Outcome<> read_software(const json::object& object, Census& census) {
  for (const auto& entry : object) {
    const std::string place = member("$.software", key_of(entry));
    LOCKSTEP_TRY(name, software_name("$.software", key_of(entry)));
    LOCKSTEP_TRY(versions, object_at(place, entry.value()));
    for (const auto& each : *versions) {
      const std::string path = member(place, key_of(each));
      LOCKSTEP_TRY(version, version_at(place, key_of(each)));
      LOCKSTEP_TRY(use, object_at(path, each.value()));
      LOCKSTEP_CHECK(at(path, only_members(*use, "a version in use", {"devices", "stay"})));
      LOCKSTEP_TRY(devices, number(*use, path, "devices", 0, max_count));
      LOCKSTEP_TRY(stay, number(*use, path, "stay", 0, max_count));
      if (stay > devices) return wrong(path, "more would stay on it than use it");
      census.software.push_back({name.component, name.platform, std::move(version), devices, stay});
    }
  }
  return {};
}

}  // namespace

Outcome<Census> parse(std::string_view text) {
  if (text.size() > max_bytes) return fail(ErrorKind::invalid, "a fleet's file is not that large");
  LOCKSTEP_TRY(root, attest::parse_strict(text));
  LOCKSTEP_TRY(tag, at("$", json_text(root, "format")));
  if (tag != format) return wrong("$.format", in_quotes(tag) + " is no fleet of Lockstep");
  LOCKSTEP_TRY(version, at("$", json_integer(root, "format_version")));
  if (version != format_version)
    return wrong("$.format_version", fmt::format("this program reads version {}, not {}", format_version, version));
  LOCKSTEP_CHECK(at("$", only_members(root, "a fleet", {"format", "format_version", "devices", "software", "adoption_percent", "may_strand"})));
  Census census;
  std::unordered_map<std::string, std::string> places;  // of names
  LOCKSTEP_TRY(devices, at("$", json_array(root, "devices")));
  for (std::size_t n = 0; n < devices->size(); ++n) {
    const std::string path = item("$.devices", n);
    LOCKSTEP_TRY(device, object_at(path, (*devices)[n]));
    LOCKSTEP_TRY(said, read_device(path, *device));
    for (std::size_t i = 0; i < said.names.size(); ++i) {
      const std::string place = item(member(path, "names"), i);
      const auto [before, fresh] = places.try_emplace(said.names[i], place);
      if (!fresh) return wrong(place, fmt::format("{} is named at {} already", in_quotes(said.names[i]), before->second));
    }
    census.devices.push_back(std::move(said));
  }
  if (has(root, "software")) {
    LOCKSTEP_TRY(software, at("$", json_object(root, "software")));
    LOCKSTEP_CHECK(read_software(*software, census));
  }
  LOCKSTEP_TRY(percent, number(root, "$", "adoption_percent", 100, 100));
  if (percent == 0) return wrong("$.adoption_percent", "0 would end versions that everybody uses; it is in 1..100");
  LOCKSTEP_TRY(may_strand, number(root, "$", "may_strand", 0, max_count));
  census.percent = static_cast<std::uint32_t>(percent), census.may_strand = may_strand;
  return census;
}

}  // namespace lockstep::fleet
