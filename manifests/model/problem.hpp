// From what a device and its users say to what is asked of a planner.
//
//   LOCKSTEP_TRY(catalogue, make_catalogue(releases));
//   for (const Report& r : reports) LOCKSTEP_CHECK(add_reported(catalogue, r));   // everything, before any problem
//   LOCKSTEP_TRY(problem, make_problem(catalogue, reports[0], target));
//
// One catalogue serves a whole fleet; devices that say the same give the same problem.
//
// What is not known is never taken as good:
//   - Bare versions (catalogue.hpp) are banned: nothing moves to them. A device may stay on one, and leave it.
//   - A version that requires a component which the device does not have, or software of which no version is known to be
//     in use, is banned, and so is one that its release leaves silent about software of which a version is in use that
//     nobody describes. The reason says what to do, and after that one asks again.
//   - What the target brings is banned when the target is for other boards, whatever another release says of its images.
//   - A version that the device has already is not banned: it is there. When it requires a component that the device
//     does not report, no state is safe, and that is an error here, because only a person can say what is missing.
//   - Counters that are not reported count as 0: a device without them refuses nothing, and one that has them refuses,
//     which changes nothing.
//   - Epochs that are not reported may be any that the active version reads, out of 0 and those that some version writes;
//     if that version migrates at boot, it has. The state takes what the active version writes, else the newest of
//     them, and versions that do not read all of them are banned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/model/state.hpp"
#include "manifests/resolve/resolve.hpp"

namespace lockstep::model {

// What a report may add about one component's slots. Without it the component is taken as confirmed, with nothing in the
// other slot that boots; that is not enough for `ab_late`, where the other slot may start at any time.
struct Slots {
  std::string component;
  std::optional<version::Version> fallback = {};  // what the bootloader would go back to; absent: nothing
  std::optional<version::Version> staged = {};    // written, not tried yet; absent: nothing
  bool trial = false;
  bool torn = false;                              // `single`: nothing that boots is in its slot
  std::optional<std::uint32_t> epoch = {};        // of its data; absent: not known
};

struct Report {
  resolve::DeviceState device;
  std::vector<Slots> slots = {};
  std::vector<resolve::SoftwareInUse> in_use = {};
  std::vector<std::string> unused = {};  // names of software that nobody uses with this device: that is known, too
};

// Adds what the report has and the catalogue does not; indices may change.
// Errors: those of add_installed and add_in_use, all of them, a line each.
Outcome<> add_reported(Catalogue& catalogue, const Report& report);

// What a release wants of the software around the device.
enum class Scope {
  device,      // nothing: versions change only as far as the device's firmware requires it
  everything,  // only the newest listed version of each is used in the end
};

// The catalogue outlives the problem, and has seen the report and the target. `target` sets the goal: its firmware
// active and confirmed; components that it does not bring end as they can. Holds and pins are the caller's to add.
// Errors, all of them, a line each with what to do: refused: the device has no component that the target brings, or the
// target is for other boards, but everything that it brings is there already.
// conflict: the report contradicts itself or the catalogue (a digest that belongs to another build of that version, a
// trial without an image to go back to, two slots of a component that has one). invalid: something must be known (board,
// revision, the other slot of an ab_late component, a component that an active version requires), or the catalogue has
// not seen report or target.
Outcome<Problem> make_problem(const Catalogue& catalogue, const Report& report, const release::Release& target,
                              Scope scope = Scope::device);

// The same before anybody has chosen a goal: each component ends as it can.
Outcome<Problem> make_problem(const Catalogue& catalogue, const Report& report);

}  // namespace lockstep::model
