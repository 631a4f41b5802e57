// `lockstep link probe URI`: what answers there, whoever built it. Works against any SMP server.
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/session/device_client.hpp"

namespace lockstep::session {

struct ProbeReport {
  std::string uri;
  std::string protocol = {};                // "SMP v2" or "SMP v1 (legacy)"
  std::chrono::microseconds round_trip{0};  // of the fastest of three echoes or, without echo, of a request
  std::optional<Params> params = {};
  std::optional<BootloaderInfo> bootloader = {};
  std::optional<std::string> os_info = {};            // the device's own words about its operating system
  std::optional<std::vector<ImageSlot>> images = {};  // absent: the device has no image list
  std::optional<Identity> identity = {};              // absent: not a device of ours, or an old one
  std::optional<Health> health = {};
  std::vector<std::string> missing = {};  // what it does not offer: "parameters: not supported (rc 8)"
  std::vector<std::string> log = {};      // lines that it printed meanwhile, the first 20
};

// Asks everything that only reads. Succeeds when anything answered SMP; unreachable when nothing did.
asio::awaitable<Outcome<ProbeReport>> probe(asio::any_io_executor executor, link::LinkUri uri,
                                            link::LinkOpener opener = link::open_link);

boost::json::value to_json(const ProbeReport& report);

}  // namespace lockstep::session
