#include "device/qemu/psram_flash.hpp"

#include <cstring>

#include "device/qemu/registers.hpp"

namespace lockstep::board {
namespace {

std::byte* at(std::uint32_t address) { return lockstep_flash + address; }

// The MPU as Armv7-M ARM B3.5 has it: read-only regions over the flash and the ROM, everything else as without MPU.
constexpr std::uint32_t region_size_16_mib = 23;           // 2^(23+1) bytes
constexpr std::uint32_t region_size_32_kib = 14;
constexpr std::uint32_t read_only = 0b110u << 24;          // for every privilege; execution stays allowed
constexpr std::uint32_t normal_memory = 0b001u << 19;      // not cached
constexpr std::uint32_t enabled = 0b101;                   // and outside of the region the default map

void make_read_only(std::uint32_t region, std::uint32_t base, std::uint32_t size) {
  write32(scs::mpu_region, region);
  write32(scs::mpu_base, base);
  write32(scs::mpu_attributes, read_only | normal_memory | size << 1 | 1u);
}

// The region is writable while one of these lives.
class Unlocked {
 public:
  Unlocked() : control_(read32(scs::mpu_control)) { set(0); }
  ~Unlocked() { set(control_); }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  static void set(std::uint32_t control) {
    write32(scs::mpu_control, control);
    barrier();
  }
  std::uint32_t control_;
};

}  // namespace

void PsramFlash::lock() {
  static_assert(flash_geometry.size == 1u << (region_size_16_mib + 1));
  make_read_only(0, reinterpret_cast<std::uint32_t>(lockstep_flash), region_size_16_mib);
  make_read_only(1, 0, region_size_32_kib);  // boot code: the SSRAM that stands for a ROM takes writes, a ROM does not
  write32(scs::mpu_control, enabled);
  barrier();
}

Result<void, boot::FlashErrc> PsramFlash::read(std::uint32_t address, MutableBytes into) {
  LOCKSTEP_CHECK(check_read(address, into.size()));
  std::memcpy(into.data(), at(address), into.size());
  return {};
}

Result<void, boot::FlashErrc> PsramFlash::program(std::uint32_t address, Bytes bytes) {
  LOCKSTEP_CHECK(check_program(address, bytes.size()));
  const std::byte* const old = at(address);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if ((old[i] & bytes[i]) != bytes[i]) return Fail(boot::FlashErrc::not_erased);
  }
  const Unlocked unlocked;
  std::memcpy(at(address), bytes.data(), bytes.size());
  return {};
}

Result<void, boot::FlashErrc> PsramFlash::erase(std::uint32_t address) {
  LOCKSTEP_CHECK(check_erase(address));
  const Unlocked unlocked;
  std::memset(at(address), std::to_integer<int>(boot::erased_byte), geometry().sector_size);
  return {};
}

}  // namespace lockstep::board
