#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "host/base/text.hpp"
#include "manifests/attest/json_place.hpp"
#include "manifests/attest/strict_json.hpp"
#include "manifests/plan_file/plan_file.hpp"
#include "manifests/version/version.hpp"

namespace lockstep::plan_file {
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

Outcome<std::string> name_text(const json::object& object, std::string_view path, std::string_view name) {
  LOCKSTEP_TRY(text, at(path, json_text(object, name)));
  if (text.empty()) return wrong(path, "member " + in_quotes(name) + " is empty");
  return std::string(text);
}

// Versions have one spelling here, so that comparing texts compares versions.
Outcome<std::string> version_text(std::string_view path, std::string_view text) {
  const auto version = version::parse(text);
  if (!version) return wrong(path, version.error().what);
  return std::string(text);
}
Outcome<std::string> version_member(const json::object& object, std::string_view path, std::string_view name) {
  LOCKSTEP_TRY(text, at(path, json_text(object, name)));
  return version_text(member(path, name), text);
}
Outcome<std::string> optional_version(const json::object& object, std::string_view path, std::string_view name) {
  if (!has(object, name)) return std::string();
  return version_member(object, path, name);
}

Outcome<std::uint32_t> optional_u32(const json::object& object, std::string_view path, std::string_view name) {
  if (!has(object, name)) return std::uint32_t{0};
  LOCKSTEP_TRY(value, number_at(path, object, name, std::numeric_limits<std::uint32_t>::max()));
  return static_cast<std::uint32_t>(value);
}
template <class Enum, class Text>
Outcome<Enum> one_of(std::string_view path, std::string_view word, std::span<const Enum> all, Text text) {
  std::vector<std::string_view> words;
  for (const Enum each : all) {
    if (text(each) == word) return each;
    words.push_back(text(each));
  }
  std::string what = in_quotes(word) + " is not known here";
  if (const auto meant = closest(word, words)) what += "; did you mean " + in_quotes(*meant) + "?";
  return wrong(path, std::move(what));
}

constexpr model::Kind kinds[] = {model::Kind::ab_trial, model::Kind::ab_late, model::Kind::single, model::Kind::app,
                                 model::Kind::service};

class Reader {
 public:
  Outcome<Document> run(const json::object& root) {
    LOCKSTEP_CHECK(read_head(root));
    LOCKSTEP_CHECK(read_releases(root));
    LOCKSTEP_CHECK(read_components(root));
    LOCKSTEP_TRY(start, at("$", json_object(root, "start")));
    LOCKSTEP_TRY(first, read_state("$.start", *start));
    d_.start = std::move(first);
    LOCKSTEP_CHECK(read_goal(root));
    LOCKSTEP_CHECK(read_steps(root));
    LOCKSTEP_CHECK(read_cost(root));
    return std::move(d_);
  }

 private:
  Outcome<> read_head(const json::object& root) {
    LOCKSTEP_TRY(tag, at("$", json_text(root, "format")));
    if (tag != format) return wrong("$.format", in_quotes(tag) + " is no plan of Lockstep");
    LOCKSTEP_TRY(number, at("$", json_integer(root, "format_version")));
    if (number != format_version) {
      return wrong("$.format_version", fmt::format("this program reads version {}, not {}", format_version, number));
    }
    // After the version: a newer file has other members, and saying that they are unknown would be the wrong advice.
    LOCKSTEP_CHECK(at("$", only_members(root, "a plan",
                                        {"format", "format_version", "product", "target", "releases", "device", "board",
                                         "revision", "components", "start", "goal", "steps", "cost"})));
    LOCKSTEP_TRY(product, name_text(root, "$", "product"));
    LOCKSTEP_TRY(target, name_text(root, "$", "target"));
    if (target != newest_target) LOCKSTEP_CHECK(version_text("$.target", target));
    LOCKSTEP_TRY(device, name_text(root, "$", "device"));
    LOCKSTEP_TRY(board, name_text(root, "$", "board"));
    LOCKSTEP_TRY(revision, version_member(root, "$", "revision"));
    d_.product = std::move(product), d_.target = std::move(target), d_.device = std::move(device);
    d_.board = std::move(board), d_.revision = std::move(revision);
    return {};
  }

