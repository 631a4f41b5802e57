// All that is known about the versions of a product's components: what a planner chooses from, and what a checker
// holds a plan against. Made of any number of releases.
//
// The words: a *component* has *versions*; a version is a `Record`. Components are numbered in the order of their
// names, versions of a component from the oldest to the newest; `Index` is such a number.
//
// What nobody describes. Devices have versions that no release brings, and requirements name components that no release
// brings (a bootloader that was there before the first release). What is not known is never taken as good, and does not
// vanish:
//   - A component that is only required, or only declared by <component>, is in the catalogue without versions.
//   - A version that a device or its users have (add_installed, add_in_use) is in the catalogue as a bare record: known
//     to be there, without requirements or a file, and to run on the boards on which it was seen. It may stay and be left,
//     but nothing moves to it (model/problem.hpp bans it).
//   - A device that does not have a component has `none` as its active version: no version is in any range, so a
//     requirement on it does not hold. (Only a torn one is demanded nothing of: it is there, and will be written again.)
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
  std::vector<release::Hardware> hardware;   // firmware: the boards that it runs on, one must fit. Bare: where it was seen
  std::uint32_t security_counter = 0;        // bare: the highest of the devices that run it, which it cannot be below
  std::optional<release::From> from;         // direct updates only from these versions; absent: from any
  Place from_at;                             // where `from` stands
  release::Data data{};                      // epochs of the component's stored data that it reads, and the one it writes
  std::vector<Need> needs;
  bool one_way = false;                      // the maker says: after finalising there is no way back
  std::uint64_t bytes = 0;                   // of the file
  Place at;                                  // where it is described (first release that brings it)
  bool bare = false;                         // no release describes it: it was seen on a device or in use
  // Firmware: software that its release brings and about which none of the release's firmware says which versions it
  // works with. A bare version of such software in use makes this version unknown (manifests/resolve has the same rule).
  std::vector<std::string> silent_on;
};

struct Component {
  std::string name;                // "app", "mobile-app"
  std::string platform;            // of software, may be empty
  Kind kind = Kind::ab_trial;
  Index via = none;                // on the device: it is written through this component
  std::uint32_t reboots = 1;       // that one activation costs; 0 for one that is loaded without
  std::vector<Record> versions;    // oldest first
  Place at;                        // where the kind was declared, else the first release that brings it or requires it
  bool declared = false;           // a release says the kind

  std::string label() const { return platform.empty() ? name : name + '@' + platform; }
  Index find(const version::Version& version) const;  // none when it is not known
};

struct Catalogue {
  std::string product;
  std::vector<Component> components;   // in the order of their labels

  Index find(std::string_view label) const;  // "app", "mobile-app@ios"; none when there is no such
  const Record& record(Index component, Index version) const;
  // "app 2.0.0"; "app torn" for `torn`, "no app" for `none`.
  std::string name(Index component, Index version) const;
};

inline constexpr std::size_t max_components = 16;
inline constexpr std::size_t max_versions = 256;  // of one component

// Puts releases of one product together. A version that several releases bring must be the same in all of them (image
// hash, counter, data; software: digest); its requirements, `from` ranges and one-way mark are those of the newest release
// that brings it, because later releases know more; of a board, the newest that names it says which revisions fit. Components of which nobody says the kind are
// `ab_trial` on the device, `app` beside it. Software requires what it requires while it is used: `when` of its needs is
// `active`, whatever a manifest that nobody linted says.
// Errors: invalid, every contradiction on a line of its own with both places: two products, two contents for one version
// of the release, two kinds (or ways, or costs) for one component, firmware and software at once, a kind that does not
// go with that, one version with two digests, a requirement on itself, `via` a component that does not exist, is
// software, or leads in a circle, more than max_versions versions of one component or max_components components.
Outcome<Catalogue> make_catalogue(std::span<const release::Release> releases);

// Where a version was seen on a device.
struct Sighting {
  std::string board;
  version::Version revision = {};
  std::uint32_t counter = 0;  // stored security counter of the device, when the version runs there; else 0
};

// Adds what a device has (component and version) or what is used beside it, if it is not there yet: as a bare record,
// in a new component when there is none of that name. Indices may change: add everything before making a State.
// A platform that nobody described becomes one more component, and what is required of its siblings is required of it.
// Software in use on no named platform counts for each platform that has this version, or for all when none has.
// Errors: conflict, the name is software and seen on the device or the other way round; invalid, over the limits above.
Outcome<> add_installed(Catalogue& catalogue, std::string_view component, const version::Version& version,
                        const Sighting& seen);
Outcome<> add_in_use(Catalogue& catalogue, std::string_view component, std::string_view platform,
                     const version::Version& version);

// The components that a version in use belongs to, by the rule above; empty when nobody described any.
std::vector<Index> software_components(const Catalogue& catalogue, std::string_view component, std::string_view platform,
                                       const version::Version& version);

}  // namespace lockstep::model
