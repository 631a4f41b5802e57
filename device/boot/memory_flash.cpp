#include "device/boot/memory_flash.hpp"

#include <algorithm>

namespace lockstep::boot {

Result<void, FlashErrc> MemoryFlash::read(std::uint32_t address, MutableBytes into) {
  LOCKSTEP_CHECK(check_read(address, into.size()));
  std::copy_n(memory_.begin() + address, into.size(), into.begin());
  return {};
}

Result<void, FlashErrc> MemoryFlash::program(std::uint32_t address, Bytes bytes) {
  LOCKSTEP_CHECK(check_program(address, bytes.size()));
  const MutableBytes place = memory_.subspan(address, bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if ((place[i] & bytes[i]) != bytes[i]) return Fail(FlashErrc::not_erased);
  }
  std::copy(bytes.begin(), bytes.end(), place.begin());
  return {};
}

Result<void, FlashErrc> MemoryFlash::erase(std::uint32_t address) {
  LOCKSTEP_CHECK(check_erase(address));
  std::fill_n(memory_.begin() + address, geometry().sector_size, erased_byte);
  return {};
}

}  // namespace lockstep::boot
