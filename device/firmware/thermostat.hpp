// The reference firmware's own work: a simulated room, and the control that keeps it warm. Versions 1 and 2 differ
// here, so that an update of them is about real bytes.
#pragma once

#include <cstdint>

namespace lockstep::firmware {

inline constexpr std::int32_t set_point_milli_c = 21'400;
inline constexpr std::int32_t eco_set_point_milli_c = 19'000;  // while the feature `eco` is on

// A room with a radiator, winter outside. Advances in steps of one second.
class Room {
 public:
  explicit constexpr Room(std::int32_t milli_c) : milli_c_(milli_c) {}
  // `heater_percent` from 0 to 100.
  void step(std::int32_t heater_percent);
  std::int32_t milli_c() const { return milli_c_; }

 private:
  std::int32_t milli_c_;
};

// Version 1: on below the band, off above it; in between as before.
class SwitchingControl {
 public:
  std::int32_t heater_percent(std::int32_t milli_c, std::int32_t wanted_milli_c = set_point_milli_c);

 private:
  bool on_ = false;
};

// Version 2: proportional, with a part that learns what the room loses, so that it settles on the set point.
class ProportionalControl {
 public:
  std::int32_t heater_percent(std::int32_t milli_c, std::int32_t wanted_milli_c = set_point_milli_c);

 private:
  std::int32_t learned_ = 0;  // in 1/64 percent
};

// A sensor that reads outside of this is broken, and the device is not healthy.
constexpr bool is_plausible(std::int32_t milli_c) { return milli_c > 5'000 && milli_c < 40'000; }

}  // namespace lockstep::firmware
