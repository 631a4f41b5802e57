// From what devices, stores and services say to a Fleet.
#pragma once

#include <span>

#include "manifests/fleet/fleet.hpp"
#include "manifests/model/problem.hpp"

namespace lockstep::fleet {

// Devices that say the same; `report.in_use` is what their own people use.
struct Said {
  model::Report report;
  std::vector<std::string> names;
  std::uint64_t count = 1;
  bool offline = false;
};

// A version in use, with how many paired devices, and with how many of them it will stay.
struct Usage {
  std::string component;
  std::string platform;  // may be empty
  version::Version version;
  std::uint64_t devices = 0;
  std::uint64_t stay = 0;
};

// What a fleet file says, or the daemon's state.
struct Census {
  std::vector<Said> devices;
  std::vector<Usage> software;    // apps and services in use, besides those of the reports
  std::uint32_t percent = 100;
  std::uint64_t may_strand = 0;
};

// What a catalogue must have seen (model::add_reported): each report with all software of the census in use beside it,
// because the law holds for every device with every version. In the order of `devices`.
std::vector<model::Report> reports(const Census& census);

// Devices that come to the same become one. Who says too little is `unknown`. `scope` as in model::make_problem.
// The catalogue outlives the fleet, and has seen the reports.
Fleet make_fleet(const model::Catalogue& catalogue, const Census& census, const release::Release& target, model::Scope scope);

}  // namespace lockstep::fleet
