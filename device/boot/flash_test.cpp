#include <doctest/doctest.h>

#include <vector>

#include "device/boot/memory_flash.hpp"
#include "host/base/buffer.hpp"

using namespace lockstep;
using namespace lockstep::boot;

namespace {

struct Memory {
  Geometry geometry{.size = 1024, .sector_size = 256, .write_align = 4};
  Buffer bytes = Buffer(1024, erased_byte);
  MemoryFlash flash{geometry, bytes};
};

constexpr std::array<std::byte, 4> word{std::byte{0x12}, std::byte{0x34}, std::byte{0x56}, std::byte{0x78}};

}  // namespace

TEST_CASE("a flash refuses what NOR memory cannot do, and then changes nothing") {
  Memory m;
  REQUIRE(m.flash.program(8, word));
  const Buffer before = m.bytes;
  const std::array<std::byte, 4> ones{std::byte{0xff}, std::byte{0x34}, std::byte{0x56}, std::byte{0x78}};
  CHECK(m.flash.program(8, ones).error() == FlashErrc::not_erased);
  CHECK(m.flash.program(9, word).error() == FlashErrc::misaligned);
  CHECK(m.flash.program(12, Bytes(word).first(3)).error() == FlashErrc::misaligned);
  CHECK(m.flash.program(1024, word).error() == FlashErrc::out_of_range);
  CHECK(m.flash.erase(4).error() == FlashErrc::misaligned);
  CHECK(m.flash.erase(1024).error() == FlashErrc::out_of_range);
  CHECK(m.bytes == before);
}

TEST_CASE("an erase sets a whole sector and nothing else") {
  Memory m;
  REQUIRE(m.flash.program(252, word));
  REQUIRE(m.flash.program(256, word));
  REQUIRE(m.flash.program(508, word));
  REQUIRE(m.flash.program(512, word));
  REQUIRE(m.flash.erase(256));
  CHECK(m.bytes[252] == word[0]);
  CHECK(m.bytes[256] == erased_byte);
  CHECK(m.bytes[511] == erased_byte);
  CHECK(m.bytes[512] == word[0]);
}

TEST_CASE("an area keeps to itself and pads to the write alignment") {
  Memory m;
  FlashArea area(m.flash, 256, 256);
  REQUIRE(area.program_padded(4, Bytes(word).first(3)));
  CHECK(m.bytes[256 + 6] == word[2]);
  CHECK(m.bytes[256 + 7] == erased_byte);
  CHECK(area.program(256, word).error() == FlashErrc::out_of_range);
  std::array<std::byte, 8> into;
  CHECK(area.load(252, into).error() == FlashErrc::out_of_range);
  CHECK(area.read(252, into).error() == mcuboot::Errc::too_short);
  CHECK_FALSE(*area.is_erased(0, 256));
  CHECK(*area.is_erased(8, 248));
}

TEST_CASE("after a cut no operation changes the flash, until the power is back") {
  Memory m;
  CutFlash cut(m.flash, 2);
  CHECK(cut.program(0, word));
  CHECK(cut.program(4, word).error() == FlashErrc::no_power);
  CHECK(cut.erase(0).error() == FlashErrc::no_power);
  std::array<std::byte, 4> into;
  CHECK(cut.read(0, into).error() == FlashErrc::no_power);
  CHECK(cut.is_cut());
  CHECK(m.bytes[0] == word[0]);
  CHECK(m.bytes[4] == erased_byte);

  cut.power_on();
  CHECK(cut.program(4, word));
  CHECK(cut.operations() == 1);
}

TEST_CASE("a torn operation is done by half") {
  Memory m;
  {
    CutFlash cut(m.flash, 1, CutFlash::Last::torn);
    const std::array<std::byte, 8> zeros{};
    CHECK(cut.program(0, zeros).error() == FlashErrc::no_power);
    CHECK(m.bytes[3] == std::byte{0});
    CHECK(m.bytes[4] == erased_byte);
  }
  {
    CutFlash cut(m.flash, 1, CutFlash::Last::torn);
    const std::array<std::byte, 4> zeros{};
    CHECK(cut.program(8, zeros).error() == FlashErrc::no_power);
    CHECK(m.bytes[8] == std::byte{0xaa});  // some of the bits have made it
  }
  {
    REQUIRE(m.flash.program(252, word));
    CutFlash cut(m.flash, 1, CutFlash::Last::torn);
    CHECK(cut.erase(0).error() == FlashErrc::no_power);
    CHECK(m.bytes[0] == erased_byte);
    CHECK(m.bytes[252] == word[0]);
  }
}
