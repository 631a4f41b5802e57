// The flashes that the sweep covers, and what is where in them.
#pragma once

#include <span>
#include <string>

#include "device/boot/layout.hpp"

namespace lockstep::sweep {

// A flash and how it is divided. Slot 1 has one sector more than slot 0 unless `equal_slots`.
struct Shape {
  std::uint32_t sector_size;  // bytes
  std::uint32_t write_align;  // bytes
  std::uint32_t sectors;      // of slot 0
  bool equal_slots = false;

  boot::Geometry geometry() const;
  boot::Layout layout(boot::Mode mode) const;
  std::string name() const;  // "7 sectors of 1024 B, written by 8"
};

// From NOR that takes single bytes to flashes with ECC words of 32; trailers of one sector and of several.
std::span<const Shape> all_shapes();

// What an access touches, for a person: "slot 0, sector 3" or "slot 1, magic".
std::string place_name(const boot::Layout& layout, const boot::Geometry& geometry, std::uint32_t address, std::size_t size);

}  // namespace lockstep::sweep
