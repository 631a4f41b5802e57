#include "device/sim/sparse_flash.hpp"

#include <doctest/doctest.h>

#include "device/boot/memory_flash.hpp"
#include "host/base/buffer.hpp"
#include "host/base/files.hpp"
#include "host/base/random.hpp"
#include "host/base/temp_dir.hpp"

using namespace lockstep;
using namespace lockstep::sim;

namespace {

constexpr boot::Geometry geometry{.size = 16 * 4096, .sector_size = 4096, .write_align = 8};

FactoryImage some_image(std::size_t size) {
  Buffer bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = std::byte(i * 7 & 0xff);
  return factory_image(bytes, geometry.sector_size);
}

Buffer contents(boot::Flash& flash) {
  Buffer out(geometry.size);
  REQUIRE(flash.read(0, out));
  return out;
}

// Does the same random things to both, whose answers must agree.
void do_at_random(boot::Flash& a, boot::Flash& b, Random& random, int steps) {
  for (int i = 0; i < steps; ++i) {
    const auto address = static_cast<std::uint32_t>(random.below(geometry.size + 64));
    if (random.below(4) == 0) {
      const auto at = random.below(3) == 0 ? address : address / 4096 * 4096;
      CHECK(a.erase(at).operator bool() == b.erase(at).operator bool());
      continue;
    }
    Buffer bytes(random.below(600) / 8 * 8);
    for (std::byte& byte : bytes) byte = std::byte(random.next() & 0xff);
    const std::uint32_t at = random.below(3) == 0 ? address : address / 8 * 8;
    const auto done = a.program(at, bytes), model = b.program(at, bytes);
    REQUIRE(done.operator bool() == model.operator bool());
    if (!done) CHECK(done.error() == model.error());
  }
}

}  // namespace

TEST_CASE("it behaves as a flash in plain memory does, error for error") {
  const FactoryImage factory = some_image(9000);
  Buffer memory(geometry.size, boot::erased_byte);
  std::copy(factory.begin(), factory.end(), memory.begin());
  boot::MemoryFlash model(geometry, memory);
  SparseFlash flash(geometry, factory);
  Random random(3);
  for (int round = 0; round < 20; ++round) {
    do_at_random(flash, model, random, 100);
    REQUIRE(contents(flash) == memory);
  }
  Buffer too_much(16);
  CHECK(flash.read(geometry.size - 8, too_much).error() == boot::FlashErrc::out_of_range);
}

TEST_CASE("only what a device wrote takes memory, and erasing gives it back") {
  const FactoryImage factory = some_image(9000);
  SparseFlash flash(geometry, factory);
  CHECK(flash.own_bytes() == 0);
  const Buffer word(8, std::byte{0});
  REQUIRE(flash.program(5 * 4096, word));
  REQUIRE(flash.program(8, word));  // a copy of the factory's sector
  CHECK(flash.own_bytes() == 2 * 4096);
  CHECK(factory[8] == std::byte(56));
  REQUIRE(flash.erase(0));
  REQUIRE(flash.erase(5 * 4096));
  REQUIRE(flash.erase(4096));
  CHECK(flash.own_bytes() == 0);
}

TEST_CASE("what was written into the file is there after the next start, and nothing else") {
  const TempDir dir;
  const FactoryImage factory = some_image(9000);
  Buffer memory(geometry.size, boot::erased_byte);
  std::copy(factory.begin(), factory.end(), memory.begin());
  boot::MemoryFlash model(geometry, memory);
  Random random(4);
  for (int round = 0; round < 10; ++round) {
    const auto flash = SparseFlash::open(dir / "a.flash", geometry, factory);
    REQUIRE(flash);
    CHECK(contents(**flash) == memory);
    do_at_random(**flash, model, random, 50);
  }
}

TEST_CASE("a new flash file takes the disk that its image needs, and its sectors no memory") {
  const TempDir dir;
  const FactoryImage factory = some_image(5000);
  const boot::Geometry large{.size = 1024 * 4096, .sector_size = 4096, .write_align = 8};
  const auto flash = SparseFlash::open(dir / "a.flash", large, factory);
  REQUIRE(flash);
  CHECK((*flash)->own_bytes() == 0);
  CHECK(std::filesystem::file_size(dir / "a.flash") == large.size);
}

TEST_CASE("a flash file in use, or of another size, is refused") {
  const TempDir dir;
  const FactoryImage factory = some_image(5000);
  const auto flash = SparseFlash::open(dir / "a.flash", geometry, factory);
  REQUIRE(flash);
  CHECK(SparseFlash::open(dir / "a.flash", geometry, factory).error().kind == ErrorKind::conflict);
  REQUIRE(write_file(dir / "b.flash", "short"));
  CHECK(SparseFlash::open(dir / "b.flash", geometry, factory).error().kind == ErrorKind::invalid);
  CHECK(SparseFlash::open(dir / "no/such/folder", geometry, factory).error().kind == ErrorKind::io);
}
