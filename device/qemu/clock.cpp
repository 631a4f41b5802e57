#include "device/qemu/clock.hpp"

#include "device/qemu/registers.hpp"

namespace lockstep::board::clock {
namespace {

constexpr std::uint32_t ticks_per_second = 10;
// One word, so that reading it needs no lock: enough for 13 years.
volatile std::uint32_t ticks = 0;

}  // namespace

void start() {
  write32(scs::systick_reload, cpu_hz / ticks_per_second - 1);
  write32(scs::systick_value, 0);
  write32(scs::systick_control, 0b111);  // processor clock, interrupt, on
}

std::uint64_t uptime_ms() { return std::uint64_t{ticks} * (1000 / ticks_per_second); }

}  // namespace lockstep::board::clock

extern "C" void on_tick() { lockstep::board::clock::ticks = lockstep::board::clock::ticks + 1; }
