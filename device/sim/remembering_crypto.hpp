// The crypto of a whole fleet: thousands of devices boot the same few images, so a signature that was found right once
// is remembered with the exact key, digest and signature. The digest itself is computed from the flash at every boot, so
// one changed byte is found as before. For simulators: a device has no such memory, and must not.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "device/crypto/crypto_mbedtls.hpp"

namespace lockstep::sim {

class RememberingCrypto final : public mcuboot::Crypto {
 public:
  static constexpr std::size_t limit = 4096;  // signatures remembered; then it begins anew

  bool sha256_begin() override { return real_.sha256_begin(); }
  bool sha256_update(Bytes bytes) override { return real_.sha256_update(bytes); }
  bool sha256_finish(mcuboot::Digest& out) override { return real_.sha256_finish(out); }
  bool p256_verify(const mcuboot::P256Point& point, const mcuboot::Digest& digest, Bytes signature) override;

  std::size_t verified() const { return verified_; }  // signatures that were really looked at

 private:
  device::MbedtlsCrypto real_;
  std::set<std::string> right_;  // key, digest and signature, one behind the other
  std::size_t verified_ = 0;
};

}  // namespace lockstep::sim
