#include "device/boot/boot.hpp"

namespace lockstep::boot {

Result<BootReport, Errc> boot(Flash& flash, const Layout& layout, const Trust& trust) {
  switch (layout.mode) {
    case Mode::swap: return boot_swap(flash, layout, trust);
    case Mode::overwrite_only: return boot_overwrite(flash, layout, trust);
    case Mode::direct_xip: return boot_direct_xip(flash, layout, trust);
    case Mode::ram_load: return boot_ram_load(flash, layout, trust);
  }
  return Fail(Errc::bad_layout);
}

}  // namespace lockstep::boot
