// A fleet scenario: an XML file that says which devices there are, when and how well they can be reached, and what goes
// wrong with them. Pure: bytes in, descriptions of devices out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/fleet/schedule.hpp"
#include "device/fleet/weather.hpp"
#include "host/base/error.hpp"
#include "host/base/random.hpp"

namespace lockstep::fleet {

inline constexpr std::uint32_t max_devices = 20'000;
inline constexpr std::uint32_t sector_size = 4096;  // what slots are multiples of

enum class Mode { swap, overwrite, direct_xip, ram_load };

// What goes wrong with a device, as lockstep-sim --fault has it.
struct Faults {
  std::uint32_t cut_at = 0;  // the power fails at this flash operation; 0: it does not
  bool torn = false;         // ... which is done by half
  Milliseconds off{};        // ... and comes back after so long
  bool silent = false;
  bool unhealthy = false;
  bool no_reset_answer = false;
  std::uint32_t drop_every = 0;  // 0: none

  friend bool operator==(const Faults&, const Faults&) = default;
};

struct Software {
  std::string component;
  std::string version;

  friend bool operator==(const Software&, const Software&) = default;
};

struct Kind {
  std::string group;
  std::string board, revision, product;
  Mode mode = Mode::swap;
  std::uint32_t slot_bytes = 0;
  std::uint32_t buffer_bytes = 0;
  Milliseconds boot_time{}, watchdog{};
  LinkQuality link{};

  friend bool operator==(const Kind&, const Kind&) = default;
};

struct Device {
  Kind kind;
  std::string serial;
  std::string image;                // the scenario's file name; relative to its folder
  std::vector<Software> software;
  Schedule contact;
  Faults faults;
  Random luck{0};                   // for what its link does

  // Everything a person could notice; the generator is told by its first number.
  friend bool operator==(const Device& a, const Device& b);
};

struct Scenario {
  std::uint32_t seed = 0;
  Moment begins{};              // of the fleet's week
  std::vector<Device> devices;  // group by group, in the file's order
};

// Reads the file and draws its devices. Every problem says file, line, element and what was expected.
// ErrorKind::invalid. `file` is for messages.
Outcome<Scenario> parse(std::string_view bytes, std::string file);

// The device as arguments for `lockstep device add`, without its end of line:
// SN-1 --link URI --serial SN-1 --board node-m3 --revision 1.0 --software mobile-app=5.3.0
std::string list_line(const Device& device, std::string_view uri);

}  // namespace lockstep::fleet
