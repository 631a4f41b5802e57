#include "device/boot/accept.hpp"

namespace lockstep::boot {

Result<mcuboot::ImageInfo, Refusal> accept(FlashArea area, Trust trust, const Limits& limits) {
  const auto verified = mcuboot::verify(area, trust.crypto, trust.keys);
  if (!verified) return Fail(Refusal{.why = verified.error()});
  if (verified->total_size > limits.image_size) return Fail(Refusal{.why = mcuboot::Errc::too_large});
  const std::uint32_t counter = verified->security_counter.value_or(0);
  if (counter < limits.security_counter) return Fail(Refusal{.below_counter = true});
  return *verified;
}

}  // namespace lockstep::boot
