// Pairing: may this device, with this software around it, get this release? Yes with the set of versions that will
// then be together, or no with reasons that cite the manifest and say what would make it possible.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/release/release.hpp"

namespace lockstep::resolve {

struct Installed {
  std::string component;
  version::Version version;
  std::optional<Sha256> image_hash = {};               // as the device reports it
  std::optional<std::uint32_t> security_counter = {};  // lowest that the device accepts; absent when it has none
};

struct DeviceState {
  std::string name;      // for messages: "board-3"
  std::string board;     // empty when unknown: then the answer is no
  std::string revision;  // as printed on the board; empty when unknown
  std::vector<Installed> components;
};

// A version of a software component that somebody uses with this device. We can ask people to update it, not force
// them, so the release must fit to what is in use now. Several versions of one component may be in use at once.
struct SoftwareInUse {
  std::string component;
  version::Version version;
  std::string platform = {};  // empty: any
};

enum class Rule {
  hardware,      // board and revision
  component,     // the device has what the release brings an image for
  from,          // direct update from the installed version
  counter,       // security counter does not go back
  requirement,   // one component's requirement on another, in either direction
};
std::string_view text(Rule rule);

// One thing that was looked at.
struct Check {
  enum class Outcome { ok, failed, unknown };
  Rule rule = Rule::hardware;
  Outcome outcome = Outcome::ok;
  std::string what;      // a sentence without full stop: facts on both sides
  std::string at;        // "release.xml:7"
  std::string remedy{};  // failed: what would make it ok. May be empty

  // "app 2.0.0 requires mobile-app ^5.2.0, but 5.1.0 is in use (release.xml:9); ok when …"
  std::string text() const;
};

// One member of the resulting set.
struct Member {
  std::string component;
  version::Version version;                 // what it will be
  std::optional<version::Version> from{};   // what it is, when that changes
  bool firmware = false;                    // on the device; else software
  std::optional<Sha256> image_hash{};       // firmware of this release
};

struct Answer {
  bool yes = false;
  std::vector<Member> set;     // when yes: everything that will be together, firmware first
  std::vector<Check> checks;   // everything that was looked at, in the order of looking

  // The failed checks: why the answer is no. Empty when yes.
  std::vector<Check> reasons() const;
  // Firmware members that have to be written; empty when the device already runs the release.
  std::vector<Member> changes() const;
};

// Checks a device and the software around it against one release. What cannot be known is never taken as good: a
// requirement on something of which no version is known fails, and so does a version in use of a software that the
// release pairs, when neither the release describes that version nor a firmware's requirement vouches for it. With
// such a requirement the version's own requirements are a check with outcome `unknown`, which does not forbid.
// A requirement that must hold while an image is written, or as soon as it is in a slot, is held against what is there
// now, too: this looks at one release in one step. Which order of steps makes more possible is the planner's question,
// and so are data epochs.
Answer resolve(const release::Release& release, const DeviceState& device, std::span<const SoftwareInUse> in_use);

// The derivation as numbered lines, facts cited by manifest line, ending in the answer.
std::vector<std::string> explain(const release::Release& release, const DeviceState& device, const Answer& answer);

}  // namespace lockstep::resolve
