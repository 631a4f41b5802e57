// A flash that wears, rots and hangs on purpose. Operations are programs and erases, counted from 1 and from the start of
// the process, as `cut-at` counts them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "device/boot/layout.hpp"

namespace lockstep::sim {

// 0: never.
struct FlashFaults {
  std::uint32_t rot_at = 0;          // after this operation a bit of the image in slot 1 turns to 0, once it has one
  std::uint32_t write_error_at = 0;  // the first program from this operation on fails
  std::uint32_t erase_error_at = 0;  // the first erase from this operation on fails
  std::uint32_t stuck_at = 0;        // this operation never ends
  std::chrono::milliseconds slow_erase{0};  // what each erase takes
};

class FaultyFlash final : public boot::Flash {
 public:
  using Wait = std::function<void(std::chrono::milliseconds)>;

  // Borrows the flash; the layout says where slot 1 is.
  FaultyFlash(boot::Flash& inner, const FlashFaults& faults, const boot::Layout& layout, Wait wait)
      : Flash(inner.geometry()), inner_(&inner), faults_(faults), layout_(layout), wait_(std::move(wait)) {}

  Result<void, boot::FlashErrc> read(std::uint32_t address, MutableBytes into) override;
  Result<void, boot::FlashErrc> program(std::uint32_t address, Bytes bytes) override;
  Result<void, boot::FlashErrc> erase(std::uint32_t address) override;

  // An operation hangs: nothing is answered until a reset, which release() is.
  bool is_stuck() const { return stuck_; }
  void release() { stuck_ = false; }

 private:
  bool begin_operation();  // false: it never ends
  Result<void, boot::FlashErrc> end_operation(Result<void, boot::FlashErrc> done);
  bool rot();

  boot::Flash* inner_;
  FlashFaults faults_;
  boot::Layout layout_;
  Wait wait_;
  std::uint32_t operations_ = 0;
  bool stuck_ = false;
};

}  // namespace lockstep::sim
