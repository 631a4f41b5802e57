// Mode overwrite_only: slot 1 is copied over slot 0, and there is no way back.
#include "device/boot/booter.hpp"
#include "device/boot/swap.hpp"

namespace lockstep::boot {
namespace {

class OverwriteBooter final : public Booter {
 public:
  using Booter::Booter;

 private:
  Result<void, FlashErrc> update() override;
};

Result<void, FlashErrc> OverwriteBooter::update() {
  LOCKSTEP_TRY(state0, trailer(0).read());
  LOCKSTEP_TRY(state1, trailer(1).read());
  if (decide(state0, state1, Mode::overwrite_only) == SwapType::none) return {};
  FlashArea from = slot(1);
  const Checked in1 = check(from);
  if (!in1) return refuse(in1.error(), 0);
  FlashArea to = slot(0);
  LOCKSTEP_CHECK(copy(from, to, in1->total_size));  // cut in here: slot 1 still asks, and it is done again
  LOCKSTEP_CHECK(trailer(1).erase());
  LOCKSTEP_CHECK(from.erase_sector(0));
  report_.action = Action::installed;
  return {};
}

}  // namespace

Result<BootReport, Errc> boot_overwrite(Flash& flash, const Layout& layout, const Trust& trust) {
  return OverwriteBooter(flash, layout, trust).run();
}

}  // namespace lockstep::boot