  Outcome<> read_releases(const json::object& root) {
    LOCKSTEP_TRY(array, at("$", json_array(root, "releases")));
    if (array->empty()) return wrong("$.releases", "a plan is made from at least one release");
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string path = item("$.releases", i);
      LOCKSTEP_TRY(object, object_at(path, (*array)[i]));
      LOCKSTEP_CHECK(at(path, only_members(*object, "a release", {"version", "sha256"})));
      LOCKSTEP_TRY(version, version_member(*object, path, "version"));
      LOCKSTEP_TRY(hex, at(path, json_text(*object, "sha256")));
      LOCKSTEP_TRY(digest, at(member(path, "sha256"), Sha256::from_hex(hex)));
      const auto same = [&](const Source& s) { return s.version == version; };
      if (std::any_of(d_.releases.begin(), d_.releases.end(), same)) return wrong(path, version + " is there twice");
      d_.releases.push_back({std::move(version), digest});
    }
    return {};
  }

  Outcome<> read_components(const json::object& root) {
    LOCKSTEP_TRY(array, at("$", json_array(root, "components")));
    if (array->size() > model::max_components) {
      return wrong("$.components", fmt::format("{} of them, at most {} can be", array->size(), model::max_components));
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string path = item("$.components", i);
      LOCKSTEP_TRY(object, object_at(path, (*array)[i]));
      LOCKSTEP_CHECK(at(path, only_members(*object, "a component", {"name", "kind"})));
      LOCKSTEP_TRY(name, name_text(*object, path, "name"));
      LOCKSTEP_TRY(word, at(path, json_text(*object, "kind")));
      LOCKSTEP_TRY(kind, one_of(member(path, "kind"), word, std::span<const model::Kind>(kinds),
                                [](model::Kind k) { return release::text(k); }));
      if (find(name)) return wrong(path, in_quotes(name) + " is there twice");
      d_.components.push_back({std::move(name), kind});
    }
    return {};
  }

  std::optional<std::size_t> find(std::string_view label) const {
    const auto found = std::find_if(d_.components.begin(), d_.components.end(),
                                    [&](const Component& c) { return c.label == label; });
    if (found == d_.components.end()) return std::nullopt;
    return static_cast<std::size_t>(found - d_.components.begin());
  }
  Outcome<std::size_t> component(std::string_view path, std::string_view label) const {
    if (const auto found = find(label)) return *found;
    std::vector<std::string> labels;
    for (const Component& c : d_.components) labels.push_back(c.label);
    std::string what = in_quotes(label) + " is none of the plan's components";
    if (const auto meant = closest(label, labels)) what += "; did you mean " + in_quotes(*meant) + "?";
    return wrong(path, std::move(what));
  }

  Outcome<State> read_state(std::string_view path, const json::object& object) const {
    for (const auto& entry : object) {
      const std::string_view label(entry.key().data(), entry.key().size());
      LOCKSTEP_TRY(known, component(path, label));
      static_cast<void>(known);
    }
    State out;
    for (const Component& c : d_.components) {
      const std::string place = member(path, c.label);
      const json::value* value = object.if_contains(c.label);
      if (value == nullptr) return wrong(path, "nothing is said about " + c.label);
      LOCKSTEP_TRY(part, object_at(place, *value));
      LOCKSTEP_TRY(read, on_device(c.kind) ? read_device_part(place, *part) : read_software_part(place, *part));
      out.push_back(std::move(read));
    }
    return out;
  }

  Outcome<Part> read_device_part(std::string_view path, const json::object& object) const {
    LOCKSTEP_CHECK(at(path, only_members(object, "a component on the device",
                                         {"active", "torn", "fallback", "staged", "trial", "counter", "epoch"})));
    Part part;
    LOCKSTEP_TRY(active, optional_version(object, path, "active"));
    LOCKSTEP_TRY(fallback, optional_version(object, path, "fallback"));
    LOCKSTEP_TRY(staged, optional_version(object, path, "staged"));
    LOCKSTEP_TRY(is_torn, flag_at(path, object, "torn"));
    LOCKSTEP_TRY(trial, flag_at(path, object, "trial"));
    LOCKSTEP_TRY(counter, optional_u32(object, path, "counter"));
    LOCKSTEP_TRY(epoch, optional_u32(object, path, "epoch"));
    if (is_torn && !active.empty()) return wrong(path, "it cannot be torn and run " + active);
    return Part{.active = std::move(active), .torn = is_torn, .fallback = std::move(fallback), .staged = std::move(staged),
                .trial = trial, .counter = counter, .epoch = epoch, .in_use = {}};
  }

