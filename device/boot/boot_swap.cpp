// Mode swap: MCUboot's swap using offset.
#include "device/boot/booter.hpp"
#include "device/boot/swap.hpp"

namespace lockstep::boot {
namespace {

class SwapBooter final : public Booter {
 public:
  SwapBooter(Flash& flash, const Layout& layout, const Trust& trust) : Booter(flash, layout, trust), swap_(flash, layout) {}

 private:
  Result<void, FlashErrc> update() override;
  Result<bool, FlashErrc> is_confirmed() override;
  Result<bool, FlashErrc> resume(const TrailerState& state0, const TrailerState& state1);
  Result<void, FlashErrc> exchange(SwapType type, std::uint32_t offset1);

  Swap swap_;
};

Action action_of(SwapType type) {
  switch (type) {
    case SwapType::none: return Action::none;
    case SwapType::test: return Action::tested;
    case SwapType::perm: return Action::installed;
    case SwapType::revert: return Action::reverted;
  }
  return Action::none;
}

std::uint16_t unprotected_size(const mcuboot::ImageInfo& image) {
  return static_cast<std::uint16_t>(image.total_size - image.hashed_size);
}

Result<void, FlashErrc> SwapBooter::exchange(SwapType type, std::uint32_t offset1) {
  const Checked in1 = check(slot(1).from(offset1));
  if (!in1) return refuse(in1.error(), offset1);
  Swap::Sizes sizes{.slot1 = in1->total_size, .tlv1 = unprotected_size(*in1)};
  FlashArea area0 = slot(0);
  if (const auto in0 = mcuboot::inspect(area0); in0 && in0->total_size <= limits().image_size) {
    sizes.slot0 = in0->total_size;
    sizes.tlv0 = unprotected_size(*in0);
  }
  LOCKSTEP_CHECK(swap_.set_up(type, sizes));
  LOCKSTEP_CHECK(swap_.run(type));
  report_.action = action_of(type);
  return {};
}

// Finishes a swap that a power cut interrupted; false when there is none.
Result<bool, FlashErrc> SwapBooter::resume(const TrailerState& state0, const TrailerState& state1) {
  if (!is_interrupted_swap(state0, state1)) return false;
  LOCKSTEP_TRY(progress, trailer(0).read_progress());
  if (progress.swap_size == 0 || progress.swap_size > limits().image_size) return false;  // not our writing
  LOCKSTEP_CHECK(swap_.run(state0.swap_type));
  report_.resumed = true;
  report_.action = action_of(state0.swap_type);
  return true;
}

Result<void, FlashErrc> SwapBooter::update() {
  LOCKSTEP_TRY(state0, trailer(0).read());
  LOCKSTEP_TRY(state1, trailer(1).read());
  LOCKSTEP_TRY(resumed, resume(state0, state1));
  if (resumed) return {};
  const SwapType type = decide(state0, state1, Mode::swap);
  if (type == SwapType::none) return {};
  // Before a revert the old image lies at slot 1's first byte, where the swap has put it.
  const std::uint32_t offset1 = type == SwapType::revert ? 0 : upgrade_offset(layout_, flash_.geometry());
  return exchange(type, offset1);
}

Result<bool, FlashErrc> SwapBooter::is_confirmed() {
  LOCKSTEP_TRY(state0, trailer(0).read());
  LOCKSTEP_TRY(state1, trailer(1).read());
  return decide(state0, state1, Mode::swap) != SwapType::revert;
}

}  // namespace

Result<BootReport, Errc> boot_swap(Flash& flash, const Layout& layout, const Trust& trust) {
  return SwapBooter(flash, layout, trust).run();
}

}  // namespace lockstep::boot
