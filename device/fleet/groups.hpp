// The groups of a scenario as the file has them, checked. Private to this folder.
#pragma once

#include <string>
#include <vector>

#include "device/fleet/scenario.hpp"
#include "manifests/xml/reader.hpp"

namespace lockstep::fleet {

// "HA-{n:4}": text around a number that is filled with zeros to `width`.
struct SerialPattern {
  std::string before, after;
  unsigned width = 0;
  bool numbered = false;

  std::string text(std::uint32_t n) const;
};

struct Share {
  std::string value;  // file name, or version of the component
  std::uint32_t count = 0;
};

struct SoftwareShares {
  std::string component;
  std::vector<Share> versions;
};

struct FaultRule {
  Faults faults{};                     // what it sets
  std::uint32_t count = 0;             // so many devices, drawn ...
  std::vector<std::uint32_t> devices;  // ... or these, counted from 0
  bool drawn = false;
};

struct Group {
  Kind kind;
  std::uint32_t count = 0;
  SerialPattern serial;
  std::vector<Share> images;
  std::vector<SoftwareShares> software;
  Schedule contact;  // without the phase
  std::vector<FaultRule> faults;
  int line = 0;
};

// Reads one <group>; what is wrong goes to `problems`, and then the group is of no use.
Group read_group(const xml::Node& node, std::vector<xml::Problem>& problems);

// Draws its devices.
void draw(const Group& group, Random random, std::vector<Device>& out);

}  // namespace lockstep::fleet
