#include "device/fleet/weather.hpp"

namespace lockstep::fleet {

Arrival Weather::arrival() {
  Arrival out{.after = quality_.delay, .wrong_bit = std::nullopt};
  const auto jitter = static_cast<std::uint64_t>(quality_.jitter.count());
  if (jitter > 0) out.after += Milliseconds(random_.below(jitter + 1));
  if (happens(quality_.corrupt)) out.wrong_bit = random_.next();
  return out;
}

Arrivals Weather::next() {
  Arrivals out;
  if (happens(quality_.loss)) return out;
  out.count = happens(quality_.duplicate) ? 2 : 1;
  for (std::size_t i = 0; i < out.count; ++i) out.all[i] = arrival();
  return out;
}

}  // namespace lockstep::fleet
