// Swap using offset (MCUboot design document, "Swap using offset"), and the plain copy of overwrite-only. Every
// step can be repeated after a power cut: nothing is erased before its copy and the mark of it are in the flash.
//
//   upgrade, for sector i = 0..n-1:         revert, for sector i = n-1..0:
//     step 2i    slot 0 [i]   -> slot 1 [i]     step 2k    slot 0 [i] -> slot 1 [i+1]      (k counts from 0)
//     step 2i+1  slot 1 [i+1] -> slot 0 [i]     step 2k+1  slot 1 [i] -> slot 0 [i]
#pragma once

#include "device/boot/layout.hpp"
#include "device/boot/trailer.hpp"

namespace lockstep::boot {

class Swap {
 public:
  // Borrows the flash.
  Swap(Flash& flash, const Layout& layout);

  struct Sizes {
    std::uint32_t slot0 = 0;  // bytes of the image in slot 0; 0 when there is none
    std::uint32_t slot1 = 0;
    std::uint16_t tlv0 = 0;  // bytes of its unprotected TLV area, kept in the trailer as MCUboot does
    std::uint16_t tlv1 = 0;
  };
  // Writes down that a swap of this type is to be done. Cut anywhere in it, decide() asks for the same again.
  Result<void, FlashErrc> set_up(SwapType type, const Sizes& sizes);
  // Does the steps that are not yet done, then makes the trailers say that the swap is over.
  Result<void, FlashErrc> run(SwapType type);

 private:
  Result<void, FlashErrc> init_trailer(Trailer& trailer, SwapType type, const Sizes& sizes);
  Result<void, FlashErrc> step(SwapType type, std::uint32_t sectors, std::uint32_t step);
  Result<void, FlashErrc> finish(SwapType type);

  FlashArea slot0_;
  FlashArea slot1_;
  Trailer trailer0_;
  Trailer trailer1_;
};

// Erases `to`'s sectors that `length` bytes need and copies them from `from`; both areas begin at the copy's start.
Result<void, FlashErrc> copy(FlashArea& from, FlashArea& to, std::uint32_t length);

}  // namespace lockstep::boot
