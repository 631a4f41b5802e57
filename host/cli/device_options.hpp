// The options that say what is on a device and used with it, for commands that work on files alone.
#pragma once

#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/cli/command.hpp"
#include "manifests/model/problem.hpp"
#include "manifests/resolve/resolve.hpp"

namespace lockstep::cli {

struct DeviceOptions {
  std::string name = "the device";
  std::string board;
  std::string revision;
  std::vector<std::string> installed;
  std::vector<std::string> counters;
  std::vector<std::string> software;
  // What is in the slots, for planning.
  std::vector<std::string> fallbacks;
  std::vector<std::string> staged;
  std::vector<std::string> trials;
  std::vector<std::string> torn;
  std::vector<std::string> epochs;
  std::vector<std::string> unused;
};

// --device --board --revision --software --counter --name. The options outlive the command.
void add_device_options(Command command, DeviceOptions& o);
// --fallback --staged --trial --torn --epoch --unused
void add_slot_options(Command command, DeviceOptions& o);

// Errors: invalid, a --counter for what is not installed.
Outcome<resolve::DeviceState> device_state(const DeviceOptions& o);
Outcome<std::vector<resolve::SoftwareInUse>> software_in_use(const DeviceOptions& o);
Outcome<model::Report> device_report(const DeviceOptions& o);

}  // namespace lockstep::cli
