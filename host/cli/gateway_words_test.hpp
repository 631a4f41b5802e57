// For tests: the gateway of manifests/examples as it was sold, as `lockstep plan make` is told about it.
#pragma once

#include <string>
#include <vector>

namespace lockstep::cli::test {

inline const std::string gateway_examples = LOCKSTEP_SOURCE_DIR "/manifests/examples";
inline const std::string gateway_one = gateway_examples + "/gateway-1.0.0.xml";
inline const std::string gateway_two = gateway_examples + "/gateway-2.0.0.xml";

// Everything but which mobile apps are in use with it.
inline std::vector<std::string> make_gateway_plan(const std::string& to) {
  return {"plan",       "make",
          "--release",  gateway_one,
          "--release",  gateway_two,
          "--to",       to,
          "--name",     "gw-7",
          "--board",    "gw-1",
          "--revision", "1",
          "--device",   "app=1.0.0",
          "--device",   "radio=1.0.0",
          "--device",   "bootloader=1.0.0",
          "--counter",  "app=1",
          "--epoch",    "app=1",
          "--software", "backend=1.0.0"};
}

}  // namespace lockstep::cli::test
