// A fleet as a file, for rehearsals without a daemon: "lockstep-fleet", version 1, one JSON object. Members that are not
// known are an error, because what is misspelt must not be taken as not said.
//
//   {"format": "lockstep-fleet", "format_version": 1,
//    "devices": [{"names": ["gw-1"], "count": 40, "offline": false, "board": "gw-1", "revision": "1",
//                 "components": {"app": {"version": "1.0.0", "counter": 1, "epoch": 1, "fallback": "0.9.0", "trial": true},
//                                "radio": {"torn": true}},
//                 "software": {"mobile-app@ios": ["4.0.0"]}}],
//    "software": {"mobile-app@ios": {"4.0.0": {"devices": 830, "stay": 12}}, "backend": {"1.0.0": {}}},
//    "adoption_percent": 98, "may_strand": 0}
//
// Without `epoch`, `fallback`, `staged` and `trial` nothing is known about a component's other slot; with one of them, what
// is not said is not there.
// `software` of the fleet: what is in use, with how many paired devices, and with how many of them it will stay (a
// forecast; 0 when it is not said). `software` of devices: what their own people were last seen with.
#pragma once

#include <string_view>

#include "host/base/error.hpp"
#include "manifests/fleet/gather.hpp"

namespace lockstep::fleet {

inline constexpr std::string_view format = "lockstep-fleet";
inline constexpr std::int64_t format_version = 1;
inline constexpr std::size_t max_bytes = 64u << 20;
inline constexpr std::uint64_t max_count = 1'000'000'000;

// Errors: invalid, with the place: `$.devices[2].components.app: member "versoin" is unknown; did you mean "version"?`
Outcome<Census> parse(std::string_view text);

}  // namespace lockstep::fleet
