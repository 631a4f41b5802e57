#include <doctest/doctest.h>

#include <algorithm>

#include "device/qemu/host/flash_file.hpp"
#include "device/qemu/pages/flash_map.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "protocols/mcuboot/build.hpp"

namespace lockstep::board {
namespace {

struct Maker {
  PrivateKey key = *PrivateKey::generate();
  std::vector<PublicKey> keys{key.public_key()};

  Buffer image(std::size_t payload_size = 1000, std::uint16_t header_size = image_header_size) const {
    const Buffer payload(payload_size, std::byte{0x5a});
    const mcuboot::BuildOptions options{.version = {.major = 1, .minor = 2, .revision = 3}, .header_size = header_size};
    Buffer out(mcuboot::max_image_size(payload.size(), options));
    MbedCrypto crypto;
    KeySigner signer(key);
    out.resize(*mcuboot::build(payload, options, crypto, signer, out));
    return out;
  }
};

const Identity identity{.board = "node-m3", .revision = "1.0", .serial = "SN-7", .product = "thermostat"};

TEST_CASE("a flash file gives back what was put into it") {
  const Maker maker;
  const TempDir folder;
  FlashFile flash;
  REQUIRE(flash.set_keys(maker.keys));
  REQUIRE(flash.set_identity(identity));
  REQUIRE(flash.set_image(maker.image(), maker.keys));
  REQUIRE(flash.save(folder / "flash.img"));
  CHECK(std::filesystem::file_size(folder / "flash.img") == 16u << 20);

  const auto loaded = FlashFile::load(folder / "flash.img");
  REQUIRE(loaded);
  const FlashContents found = loaded->contents();
  CHECK(found.identity == identity);
  REQUIRE(found.keys.size() == 1);
  CHECK(found.keys[0] == maker.keys[0].id());
  CHECK(found.slot0 == "1.2.3+0");
  CHECK(!found.slot1);
}

TEST_CASE("a new image erases what both slots held, and leaves the pages alone") {
  const Maker maker;
  FlashFile flash;
  REQUIRE(flash.set_keys(maker.keys));
  REQUIRE(flash.set_identity(identity));
  REQUIRE(flash.set_image(maker.image(5000), maker.keys));
  REQUIRE(flash.set_image(maker.image(10), maker.keys));
  const auto behind = flash.bytes().subspan(flash_layout.slot0.offset + maker.image(10).size(), 5000);
  CHECK(std::all_of(behind.begin(), behind.end(), [](std::byte b) { return b == boot::erased_byte; }));
  CHECK(flash.contents().identity == identity);
}

TEST_CASE("an image that would not boot is not put into the flash") {
  const Maker maker;
  const Maker stranger;
  FlashFile flash;
  CHECK(flash.set_image(stranger.image(), maker.keys).error().kind == ErrorKind::refused);
  Buffer damaged = maker.image();
  damaged[600] ^= std::byte{1};
  CHECK(flash.set_image(damaged, maker.keys).error().kind == ErrorKind::refused);
  CHECK(flash.set_image(maker.image(1000, 256), maker.keys).error().kind == ErrorKind::invalid);
  CHECK(flash.set_image(maker.image(flash_layout.slot0.size), maker.keys).error().kind == ErrorKind::invalid);
  CHECK(!flash.contents().slot0);
}

TEST_CASE("a file of another size is no flash") {
  const TempDir folder;
  REQUIRE(write_file(folder / "short.img", "not a flash"));
  CHECK(FlashFile::load(folder / "short.img").error().kind == ErrorKind::invalid);
  CHECK(FlashFile::load(folder / "none.img").error().kind == ErrorKind::not_found);
}

}  // namespace
}  // namespace lockstep::board
