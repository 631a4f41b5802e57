#include "device/boot/swap.hpp"

#include <algorithm>
#include <array>

namespace lockstep::boot {
namespace {

std::uint32_t sectors_of(const Flash& flash, const Layout& layout) {
  return layout.slot0.size / flash.geometry().sector_size;
}

}  // namespace

Result<void, FlashErrc> copy(FlashArea& from, FlashArea& to, std::uint32_t length) {
  LOCKSTEP_CHECK(to.erase_range(0, length));
  std::array<std::byte, 512> chunk;
  for (std::uint32_t at = 0; at < length;) {
    const auto n = std::min<std::uint32_t>(length - at, chunk.size());
    const MutableBytes bytes = MutableBytes(chunk).first(n);
    LOCKSTEP_CHECK(from.load(at, bytes));
    // Erased bytes need no program: less wear, and a swap of a short image over a long one is quicker.
    const bool blank = std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == erased_byte; });
    if (!blank) LOCKSTEP_CHECK(to.program_padded(at, bytes));
    at += n;
  }
  return {};
}

Swap::Swap(Flash& flash, const Layout& layout)
    : slot0_(slot_area(flash, layout, 0)),
      slot1_(slot_area(flash, layout, 1)),
      trailer0_(slot0_, sectors_of(flash, layout)),
      trailer1_(slot1_, sectors_of(flash, layout)) {}

Result<void, FlashErrc> Swap::init_trailer(Trailer& trailer, SwapType type, const Sizes& sizes) {
  LOCKSTEP_CHECK(trailer.write_swap_info(type));
  if (type == SwapType::perm) LOCKSTEP_CHECK(trailer.write_image_ok());
  LOCKSTEP_CHECK(trailer.write_swap_size(std::max(sizes.slot0, sizes.slot1)));
  LOCKSTEP_CHECK(trailer.write_tlv_sizes(sizes.tlv0, sizes.tlv1));
  return trailer.write_magic();  // last: from here on the trailer counts
}

Result<void, FlashErrc> Swap::set_up(SwapType type, const Sizes& sizes) {
  if (type == SwapType::revert) {
    // The wish to revert is in slot 0's trailer, which is to be erased: say it in slot 1's first (state I).
    LOCKSTEP_TRY(state1, trailer1_.read());
    const bool said = state1.magic == Magic::good && state1.copy_done == Flag::set;
    if (!said) {
      LOCKSTEP_CHECK(trailer1_.erase());
      LOCKSTEP_CHECK(trailer1_.write_copy_done());
      LOCKSTEP_CHECK(init_trailer(trailer1_, type, sizes));
    }
  }
  LOCKSTEP_CHECK(trailer0_.erase());
  return init_trailer(trailer0_, type, sizes);
}

Result<void, FlashErrc> Swap::step(SwapType type, std::uint32_t sectors, std::uint32_t step) {
  const std::uint32_t sector = slot0_.geometry().sector_size;
  const bool is_revert = type == SwapType::revert;
  const std::uint32_t index = is_revert ? sectors - 1 - step / 2 : step / 2;
  const bool aside = step % 2 == 0;  // slot 0's sector makes room, then slot 1's takes its place

  const std::uint32_t up = is_revert == aside ? 1 : 0;
  FlashArea in0 = slot0_.from(index * sector);
  FlashArea in1 = slot1_.from((index + up) * sector);
  LOCKSTEP_CHECK(aside ? copy(in0, in1, sector) : copy(in1, in0, sector));
  return trailer0_.write_step(step);
}

Result<void, FlashErrc> Swap::run(SwapType type) {
  LOCKSTEP_TRY(progress, trailer0_.read_progress());
  if (progress.steps == 0) LOCKSTEP_CHECK(trailer1_.erase());  // the request is in slot 0's trailer now

  const std::uint32_t sector = slot0_.geometry().sector_size;
  const std::uint32_t sectors = (progress.swap_size + sector - 1) / sector;
  for (std::uint32_t i = progress.steps; i < sectors * 2; ++i) LOCKSTEP_CHECK(step(type, sectors, i));
  return finish(type);
}

Result<void, FlashErrc> Swap::finish(SwapType type) {
  if (type == SwapType::revert) {
    // What is left in slot 1's first sector looks like an image's header; an upload belongs one sector higher.
    LOCKSTEP_CHECK(slot1_.erase_sector(0));
  }
  LOCKSTEP_TRY(state, trailer0_.read());
  const bool confirmed = type != SwapType::test;
  if (confirmed && state.image_ok != Flag::set) LOCKSTEP_CHECK(trailer0_.write_image_ok());
  return trailer0_.write_copy_done();
}

}  // namespace lockstep::boot
