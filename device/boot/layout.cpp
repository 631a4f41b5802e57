#include "device/boot/layout.hpp"

#include <algorithm>

#include "device/boot/trailer.hpp"

namespace lockstep::boot {

using namespace std::string_view_literals;  // length known without strlen
namespace {

bool lies_in(const Region& r, const Geometry& g) {
  return r.offset % g.sector_size == 0 && r.size % g.sector_size == 0 && r.offset <= g.size &&
         r.size <= g.size - r.offset;
}

bool overlap(const Region& a, const Region& b) {
  return a.size != 0 && b.size != 0 && a.offset < b.offset + b.size && b.offset < a.offset + a.size;
}

std::uint32_t minus(std::uint32_t a, std::uint32_t b) { return a > b ? a - b : 0; }

}  // namespace

std::string_view text(Mode m) {
  switch (m) {
    case Mode::swap: return "swap"sv;
    case Mode::overwrite_only: return "overwrite"sv;
    case Mode::direct_xip: return "direct-xip"sv;
    case Mode::ram_load: return "ram-load"sv;
  }
  return "unknown"sv;
}

std::uint32_t upgrade_offset(const Layout& layout, const Geometry& geometry) {
  return layout.mode == Mode::swap ? geometry.sector_size : 0;
}

std::uint32_t max_image_size(const Layout& layout, const Geometry& geometry) {
  const std::uint32_t trailer = trailer_region(geometry, layout.slot0.size / geometry.sector_size);
  const std::uint32_t in_slot1 = trailer + upgrade_offset(layout, geometry);
  return std::min(minus(layout.slot0.size, trailer), minus(layout.slot1.size, in_slot1));
}

bool is_sound(const Layout& layout, const Geometry& g) {
  if (g.sector_size == 0 || g.write_align == 0 || g.write_align > max_write_align) return false;
  if ((g.write_align & (g.write_align - 1)) != 0 || g.sector_size % g.write_align != 0) return false;
  if (!lies_in(layout.slot0, g) || !lies_in(layout.slot1, g) || !lies_in(layout.ratchet, g)) return false;
  if (overlap(layout.slot0, layout.slot1) || overlap(layout.slot0, layout.ratchet)) return false;
  if (overlap(layout.slot1, layout.ratchet)) return false;
  if (layout.ratchet.size != 0 && layout.ratchet.size < 2 * g.sector_size) return false;
  return max_image_size(layout, g) > 0;
}

bool is_settings_region_sound(const Layout& layout, const Geometry& g) {
  const Region& r = layout.settings;
  if (!lies_in(r, g) || r.size % (2 * g.sector_size) != 0) return false;
  return !overlap(r, layout.slot0) && !overlap(r, layout.slot1) && !overlap(r, layout.ratchet);
}

}  // namespace lockstep::boot
