#include "device/sim/layout.hpp"

namespace lockstep::sim {
namespace {

constexpr std::uint32_t write_align = 8;
constexpr std::uint32_t counter_sectors = 2;
constexpr std::uint32_t settings_sectors = 2;

std::uint32_t end_of(const boot::Layout& layout) {
  const boot::Region& last = layout.settings.size > 0 ? layout.settings : layout.ratchet;
  return last.offset + last.size;
}

}  // namespace

boot::Layout layout_for(std::uint32_t slot_bytes, boot::Mode mode) {
  return {.mode = mode,
          .slot0 = {0, slot_bytes},
          .slot1 = {slot_bytes, slot_bytes + sector_size},
          .ratchet = {2 * slot_bytes + sector_size, counter_sectors * sector_size},
          .settings = {2 * slot_bytes + (1 + counter_sectors) * sector_size, settings_sectors * sector_size}};
}

boot::Layout layout_behind(const boot::Layout& before) {
  boot::Layout layout = layout_for(before.slot0.size, before.mode);
  const std::uint32_t begin = end_of(before);
  for (boot::Region* region : {&layout.slot0, &layout.slot1, &layout.ratchet}) region->offset += begin;
  layout.settings = {};
  return layout;
}

boot::Geometry geometry_of(const boot::Layout& last) {
  return {.size = end_of(last), .sector_size = sector_size, .write_align = write_align};
}

}  // namespace lockstep::sim
