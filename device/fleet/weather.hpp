// A bad link: what becomes of each message, drawn from a generator of the device's own.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "device/fleet/random.hpp"
#include "device/fleet/schedule.hpp"

namespace lockstep::fleet {

// Shares from 0 to 1, of the messages in each direction.
struct LinkQuality {
  double loss = 0;
  double duplicate = 0;
  double corrupt = 0;
  Milliseconds delay{};
  Milliseconds jitter{};

  friend bool operator==(const LinkQuality&, const LinkQuality&) = default;
};

// One arrival of a message.
struct Arrival {
  Milliseconds after{};                    // when, from its sending
  std::optional<std::uint64_t> wrong_bit{};  // which bit is wrong, modulo the message's bits
};

class Weather {
 public:
  Weather(const LinkQuality& quality, Random random) : quality_(quality), random_(random) {}

  // The arrivals of the next message: none, one, or two. Valid until the next call.
  std::span<const Arrival> next();

 private:
  bool happens(double share) { return share > 0 && random_.unit() < share; }
  Arrival arrival();

  LinkQuality quality_;
  Random random_;
  std::array<Arrival, 2> arrivals_{};
};

}  // namespace lockstep::fleet
