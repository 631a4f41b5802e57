// The image trailer at the end of a slot (MCUboot design document, "Image trailer"), byte for byte, so that a
// slot's state is the same one a field device has and the same tools read it.
//
// From the end of the slot downwards, each field padded to the maximum alignment A = max(8, write alignment):
//   magic (16) | image ok | copy done | swap info | unprotected TLV sizes | swap size | swap status
// Swap status: two records per sector of slot 0, each padded to the write alignment (swap using offset).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "device/boot/flash.hpp"

namespace lockstep::boot {

enum class Magic : std::uint8_t { unset, good, bad };
enum class Flag : std::uint8_t { unset, set, bad };
// The low four bits of the field swap info.
enum class SwapType : std::uint8_t { none = 1, test = 2, perm = 3, revert = 4 };
std::string_view text(SwapType t);

// What a trailer says.
struct TrailerState {
  Magic magic = Magic::unset;
  Flag image_ok = Flag::unset;
  Flag copy_done = Flag::unset;
  SwapType swap_type = SwapType::none;
  friend bool operator==(const TrailerState&, const TrailerState&) = default;
};

// How far a swap has come. `steps` counts the finished half steps: two for each sector (see swap.hpp).
struct SwapProgress {
  std::uint32_t steps = 0;
  std::uint32_t swap_size = 0;  // bytes of the larger of the two images
};

// Bytes that a trailer takes at the end of a slot, when slot 0 has `sectors` sectors.
std::uint32_t trailer_size(const Geometry& geometry, std::uint32_t sectors);
// The same, rounded up to whole sectors: what the image must leave free.
std::uint32_t trailer_region(const Geometry& geometry, std::uint32_t sectors);
// The 16 magic bytes for a maximum alignment (8: the classic ones; else the alignment is part of the magic).
std::array<std::byte, 16> trailer_magic(std::uint32_t max_align);

// The trailer of one slot. Borrows nothing but the area's flash. Each write is one flash operation.
class Trailer {
 public:
  // `sectors`: number of sectors of slot 0 (both slots' trailers are dimensioned by it).
  Trailer(FlashArea slot, std::uint32_t sectors);

  Result<TrailerState, FlashErrc> read();
  Result<SwapProgress, FlashErrc> read_progress();

  // Whether nothing at all is written in it; a torn write may be invisible in read().
  Result<bool, FlashErrc> is_erased();
  Result<void, FlashErrc> erase();  // whole sectors, the one with the magic first
  Result<void, FlashErrc> write_magic();
  Result<void, FlashErrc> write_image_ok();
  Result<void, FlashErrc> write_copy_done();
  Result<void, FlashErrc> write_swap_info(SwapType type);
  Result<void, FlashErrc> write_swap_size(std::uint32_t bytes);
  Result<void, FlashErrc> write_tlv_sizes(std::uint16_t slot0, std::uint16_t slot1);
  Result<void, FlashErrc> write_step(std::uint32_t step);  // marks half step `step` (from 0) as finished

 private:
  std::uint32_t image_ok_offset() const;
  Result<void, FlashErrc> write_field(std::uint32_t offset, Bytes value);
  Result<Flag, FlashErrc> read_flag(std::uint32_t offset);

  FlashArea slot_;
  std::uint32_t sectors_;
  std::uint32_t max_align_;
};

}  // namespace lockstep::boot
