// A plan with its certificate as a document that stands alone: the releases it was made from, by digest; the device; each
// step by the names of components and versions; the state that each step must find and leaves; the costs.
//
//   writing   document(problem, plan, about) -> to_json -> a file
//   reading   parse(text)                    -> what `plan show` and the picture need; nothing is believed yet
//             read(document, releases)       -> catalogue and plan, for manifests/check, which alone says whether it is good
//
// The format is "lockstep-plan", version 1: one JSON object; members that are not known are an error, because a reader that
// skips what it does not know would call a plan certified that it did not understand.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "manifests/model/state.hpp"

namespace lockstep::plan_file {

inline constexpr std::string_view format = "lockstep-plan";
inline constexpr std::int64_t format_version = 1;
inline constexpr std::size_t max_bytes = 16u << 20;
inline constexpr std::size_t max_steps = 10'000;

// A release that the plan was made from.
struct Source {
  std::string version;
  Sha256 sha256;  // of the manifest

  friend bool operator==(const Source&, const Source&) = default;
};

struct Component {
  std::string label;  // "app", "mobile-app@ios"
  model::Kind kind = model::Kind::ab_trial;

  friend bool operator==(const Component&, const Component&) = default;
};

// One component at one moment; versions are texts, empty for none.
struct Part {
  std::string active;  // empty: torn, or the device does not have it
  bool torn = false;
  std::string fallback;
  std::string staged;
  bool trial = false;
  std::uint32_t counter = 0;
  std::uint32_t epoch = 0;
  std::vector<std::string> in_use;  // software

  friend bool operator==(const Part&, const Part&) = default;
};
using State = std::vector<Part>;  // one per component

struct Target {
  std::size_t component = 0;  // its place in Document::components
  std::string version;

  friend bool operator==(const Target&, const Target&) = default;
};

struct Step {
  model::Act act = model::Act::stage;
  std::vector<Target> targets;
  std::uint64_t reboots = 0;
  std::uint64_t bytes = 0;  // that are sent to the device
  State after;

  friend bool operator==(const Step&, const Step&) = default;
};

// What was asked for when it was no release but the newest versions that go together; the goal says which.
inline constexpr std::string_view newest_target = "newest";

struct Document {
  std::string product;
  std::string target;            // version of the release that was asked for, or newest_target
  std::vector<Source> releases;  // oldest first
  std::string device;            // what it is called
  std::string board;
  std::string revision;          // as version::Version writes it
  std::vector<Component> components;
  State start;
  std::vector<std::string> goal;  // for each component; empty: whatever it is then
  std::vector<Step> steps;
  model::Cost cost;  // of all steps

  const State& before(std::size_t step) const { return step == 0 ? start : steps[step - 1].after; }
  friend bool operator==(const Document&, const Document&) = default;
};

// What a plan does not say itself.
struct About {
  std::string device;
  std::string target;
  std::span<const release::Release> releases;  // that the catalogue was made from
};

Document document(const model::Catalogue& catalogue, const model::Plan& plan, const About& about);

json::object to_json(const Document& document);
std::string to_text(const Document& document);  // pretty, with a final line end

// Errors: invalid, with the place: `$.steps[2].after.app: member "activ" is unknown; did you mean "active"?`
Outcome<Document> parse(std::string_view text);

// A plan in the words of a catalogue.
struct Certificate {
  model::Catalogue catalogue;
  model::Plan plan;
};

// `releases` must be all that the document names; when there are more, the plan is held against those, too, because later
// releases know more. Versions that no release describes may be there at the start, as the device's report had them.
// Errors: not_found, a release that is missing; conflict, a manifest with another digest; invalid, with the place as
// above: an unknown component or version, a step to a version that no release describes, costs that are not those of the
// steps; and those of model::make_catalogue.
Outcome<Certificate> read(const Document& document, std::span<const release::Release> releases);

// Where a fault leads.
struct Fault {
  enum class Kind {
    revert,  // a bootloader goes back
    cut,     // power goes while a `single` component is written: it is torn, and is written again
  };
  Kind kind = Kind::revert;
  std::size_t component = 0;
  State state;  // then
};

// Reverts of one component each, from the state that step number `step` finds (steps.size(): from the end).
std::vector<Fault> reverts(const Document& document, std::size_t step);
// What a power cut in the middle of a step leaves; empty for steps that it cannot spoil.
std::vector<Fault> cuts(const Document& document, std::size_t step);

// The latest state before step number `step` finds its own that is this one: from there the fewest steps are done again.
// Its number is that of the step that finds it; nothing when the plan has no such state.
std::optional<std::size_t> same_state(const Document& document, const State& state, std::size_t step);

// "stage app 2.0.0", "activate app 2.0.0 and radio 3.1.0"
std::string text(const Document& document, const Step& step);

// "thermostat 2.0.0"; when the newest was asked for what of it is not there yet: "thermostat with app 2.0.0 and radio 3.1.0"
std::string target_text(const Document& document);

}  // namespace lockstep::plan_file
