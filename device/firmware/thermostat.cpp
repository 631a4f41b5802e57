#include "device/firmware/thermostat.hpp"

#include <algorithm>

namespace lockstep::firmware {
namespace {

constexpr std::int32_t outside_milli_c = 4'000;
constexpr std::int32_t loss_seconds = 200;          // time constant of the cooling room
constexpr std::int32_t heater_milli_c_per_s = 200;  // at 100 %
constexpr std::int32_t band_milli_c = 300;          // to each side of the set point

}  // namespace

void Room::step(std::int32_t heater_percent) {
  milli_c_ += (outside_milli_c - milli_c_) / loss_seconds + heater_percent * heater_milli_c_per_s / 100;
}

std::int32_t SwitchingControl::heater_percent(std::int32_t milli_c, std::int32_t wanted_milli_c) {
  if (milli_c < wanted_milli_c - band_milli_c) on_ = true;
  if (milli_c > wanted_milli_c + band_milli_c) on_ = false;
  return on_ ? 100 : 0;
}

std::int32_t ProportionalControl::heater_percent(std::int32_t milli_c, std::int32_t wanted_milli_c) {
  const std::int32_t error = wanted_milli_c - milli_c;
  // Learning is held while the heater is at its limit; otherwise a cold start would overshoot by minutes.
  const std::int32_t wanted = error / 10 + learned_ / 64;
  if (wanted > 0 && wanted < 100) learned_ = std::clamp<std::int32_t>(learned_ + error / 8, 0, 100 * 64);
  return std::clamp<std::int32_t>(error / 10 + learned_ / 64, 0, 100);
}

}  // namespace lockstep::firmware
