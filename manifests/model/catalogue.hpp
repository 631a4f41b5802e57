// All that is known about the versions of a product's components: what a planner chooses from, and what a checker
// holds a plan against. Made of any number of releases.
//
// The words: a *component* has *versions*; a version is a `Record`. Components are numbered in the order of their
// names, versions of a component from the oldest to the newest; `Index` is such a number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/crypto.hpp"
#include "host/base/error.hpp"
#include "manifests/release/release.hpp"
#include "manifests/version/range.hpp"

namespace lockstep::model {

using Index = std::int32_t;
inline constexpr Index none = -1;   // no version there
inline constexpr Index torn = -2;   // a `single` component whose only slot was being written when the power went

// What is true of a kind of component; decides where a fault can lead (state.hpp).
using release::Kind;
using release::When;
using release::on_device;

constexpr bool has_two_slots(Kind kind) { return kind == Kind::ab_trial || kind == Kind::ab_late; }

// A line of a manifest, for citations.
struct Place {
  std::string file;
  int line = 0;

  std::string text() const { return file + ':' + std::to_string(line); }
  friend bool operator==(const Place&, const Place&) = default;
};

// The version it stands in needs one of these versions of `component`. A requirement on software of several platforms
// becomes one Need for each.
struct Need {
  Index component = none;
  version::Range range;
  When when = When::active;
  Place at;
};

// One version of one component.
struct Record {
  version::Version version;
  std::optional<Sha256> image_hash;          // firmware: what the device reports as the image's hash
  std::vector<release::Hardware> hardware;   // firmware: the boards that it runs on; one must fit
  std::uint32_t security_counter = 0;
  std::optional<release::From> from;         // direct updates only from these versions; absent: from any
  Place from_at;                             // where `from` stands
  release::Data data{};                      // epochs of the component's stored data that it reads, and the one it writes
  std::vector<Need> needs;
  bool one_way = false;                      // the maker says: after finalising there is no way back
  std::uint64_t bytes = 0;                   // of the file
  Place at;                                  // where it is described (first release that brings it)
};

struct Component {
  std::string name;                // "app", "mobile-app"
  std::string platform;            // of software, may be empty
  Kind kind = Kind::ab_trial;
  Index via = none;                // on the device: it is written through this component
  std::uint32_t reboots = 1;       // that one activation costs; 0 for one that is loaded without
  std::vector<Record> versions;    // oldest first
  Place at;                        // where the kind was declared, or the first release that brings it

  std::string label() const { return platform.empty() ? name : name + '@' + platform; }
  Index find(const version::Version& version) const;  // none when it is not known
};

struct Catalogue {
  std::string product;
  std::vector<Component> components;   // in the order of their labels

  Index find(std::string_view label) const;  // "app", "mobile-app@ios"; none when there is no such
  const Record& record(Index component, Index version) const;
  // "app 2.0.0"; "app torn" for `torn`.
  std::string name(Index component, Index version) const;
};

// Puts releases of one product together. A version that several releases bring must be the same in all of them (image
// hash, counter, data); its requirements, `from` ranges and hardware are those of the newest release that brings it,
// because later releases know more. Components of which nobody says the kind are `ab_trial` on the device, `app`
// beside it.
// Errors: invalid, every contradiction on a line of its own with both places: two products, two kinds for one
// component, firmware and software at once, one version with two digests, `via` a component that does not exist, is
// software, or leads in a circle, more than 256 versions of one component or 16 components.
Outcome<Catalogue> make_catalogue(std::span<const release::Release> releases);

}  // namespace lockstep::model
