#include "device/fleet/weather.hpp"

namespace lockstep::fleet {

Arrival Weather::arrival() {
  Arrival out{.after = quality_.delay, .wrong_bit = std::nullopt};
  const auto jitter = static_cast<std::uint64_t>(quality_.jitter.count());
  if (jitter > 0) out.after += Milliseconds(random_.below(jitter + 1));
  if (happens(quality_.corrupt)) out.wrong_bit = random_.next();
  return out;
}

std::span<const Arrival> Weather::next() {
  if (happens(quality_.loss)) return {};
  const std::size_t count = happens(quality_.duplicate) ? 2 : 1;
  for (std::size_t i = 0; i < count; ++i) arrivals_[i] = arrival();
  return std::span<const Arrival>(arrivals_).first(count);
}

}  // namespace lockstep::fleet
