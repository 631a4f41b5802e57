// Makes a signed image from a payload, byte for byte as MCUboot's imgtool lays it out (sign --pad-header).
#pragma once

#include <optional>
#include <span>

#include "protocols/mcuboot/image.hpp"

namespace lockstep::mcuboot {

// The seam to a private key. The default signs nothing.
class Signer {
 public:
  // Signs `digest`; writes an ECDSA-Sig-Value in DER into `out` (at least max_signature_size bytes) and
  // returns its size, or 0 when that failed.
  virtual std::size_t sign(const Digest& /*digest*/, MutableBytes /*out*/) { return 0; }
  // SHA-256 of the SubjectPublicKeyInfo of the key's public half.
  virtual Digest key_hash() const { return {}; }

 protected:
  ~Signer() = default;
};

inline constexpr std::size_t max_signature_size = 72;  // two INTEGERs of 33 bytes in a SEQUENCE

struct BuildOptions {
  Version version{};
  std::uint16_t header_size =
      512;  // at least 32, a multiple of 4; the rest of the header is filled with 0xff
  std::uint32_t load_address = 0;
  std::uint32_t flags = 0;
  std::optional<std::uint32_t> security_counter{};
  std::span<const Dependency> dependencies{};  // borrowed during the call
  std::optional<Uuid> vendor_id{};
  std::optional<Uuid> class_id{};
  std::optional<Digest> revoked_key{};  // hash of a key's SubjectPublicKeyInfo
};

// Room that build() needs at most.
std::size_t max_image_size(std::size_t payload_size, const BuildOptions& options);

// Writes the image into `out` and returns its size.
// Errc: bad_option (header size, flags of unsupported images, more dependencies than a reader takes),
// too_large, no_room, crypto_failed.
Result<std::size_t, Errc> build(Bytes payload, const BuildOptions& options, Crypto& crypto, Signer& signer,
                                MutableBytes out);

}  // namespace lockstep::mcuboot
