#include "device/boot/boot_images.hpp"

#include "device/boot/booter.hpp"

namespace lockstep::boot {
namespace {

// Runs slot 0 as it is, on test.
class KeepingBooter final : public Booter {
 public:
  using Booter::Booter;

 private:
  Result<bool, FlashErrc> is_confirmed() override { return false; }
};

struct Trailers {
  TrailerState slot0, slot1;
};

Result<Trailers, FlashErrc> read_trailers(Flash& flash, const Layout& layout) {
  const std::uint32_t sectors = layout.slot0.size / flash.geometry().sector_size;
  LOCKSTEP_TRY(slot0, Trailer(slot_area(flash, layout, 0), sectors).read());
  LOCKSTEP_TRY(slot1, Trailer(slot_area(flash, layout, 1), sectors).read());
  return Trailers{slot0, slot1};
}

// Of the two ways to a revert only the one that has not begun.
bool would_be_reverted(const Trailers& t) {
  return t.slot1.magic != Magic::good && !is_interrupted_swap(t.slot0, t.slot1) &&
         decide(t.slot0, t.slot1, Mode::swap) == SwapType::revert;
}

bool is_on_its_way(const Trailers& t) {
  const SwapType next = decide(t.slot0, t.slot1, Mode::swap);
  return is_interrupted_swap(t.slot0, t.slot1) || next == SwapType::test || next == SwapType::perm;
}

// MCUboot's boot_review_image_swap_types, asked from the other end.
Result<bool, FlashErrc> waits_for_others(Flash& flash, std::span<const Layout> layouts, std::size_t image) {
  LOCKSTEP_TRY(own, read_trailers(flash, layouts[image]));
  if (!would_be_reverted(own)) return false;
  for (std::size_t later = image + 1; later < layouts.size(); ++later) {
    LOCKSTEP_TRY(other, read_trailers(flash, layouts[later]));
    if (is_on_its_way(other)) return true;
  }
  return false;
}

}  // namespace

Result<BootReport, Errc> boot_image(Flash& flash, std::span<const Layout> layouts, std::size_t image, const Trust& trust) {
  const Layout& layout = layouts[image];
  const bool more = layouts.size() > 1 && layout.mode == Mode::swap;
  for (const Layout& l : layouts) {
    if (!is_sound(l, flash.geometry())) return Fail(Errc::bad_layout);
  }
  const auto waits = more ? waits_for_others(flash, layouts, image) : false;
  if (!waits) return Fail(Errc::flash);
  if (*waits) {
    const auto kept = KeepingBooter(flash, layout, trust).run();
    if (kept || kept.error() != Errc::no_valid_image) return kept;
  }
  return boot(flash, layout, trust);
}

}  // namespace lockstep::boot
