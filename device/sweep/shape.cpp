#include "device/sweep/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "device/boot/trailer.hpp"

namespace lockstep::sweep {
namespace {

constexpr std::uint32_t counter_sectors = 2;

std::uint32_t slot1_sectors(const Shape& s) { return s.equal_slots ? s.sectors : s.sectors + 1; }

// Fields of the trailer, from the slot's end downwards (device/README.md, "The slots").
std::string trailer_field(const boot::Geometry& geometry, std::uint32_t from_end) {
  const std::uint32_t align = std::max<std::uint32_t>(8, geometry.write_align);
  const std::uint32_t magic = std::max<std::uint32_t>(16, align);
  if (from_end <= magic) return "magic";
  constexpr std::array names{"image ok", "copy done", "swap info", "TLV sizes", "swap size"};
  const std::uint32_t field = (from_end - magic - 1) / align;
  return field < names.size() ? names[field] : "swap status";
}

}  // namespace

boot::Geometry Shape::geometry() const {
  const std::uint32_t all = sectors + slot1_sectors(*this) + counter_sectors;
  return {.size = all * sector_size, .sector_size = sector_size, .write_align = write_align};
}

boot::Layout Shape::layout(boot::Mode mode) const {
  const std::uint32_t second = sectors * sector_size;
  const std::uint32_t third = second + slot1_sectors(*this) * sector_size;
  return {.mode = mode,
          .slot0 = {0, second},
          .slot1 = {second, third - second},
          .ratchet = {third, counter_sectors * sector_size}};
}

std::string Shape::name() const {
  return fmt::format("{} sectors of {} B, written by {}{}", sectors, sector_size, write_align,
                     equal_slots ? ", equal slots" : "");
}

std::span<const Shape> all_shapes() {
  static constexpr std::array shapes{
      Shape{256, 1, 9},    Shape{256, 4, 8},    Shape{256, 32, 12},       Shape{512, 2, 8},   Shape{512, 8, 7},
      Shape{512, 16, 10},  Shape{1024, 4, 7},   Shape{1024, 8, 7, true},  Shape{1024, 8, 4},  Shape{1024, 32, 6},
      Shape{2048, 4, 5},   Shape{2048, 16, 5},  Shape{4096, 8, 4, true},  Shape{4096, 32, 4},
  };
  return shapes;
}

std::string place_name(const boot::Layout& layout, const boot::Geometry& geometry, std::uint32_t address, std::size_t size) {
  const auto is_in = [address](const boot::Region& r) { return address >= r.offset && address < r.offset + r.size; };
  if (is_in(layout.ratchet)) return "security counter";
  const int slot = is_in(layout.slot0) ? 0 : 1;
  const boot::Region& region = slot == 0 ? layout.slot0 : layout.slot1;
  const std::uint32_t trailer = boot::trailer_size(geometry, layout.slot0.size / geometry.sector_size);
  const std::uint32_t from_end = region.offset + region.size - address;
  const bool whole_sector = size == geometry.sector_size && address % geometry.sector_size == 0;
  if (from_end <= trailer && !whole_sector) return fmt::format("slot {}, {}", slot, trailer_field(geometry, from_end));
  return fmt::format("slot {}, sector {}", slot, (address - region.offset) / geometry.sector_size);
}

}  // namespace lockstep::sweep
