// What was written into the board when it was made, read by boot code and firmware.
#pragma once

#include <array>
#include <span>

#include "device/boot/flash.hpp"
#include "device/qemu/pages/pages.hpp"
#include "protocols/mcuboot/crypto.hpp"

namespace lockstep::board {

// The keys whose images the board accepts.
class TrustedKeys {
 public:
  // Reads the key page and hashes the keys. On an error there are none.
  Result<void, PageErrc> load(boot::Flash& flash, mcuboot::Crypto& crypto);
  std::span<const mcuboot::PublicKey> keys() const { return std::span(store_).first(count_); }

 private:
  std::array<mcuboot::PublicKey, max_keys> store_{};
  std::size_t count_ = 0;
};

class OwnIdentity {
 public:
  Result<void, PageErrc> load(boot::Flash& flash);
  // Texts live as long as this; empty when there was no page.
  const IdentityPage& get() const { return identity_; }

 private:
  std::array<std::byte, max_identity_page_size> bytes_{};
  IdentityPage identity_{};
};

}  // namespace lockstep::board
