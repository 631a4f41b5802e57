// The crypto seam of the image format by Mbed TLS (2.28 or 3.x), as a device uses it: no heap of its own; what Mbed
// TLS allocates comes from whatever the build gave it, and an allocation that fails makes the function fail.
#pragma once

#include <mbedtls/sha256.h>

#include "protocols/mcuboot/crypto.hpp"

namespace lockstep::device {

class MbedtlsCrypto final : public mcuboot::Crypto {
 public:
  bool sha256_begin() override;
  bool sha256_update(Bytes bytes) override;
  bool sha256_finish(mcuboot::Digest& out) override;
  bool p256_verify(const mcuboot::P256Point& point, const mcuboot::Digest& digest, Bytes der_signature) override;

 private:
  mbedtls_sha256_context sha_{};
};

}  // namespace lockstep::device
