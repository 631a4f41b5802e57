// A whole fleet on its way to a release: what is out there, and the one order of stages in which apps, services and
// devices go.
//
// Apps and services are shared by all devices, and apps change when people like. So a stage of the fleet is good only
// when it is good for every device at once:
//
//   The law. At every moment of a schedule, each device (each moment of its steps, and each state that reverts and
//   cuts lead to from there) is safe and live, as model/state.hpp says, with every app version in use and every service
//   version running at that moment. A device that is asleep is taken to be what it last said, all the time.
//
// The stages are those of expand, migrate, contract:
//   expand    an app version is published, or a service rolled on; the old versions stay in use
//   wait      until few enough people use an old version (adoption)
//   contract  that version is ended: nobody counts on it any more. Always after its wait
//   migrate   devices take the steps of their plans, each made and certified with the software of that moment
//   finalise  the same for the steps after which there is no way back
// Devices and people for whom there is no place in the schedule are named with the reason, never only counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::fleet {

// Devices that say the same.
struct Device {
  std::vector<std::string> names;   // at least one; all of them where they are known
  std::uint64_t count = 1;
  bool offline = false;             // asleep for long: it takes no step, and nobody knows when it will
  model::Board board;
  model::State state;               // one part per component of the catalogue; those of software are empty here
  model::Goal goal;                 // of components on the device; all none: nothing to get
  std::vector<model::Ban> bans;
  std::vector<model::Target> uses;  // software versions that its people were last seen with
};

// How many paired devices are used with a version, and with how many of them it will stay (a forecast): phones that
// cannot have a newer one, people who never update.
struct Adoption {
  model::Target version;
  std::uint64_t devices = 0;
  std::uint64_t stay = 0;
};

// Devices about which too little is known to plan for.
struct Unknown {
  std::vector<std::string> names;
  std::uint64_t count = 1;
  std::string why;
};

struct Fleet {
  const model::Catalogue* catalogue = nullptr;  // borrowed
  std::vector<Device> devices;
  std::vector<Unknown> unknown;
  std::vector<std::vector<model::Index>> alive;  // per component: of software, what is in use
  std::vector<Adoption> adoption;
  model::Goal goal;               // of software: only this version in the end; none: whatever is needed
  std::uint32_t percent = 100;    // of paired devices that must have left a version before it is ended
};

enum class Kind : std::uint8_t { expand, wait, contract, migrate, finalise };
inline constexpr Kind kinds[] = {Kind::expand, Kind::wait, Kind::contract, Kind::migrate, Kind::finalise};
std::string_view text(Kind kind);

struct Move {
  std::size_t device = 0;  // its place in Fleet::devices
  model::Plan plan;        // its states have the software of that moment
};

struct Stage {
  Kind kind = Kind::expand;
  model::Target version;      // expand: that comes; wait and contract: that goes
  std::vector<Move> moves;    // migrate, finalise: these do not wait for each other
  std::string why;            // what this stage is for, or what would be unsafe without it
};

// Who does not get there.
struct Left {
  enum class How : std::uint8_t {
    asleep,    // kept safe all the time; it can go when it wakes, by `later`
    blocked,   // kept safe all the time, and stays what it is: there is no way for it
    broken,    // not safe already now, before anything is done
    stranded,  // some stage makes what it was last seen as unsafe: the law does not hold for it from there on
    unserved,  // its people's version is ended though they will not leave it
  };
  How how = How::blocked;
  std::optional<std::size_t> device;  // unserved by a forecast alone: none
  model::Target version;              // unserved: what is ended
  std::uint64_t count = 0;
  std::size_t stage = 0;              // stranded, unserved: from this stage on, from 1
  std::string why;
  model::Plan later = {};             // asleep: its own plan with the software as it is after the last stage
};
std::string_view text(Left::How how);

// Software that does not come to its goal.
struct Unmet {
  model::Target version;  // that was to be the only one
  std::string why;
};

struct Schedule {
  std::vector<Stage> stages;
  std::vector<Left> left;
  std::vector<Unmet> unmet;
};

// "gw-1, gw-2 and 40 more"
std::string names(const Device& device);

// The device with this software beside it.
model::State beside(const model::Catalogue& catalogue, const model::State& device,
                    const std::vector<std::vector<model::Index>>& alive);

}  // namespace lockstep::fleet
