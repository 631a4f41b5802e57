#include "device/boot/boot.hpp"

#include <algorithm>

#include "device/boot/counter.hpp"
#include "device/boot/swap.hpp"

namespace lockstep::boot {

using namespace std::string_view_literals;  // length known without strlen
namespace {

// One boot. Functions that touch the flash give the flash's reason; boot() turns it into its own.
class Booter {
 public:
  Booter(Flash& flash, const Layout& layout, Trust trust)
      : flash_(flash), layout_(layout), trust_(trust), swap_(flash, layout) {}

  Result<BootReport, Errc> run();

 private:
  using Checked = Result<mcuboot::ImageInfo, Refusal>;

  Result<void, FlashErrc> update();
  Result<void, FlashErrc> swap_mode();
  Result<void, FlashErrc> overwrite_mode();
  Result<bool, FlashErrc> resume(const TrailerState& state0, const TrailerState& state1);
  Result<void, FlashErrc> exchange(SwapType type, std::uint32_t offset1);
  Result<void, FlashErrc> refuse(std::uint32_t offset1);
  Result<void, FlashErrc> settle();
  bool choose();
  bool choose_newest();
  Checked check(FlashArea area);

  FlashArea slot(int n) { return slot_area(flash_, layout_, n); }
  Trailer trailer(int n) { return {slot(n), layout_.slot0.size / flash_.geometry().sector_size}; }
  std::uint32_t limit() const { return max_image_size(layout_, flash_.geometry()); }

