// Images and flashes for tests and fault programs, all from one key of their own.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "device/qemu/host/machine.hpp"
#include "device/qemu/pages/flash_map.hpp"
#include "host/base/buffer.hpp"
#include "host/base/crypto.hpp"
#include "protocols/mcuboot/build.hpp"

namespace lockstep::board {

// The part of the flash that a board uses: pages, ratchet and both slots.
inline constexpr std::uint32_t used_flash = flash_layout.slot1.offset + flash_layout.slot1.size;

// Everything throws std::runtime_error.
class FlashMaker {
 public:
  // From the firmwares NAME.bin in this folder, those of `machine`.
  explicit FlashMaker(std::filesystem::path firmwares, const Machine& machine = an385);

  const PrivateKey& key() const { return key_; }  // the one whose images the board accepts
  Buffer image(std::string_view name, std::string_view version, mcuboot::Signer& signer,
               std::optional<mcuboot::Uuid> class_id = {}) const;
  Buffer good_image(std::string_view name = "thermostat-1.0", std::string_view version = "1.0.0") const;
  // used_flash bytes with these in slot 0, whatever they are.
  Buffer flash(Bytes image) const;

 private:
  std::filesystem::path firmwares_;
  Machine machine_;
  PrivateKey key_;
};

}  // namespace lockstep::board
