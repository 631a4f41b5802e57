#include "device/boot/accept.hpp"

namespace lockstep::boot {
namespace {

bool fits(const std::optional<mcuboot::Uuid>& named, const mcuboot::Uuid* own) {
  return !named || own == nullptr || *named == *own;
}

}  // namespace

Result<mcuboot::ImageInfo, Refusal> accept(FlashArea area, const Trust& trust, const Limits& limits) {
  using enum Refusal::Reason;
  const auto verified = mcuboot::verify(area, trust.crypto, {trust.keys, limits.ratchet.revoked_keys});
  if (!verified) return Fail(Refusal{.why = verified.error()});
  if (verified->total_size > limits.image_size) return Fail(Refusal{.why = mcuboot::Errc::too_large});
  const bool is_ours = fits(verified->vendor_id, trust.vendor) && fits(verified->class_id, trust.device_class);
  if (!is_ours) return Fail(Refusal{.reason = other_device});
  const std::uint32_t counter = verified->security_counter.value_or(0);
  if (counter < limits.ratchet.counter) return Fail(Refusal{.reason = below_counter});
  return *verified;
}

}  // namespace lockstep::boot