  Flash& flash_;
  const Layout& layout_;
  Trust trust_;
  Swap swap_;
  BootReport report_{};
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

// Whether the image in `area` may run on this device.
Booter::Checked Booter::check(FlashArea area) {
  const auto verified = mcuboot::verify(area, trust_.crypto, trust_.keys);
  if (!verified) return Fail(Refusal{.why = verified.error()});
  if (verified->total_size > limit()) return Fail(Refusal{.why = mcuboot::Errc::too_large});
  const std::uint32_t counter = verified->security_counter.value_or(0);
  if (counter < report_.security_counter) return Fail(Refusal{.below_counter = true});
  return *verified;
}

// Erases an image in slot 1 that was asked for and may not run, so that nobody asks again, and keeps slot 0: the
// way back is gone with it (design document, note below state V).
Result<void, FlashErrc> Booter::refuse(std::uint32_t offset1) {
  LOCKSTEP_CHECK(slot(1).erase_sector(offset1));
  LOCKSTEP_CHECK(trailer(1).erase());
  LOCKSTEP_TRY(state0, trailer(0).read());
  if (state0.magic == Magic::good && state0.image_ok == Flag::unset) LOCKSTEP_CHECK(trailer(0).write_image_ok());
  report_.action = Action::refused;
  return {};
}

std::uint16_t unprotected_size(const mcuboot::ImageInfo& image) {
  return static_cast<std::uint16_t>(image.total_size - image.hashed_size);
}

Result<void, FlashErrc> Booter::exchange(SwapType type, std::uint32_t offset1) {
  const Checked in1 = check(slot(1).from(offset1));
  if (!in1) {
    report_.refusal = in1.error();
    return refuse(offset1);
  }
  Swap::Sizes sizes{.slot1 = in1->total_size, .tlv1 = unprotected_size(*in1)};
  FlashArea area0 = slot(0);
  if (const auto in0 = mcuboot::inspect(area0); in0 && in0->total_size <= limit()) {
    sizes.slot0 = in0->total_size;
    sizes.tlv0 = unprotected_size(*in0);
  }
  LOCKSTEP_CHECK(swap_.set_up(type, sizes));
  LOCKSTEP_CHECK(swap_.run(type));
  report_.action = action_of(type);
  return {};
}

// Finishes a swap that a power cut interrupted; false when there is none.
Result<bool, FlashErrc> Booter::resume(const TrailerState& state0, const TrailerState& state1) {
  if (!is_interrupted_swap(state0, state1)) return false;
  LOCKSTEP_TRY(progress, trailer(0).read_progress());
  if (progress.swap_size == 0 || progress.swap_size > limit()) return false;  // not our writing
  LOCKSTEP_CHECK(swap_.run(state0.swap_type));
  report_.resumed = true;
  report_.action = action_of(state0.swap_type);
  return true;
}

Result<void, FlashErrc> Booter::swap_mode() {
  LOCKSTEP_TRY(state0, trailer(0).read());
  LOCKSTEP_TRY(state1, trailer(1).read());
  LOCKSTEP_TRY(resumed, resume(state0, state1));
  if (resumed) return {};
  const SwapType type = decide(state0, state1, layout_.mode);
  if (type == SwapType::none) return {};
  // Before a revert the old image lies at slot 1's first byte, where the swap has put it.
  const std::uint32_t offset1 = type == SwapType::revert ? 0 : upgrade_offset(layout_, flash_.geometry());
  return exchange(type, offset1);
}

Result<void, FlashErrc> Booter::overwrite_mode() {
  LOCKSTEP_TRY(state0, trailer(0).read());
  LOCKSTEP_TRY(state1, trailer(1).read());
  if (decide(state0, state1, layout_.mode) == SwapType::none) return {};
  FlashArea from = slot(1);
  const Checked in1 = check(from);
  if (!in1) {
    report_.refusal = in1.error();
    return refuse(0);
  }
  FlashArea to = slot(0);
  LOCKSTEP_CHECK(copy(from, to, in1->total_size));  // cut in here: slot 1 still asks, and it is done again
  LOCKSTEP_CHECK(trailer(1).erase());
  LOCKSTEP_CHECK(from.erase_sector(0));
  report_.action = Action::installed;
  return {};
}

Result<void, FlashErrc> Booter::update() {
  switch (layout_.mode) {
    case Mode::swap: return swap_mode();
    case Mode::overwrite_only: return overwrite_mode();
    case Mode::ram_load: return {};
  }
  return {};
}

// Takes slot 0's image as the one to run, if it may.
bool Booter::choose() {
  if (layout_.mode == Mode::ram_load) return choose_newest();
  const Checked image = check(slot(0));
  if (!image) {
    report_.refusal = image.error();
    return false;
  }
  report_.image = *image;
  report_.image_offset = layout_.slot0.offset;
  return true;
}

bool Booter::choose_newest() {
  bool found = false;
  for (int n = 0; n < 2; ++n) {
    const Checked image = check(slot(n));
    if (!image) {
      report_.refusal = image.error();
      continue;
    }
    if (found && image->header.version <= report_.image.header.version) continue;
    found = true;
    report_.slot = n;
    report_.image = *image;
    report_.image_offset = (n == 0 ? layout_.slot0 : layout_.slot1).offset;
  }
  return found;
}

// Notes whether the image is confirmed, and if so lets the security counter follow it. Never for an image on
// test: the old one could not come back.
Result<void, FlashErrc> Booter::settle() {
  LOCKSTEP_TRY(state0, trailer(0).read());
  LOCKSTEP_TRY(state1, trailer(1).read());
  report_.confirmed = decide(state0, state1, layout_.mode) != SwapType::revert;
  if (!report_.confirmed) return {};
  const std::uint32_t counter = report_.image.security_counter.value_or(0);
  LOCKSTEP_CHECK(CounterLog(counter_area(flash_, layout_)).raise(counter));
  report_.security_counter = std::max(report_.security_counter, counter);
  return {};
}

Result<BootReport, Errc> Booter::run() {
  if (!is_sound(layout_, flash_.geometry())) return Fail(Errc::bad_layout);
  const auto counter = CounterLog(counter_area(flash_, layout_)).read();
  if (!counter) return Fail(Errc::flash);
  report_.security_counter = *counter;

  // A second round only when the image that was just put into use does not verify: then the trailers already ask
  // for the revert.
  for (int round = 0; round < 2; ++round) {
    if (!update()) return Fail(Errc::flash);
    if (!choose()) continue;
    if (!settle()) return Fail(Errc::flash);
    return report_;
  }
  return Fail(Errc::no_valid_image);
}

}  // namespace

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error"sv;
    case Errc::bad_layout: return "the slot layout does not fit the flash"sv;
    case Errc::flash: return "the flash refused an operation"sv;
    case Errc::no_valid_image: return "no slot holds an image that may run"sv;
  }
  return "unknown error"sv;
}

std::string_view text(Action a) {
  switch (a) {
    case Action::none: return "none"sv;
    case Action::tested: return "tested"sv;
    case Action::installed: return "installed"sv;
    case Action::reverted: return "reverted"sv;
    case Action::refused: return "refused"sv;
  }
  return "unknown"sv;
}

Result<BootReport, Errc> boot(Flash& flash, const Layout& layout, Trust trust) {
  return Booter(flash, layout, trust).run();
}

}  // namespace lockstep::boot
