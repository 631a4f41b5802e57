// Boots a device whose trailers and slots hold whatever comes. The boot must end, obey the flash's rules, and when it
// finds an image to run, a power cut anywhere in it must not change that the next boot finds one.
//
// Input: mode, write alignment, operation to cut at, how it is cut; then patches of flash: u16 offset, u8 length, bytes.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "device/boot/boot.hpp"
#include "device/boot/memory_flash.hpp"
#include "device/boot/toy_crypto.hpp"

namespace {

using namespace lockstep;
using boot::testing::ToyCrypto;
using boot::testing::ToySigner;

constexpr std::uint32_t sector = 256;
constexpr std::uint32_t flash_size = 13 * sector;
using Memory = std::array<std::byte, flash_size>;

struct Device {
  boot::Geometry geometry{.size = flash_size, .sector_size = sector, .write_align = 4};
  boot::Layout layout{.slot0 = {0, 5 * sector}, .slot1 = {5 * sector, 6 * sector}, .ratchet = {11 * sector, 2 * sector}};
};

std::size_t put_image(const Device& d, Memory& memory, int slot, std::uint8_t major, std::size_t payload_size) {
  std::array<std::byte, 700> payload;
  payload.fill(std::byte{major});
  ToyCrypto crypto;
  ToySigner signer;
  const std::uint32_t at =
      slot == 0 ? d.layout.slot0.offset : d.layout.slot1.offset + boot::upgrade_offset(d.layout, d.geometry);
  const mcuboot::BuildOptions options{.version = {major, 0, 0, 0}, .header_size = 32, .security_counter = major};
  const auto size = mcuboot::build(Bytes(payload).first(payload_size), options, crypto, signer,
                                   MutableBytes(memory).subspan(at, 4 * sector));
  return size ? *size : (std::abort(), 0);
}

bool boots(const Device& d, boot::Flash& flash) {
  ToyCrypto crypto;
  const std::array<mcuboot::PublicKey, 1> keys{};
  return bool(boot::boot(flash, d.layout, {.crypto = crypto, .keys = keys}));
}

void patch(Memory& memory, ByteReader& in) {
  while (!in.at_end() && in.ok()) {
    const std::uint32_t at = in.u16le() % flash_size;
    const std::size_t length = std::min<std::size_t>({in.u8(), in.remaining(), flash_size - at});
    const Bytes bytes = in.take(length);
    std::copy(bytes.begin(), bytes.end(), memory.begin() + at);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader in(std::as_bytes(std::span(data, size)));
  Device d;
  d.layout.mode = static_cast<boot::Mode>(in.u8() % 4);
  d.geometry.write_align = 1u << in.u8() % 6;
  const std::uint32_t cut_at = 1 + in.u8();
  const auto last = static_cast<boot::CutFlash::Last>(in.u8() % 2);  // skipped or torn

  Memory memory;
  memory.fill(boot::erased_byte);
  put_image(d, memory, 0, 1, 300);
  put_image(d, memory, 1, 2, 600);
  patch(memory, in);

  Memory copy = memory;
  boot::MemoryFlash whole(d.geometry, memory);
  const bool good = boots(d, whole);
  boot::MemoryFlash flash(d.geometry, copy);
  boot::CutFlash cut(flash, cut_at, last);
  (void)boots(d, cut);
  if (good && !boots(d, flash)) std::abort();
  return 0;
}
