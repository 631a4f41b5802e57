#include "device/qemu/host/faults/cut_points.hpp"

#include <doctest/doctest.h>

namespace lockstep::board {
namespace {

constexpr std::uint32_t body = flash_layout.slot0.offset;
constexpr std::uint32_t trailer = flash_layout.slot0.offset + flash_layout.slot0.size - 64;
constexpr std::size_t image_size = 3 * flash_geometry.sector_size;

Walk walk_over(std::byte before, std::vector<Store> stores) {
  return {.kind = Walk::Kind::update, .before = Buffer(used_flash, before), .stores = std::move(stores)};
}

std::vector<Store> words(std::uint32_t offset, std::uint32_t count, std::uint64_t value) {
  std::vector<Store> stores;
  for (std::uint32_t i = 0; i < count; ++i) stores.push_back({.offset = offset + 4 * i, .bytes = 4, .value = value});
  return stores;
}

TEST_CASE("every store outside of image bodies is tried, unless it changes nothing") {
  std::vector<Store> stores = words(trailer, 4, 0x11);
  stores.push_back(stores.back());
  const CutPoints points = choose_cut_points(walk_over(std::byte{0xff}, stores), image_size);
  CHECK(points.stores == std::vector<std::size_t>{1, 2, 3, 4});
  CHECK(points.changing == 4);
}

TEST_CASE("of a copy or an erase of one sector of a body the first, the middle and the last store are tried") {
  const CutPoints copied = choose_cut_points(walk_over(std::byte{0xff}, words(body, 11, 0x11)), image_size);
  CHECK(copied.stores == std::vector<std::size_t>{1, 6, 11});
  CHECK(copied.changing == 11);

  std::vector<Store> stores = words(body, 5, 0xffff'ffff);  // erased
  const auto copy = words(body, 5, 0x22);                   // and filled: another run
  stores.insert(stores.end(), copy.begin(), copy.end());
  const CutPoints both = choose_cut_points(walk_over(std::byte{0x11}, stores), image_size);
  CHECK(both.stores == std::vector<std::size_t>{1, 3, 5, 6, 8, 10});
}

TEST_CASE("a run ends at the sector's end, and at a store that is not into a body") {
  const CutPoints sectors =
      choose_cut_points(walk_over(std::byte{0xff}, words(body + flash_geometry.sector_size - 8, 4, 0x11)), image_size);
  CHECK(sectors.stores == std::vector<std::size_t>{1, 2, 3, 4});

  std::vector<Store> stores = words(body, 3, 0x11);
  stores.push_back({.offset = trailer, .bytes = 4, .value = 1});
  const auto more = words(body + 12, 3, 0x11);
  stores.insert(stores.end(), more.begin(), more.end());
  const CutPoints marked = choose_cut_points(walk_over(std::byte{0xff}, stores), image_size);
  CHECK(marked.stores == std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("an image's body in slot 1 may begin one sector up, and ends there one sector later") {
  const std::uint32_t last = flash_layout.slot1.offset + static_cast<std::uint32_t>(image_size);
  CHECK(choose_cut_points(walk_over(std::byte{0xff}, words(last, 9, 1)), image_size).stores.size() == 3);
  const std::uint32_t behind = last + flash_geometry.sector_size;
  CHECK(choose_cut_points(walk_over(std::byte{0xff}, words(behind, 9, 1)), image_size).stores.size() == 9);
}

}  // namespace
}  // namespace lockstep::board
