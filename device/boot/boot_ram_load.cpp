// Mode ram_load: the newest image runs, wherever it lies. Trailers say nothing.
#include "device/boot/booter.hpp"

namespace lockstep::boot {
namespace {

class RamLoadBooter final : public Booter {
 public:
  using Booter::Booter;

 private:
  Result<bool, FlashErrc> choose() override;
};

Result<bool, FlashErrc> RamLoadBooter::choose() {
  bool found = false;
  for (int n = 0; n < 2; ++n) {
    const Checked image = check(slot(n));
    if (!image) {
      note(image.error());
      continue;
    }
    if (found && image->header.version <= report_.image.header.version) continue;
    found = true;
    take(n, *image);
  }
  return found;
}

}  // namespace

Result<BootReport, Errc> boot_ram_load(Flash& flash, const Layout& layout, const Trust& trust) {
  return RamLoadBooter(flash, layout, trust).run();
}

}  // namespace lockstep::boot
