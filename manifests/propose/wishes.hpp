// What people say about the versions that a device should have, in their words, before anything is known of a device.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "manifests/version/range.hpp"

namespace lockstep::propose {

// About one component: "app=^2.0.0", "radio=2.x: battery drain", "radio".
struct Word {
  std::string component;                      // "app", "mobile-app@ios"; "mobile-app" means each of its platforms
  std::optional<version::Range> range = {};   // absent: what is there now
  std::string reason = {};                    // why, for explanations; may be empty

  std::string text() const;  // one spelling: "radio=2.x: battery drain"
};

// COMPONENT=RANGE[:REASON]. The component's version shall be in the range.
// COMPONENT[=RANGE][:REASON]. It shall not be; without a range it shall stay as it is.
// Errors: invalid: another form, a range that cannot be read, or one in which no version can be.
Outcome<Word> parse_pin(std::string_view text);
Outcome<Word> parse_hold(std::string_view text);

// The product when `to` asks for its newest versions: "gateway" of "gateway@newest", empty of "newest". Nothing when `to`
// names a release.
std::optional<std::string> newest_of(std::string_view to);

// A firmware that has passed its tests.
struct Tested {
  std::string component;
  version::Version version;
};

struct Wishes {
  std::vector<Word> pins = {};
  std::vector<Word> holds = {};
  std::vector<std::string> first = {};               // components that weigh most, the weightiest first
  std::optional<std::vector<Tested>> tested = {};    // what may be newly put on a device; absent: anything
};

}  // namespace lockstep::propose
