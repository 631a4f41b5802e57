// The seam to a crypto library. The bootloader, the simulator and the host each bring their own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocols/core/bytes.hpp"

namespace lockstep::mcuboot {

using Digest = std::array<std::byte, 32>;  // SHA-256

// A point of the curve P-256 as SEC 1 section 2.3.3 writes it uncompressed: 0x04, X, Y.
using P256Point = std::array<std::byte, 65>;

// Who may sign. `hash` is what the KEYHASH TLV carries: SHA-256 over the key's SubjectPublicKeyInfo (RFC
// 5480) in DER; for P-256 that is the 26 bytes of spki_prefix and the point.
struct PublicKey {
  P256Point point{};
  Digest hash{};
};

inline constexpr std::array<std::uint8_t, 26> spki_prefix{
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

// One hash may be in progress at a time. Every function returns false when the library failed; the defaults
// do.
class Crypto {
 public:
  virtual bool sha256_begin() { return false; }
  virtual bool sha256_update(Bytes) { return false; }
  // Ends the hash; `out` is set only on true.
  virtual bool sha256_finish(Digest& /*out*/) { return false; }
  // True when `der_signature` (ECDSA-Sig-Value of RFC 3279 section 2.2.3, nothing before or behind) is a
  // signature over `digest` by the key `point`. A point that is not on the curve verifies nothing.
  virtual bool p256_verify(const P256Point& /*point*/, const Digest& /*digest*/, Bytes /*der_signature*/) {
    return false;
  }

 protected:
  ~Crypto() = default;
};

}  // namespace lockstep::mcuboot
