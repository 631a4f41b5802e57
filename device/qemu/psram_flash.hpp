// The board's flash: the 16 MiB PSRAM, which QEMU keeps in a file, under the rules of NOR flash. The memory itself
// would take any write, so the rules are kept here, and the MPU refuses stores that do not come through this driver.
#pragma once

#include "device/boot/flash.hpp"
#include "device/qemu/pages/flash_map.hpp"

// The flash's first byte as the processor sees it: the linker knows the board (lockstep_board_image in CMakeLists.txt).
extern "C" std::byte lockstep_flash[];

namespace lockstep::board {

class PsramFlash final : public boot::Flash {
 public:
  constexpr PsramFlash() : boot::Flash(flash_geometry) {}

  // From now on a stray store into the flash or the boot code faults; running and reading stays allowed.
  void lock();

  Result<void, boot::FlashErrc> read(std::uint32_t address, MutableBytes into) override;
  // Refuses (not_erased) before the first byte is changed. A power cut may leave any first part done.
  Result<void, boot::FlashErrc> program(std::uint32_t address, Bytes bytes) override;
  Result<void, boot::FlashErrc> erase(std::uint32_t address) override;
};

}  // namespace lockstep::board
