// Time since start, by SysTick at ten ticks a second: often enough to sleep by, so rarely that an idle board costs
// its host nothing.
#pragma once

#include <cstdint>

namespace lockstep::board::clock {

void start();
std::uint64_t uptime_ms();  // to a tenth of a second

}  // namespace lockstep::board::clock
