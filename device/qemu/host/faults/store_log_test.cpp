#include "device/qemu/host/faults/store_log.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"

namespace lockstep::board {
namespace {

// As the plugin lays it out: u64 used, then room for records.
Buffer log_of(std::uint64_t used, std::vector<Store> room) {
  Buffer log(sizeof used + room.size() * sizeof(Store));
  std::memcpy(log.data(), &used, sizeof used);
  std::memcpy(log.data() + sizeof used, room.data(), room.size() * sizeof(Store));
  return log;
}

TEST_CASE("a log gives back the stores that were made, and nothing of the room behind") {
  const TempDir folder;
  REQUIRE(write_file(folder / "log", log_of(2, {{0x10, 4, 0x04030201}, {0x20, 1, 0xff}, {}, {}})));
  const auto stores = load_stores(folder / "log");
  REQUIRE(stores);
  const std::vector<WrittenByte> expected{
      {0x10, std::byte{1}}, {0x11, std::byte{2}}, {0x12, std::byte{3}}, {0x13, std::byte{4}}, {0x20, std::byte{0xff}}};
  CHECK(bytes_of(*stores) == expected);
}

TEST_CASE("a log that ran full, is cut off or is not there is no log") {
  const TempDir folder;
  REQUIRE(write_file(folder / "full", log_of(2, {{}, {}})));
  REQUIRE(write_file(folder / "short", Buffer(5)));
  CHECK(load_stores(folder / "full").error().kind == ErrorKind::invalid);
  CHECK(load_stores(folder / "short").error().kind == ErrorKind::invalid);
  CHECK(load_stores(folder / "none").error().kind == ErrorKind::not_found);
}

TEST_CASE("a store tells whether it changed the flash, and never writes behind its end") {
  Buffer flash(6, std::byte{0xff});
  CHECK((Store{.offset = 4, .bytes = 4, .value = 0x0403'0201}).apply(flash));
  CHECK(flash[4] == std::byte{1});
  CHECK(flash[5] == std::byte{2});
  CHECK_FALSE((Store{.offset = 0, .bytes = 4, .value = 0xffff'ffff}).apply(flash));
}

}  // namespace
}  // namespace lockstep::board
