// A bad link: what becomes of each message, drawn from a generator of the device's own.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "device/fleet/schedule.hpp"
#include "host/base/random.hpp"

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

// None, one, or two of them.
struct Arrivals {
  std::array<Arrival, 2> all{};
  std::size_t count = 0;

  const Arrival* begin() const { return all.data(); }
  const Arrival* end() const { return all.data() + count; }
};

class Weather {
 public:
  Weather(const LinkQuality& quality, Random random) : quality_(quality), random_(random) {}

  // What becomes of the next message.
  Arrivals next();

 private:
  bool happens(double share) { return share > 0 && random_.unit() < share; }
  Arrival arrival();

  LinkQuality quality_;
  Random random_;
};

}  // namespace lockstep::fleet