  Outcome<Part> read_software_part(std::string_view path, const json::object& object) const {
    LOCKSTEP_CHECK(at(path, only_members(object, "a software component", {"in_use"})));
    LOCKSTEP_TRY(array, at(path, json_array(object, "in_use")));
    if (array->size() > model::max_versions) return wrong(path, "too many versions in use");
    Part part;
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string place = item(member(path, "in_use"), i);
      const json::string* text = (*array)[i].if_string();
      if (text == nullptr) return wrong(place, "a version is wanted here");
      LOCKSTEP_TRY(version, version_text(place, std::string_view(text->data(), text->size())));
      part.in_use.push_back(std::move(version));
    }
    return part;
  }

  Outcome<> read_goal(const json::object& root) {
    LOCKSTEP_TRY(goal, at("$", json_object(root, "goal")));
    d_.goal.resize(d_.components.size());
    for (const auto& entry : *goal) {
      const std::string_view label(entry.key().data(), entry.key().size());
      LOCKSTEP_TRY(i, component("$.goal", label));
      LOCKSTEP_TRY(version, version_member(*goal, "$.goal", label));
      d_.goal[i] = std::move(version);
    }
    return {};
  }

  Outcome<> read_steps(const json::object& root) {
    LOCKSTEP_TRY(array, at("$", json_array(root, "steps")));
    if (array->size() > max_steps)
      return wrong("$.steps", fmt::format("{} of them, at most {} can be", array->size(), max_steps));
    for (std::size_t i = 0; i < array->size(); ++i) {
      const std::string path = item("$.steps", i);
      LOCKSTEP_TRY(object, object_at(path, (*array)[i]));
      LOCKSTEP_TRY(step, read_step(path, *object));
      d_.steps.push_back(std::move(step));
    }
    return {};
  }

  Outcome<Step> read_step(std::string_view path, const json::object& object) const {
    LOCKSTEP_CHECK(at(path, only_members(object, "a step", {"act", "targets", "reboots", "bytes", "after"})));
    Step step;
    LOCKSTEP_TRY(word, at(path, json_text(object, "act")));
    LOCKSTEP_TRY(act, one_of(member(path, "act"), word, std::span<const model::Act>(model::acts),
                             [](model::Act a) { return model::text(a); }));
    step.act = act;
    LOCKSTEP_TRY(targets, at(path, json_array(object, "targets")));
    if (targets->empty() || targets->size() > d_.components.size()) {
      return wrong(member(path, "targets"), fmt::format("a step has one to {} targets, not {}",
                                                        d_.components.size(), targets->size()));
    }
    for (std::size_t i = 0; i < targets->size(); ++i) {
      const std::string place = item(member(path, "targets"), i);
      LOCKSTEP_TRY(target, object_at(place, (*targets)[i]));
      LOCKSTEP_CHECK(at(place, only_members(*target, "a target", {"component", "version"})));
      LOCKSTEP_TRY(label, at(place, json_text(*target, "component")));
      LOCKSTEP_TRY(index, component(member(place, "component"), label));
      LOCKSTEP_TRY(version, version_member(*target, place, "version"));
      step.targets.push_back({index, std::move(version)});
    }
    LOCKSTEP_TRY(reboots, number_at(path, object, "reboots", max_figure));
    LOCKSTEP_TRY(bytes, number_at(path, object, "bytes", max_figure));
    step.reboots = reboots, step.bytes = bytes;
    LOCKSTEP_TRY(after, at(path, json_object(object, "after")));
    LOCKSTEP_TRY(state, read_state(member(path, "after"), *after));
    step.after = std::move(state);
    return step;
  }

  Outcome<> read_cost(const json::object& root) {
    LOCKSTEP_TRY(cost, at("$", json_object(root, "cost")));
    LOCKSTEP_CHECK(at("$.cost", only_members(*cost, "the cost", {"irreversible", "reboots", "publications", "bytes"})));
    LOCKSTEP_TRY(irreversible, number_at("$.cost", *cost, "irreversible", max_figure));
    LOCKSTEP_TRY(reboots, number_at("$.cost", *cost, "reboots", max_figure));
    LOCKSTEP_TRY(publications, number_at("$.cost", *cost, "publications", max_figure));
    LOCKSTEP_TRY(bytes, number_at("$.cost", *cost, "bytes", max_figure));
    d_.cost = {.irreversible = irreversible, .reboots = reboots, .publications = publications, .bytes = bytes};
    return {};
  }

  static constexpr std::uint64_t max_figure = std::uint64_t{1} << 53;  // what every reader of JSON takes exactly
  Document d_;
};

}  // namespace

Outcome<Document> parse(std::string_view text) {
  if (text.size() > max_bytes) return fail(ErrorKind::invalid, "a plan is not that large");
  LOCKSTEP_TRY(root, attest::parse_strict(text));
  return Reader().run(root);
}

}  // namespace lockstep::plan_file
