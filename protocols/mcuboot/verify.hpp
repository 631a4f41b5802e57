// Is this image whole, and signed by somebody we trust? The same code decides on the host before an upload
// and in the bootloader before a start.
#pragma once

#include <concepts>
#include <span>

#include "protocols/mcuboot/image.hpp"

namespace lockstep::mcuboot {

// Whose signatures count. Borrowed for the call.
struct Keys {
  Keys() = default;
  // From anything that is a span of keys.
  template <std::convertible_to<std::span<const PublicKey>> T>
  Keys(const T& keys, std::uint32_t revoked_keys = 0) : all(keys), revoked(revoked_keys) {}

  std::span<const PublicKey> all{};
  std::uint32_t revoked = 0;  // bit n: the n-th key does not count, as if it were not there. From the 33rd on all count

  // Null when no key that counts has this hash.
  const PublicKey* find(const Digest& hash) const;
};

// Checks form (inspect), SHA-256 and ECDSA P-256 signature. As in MCUboot a signature counts for the key
// named by the KEYHASH (or PUBLIC_KEY) TLV right before it; one by a key not in `keys` is passed over.
// Stricter than MCUboot: a wrong signature in the name of a given key refuses the image even when another one
// is right, the key hash must be complete, and the TLV areas must be filled to the byte. The source may be
// longer than the image. Uses about 500 bytes of stack. Errc: those of inspect, and hash_mismatch,
// non_bootable, no_signature, unsupported_signature, unknown_key, bad_signature, crypto_failed.
Result<ImageInfo, Errc> verify(Source& source, Crypto& crypto, const Keys& keys);

// The same for a file, which must hold the image and nothing else: Errc::trailing_bytes.
Result<ImageInfo, Errc> verify_file(Source& source, Crypto& crypto, const Keys& keys);

// The SHA-256 that the image's hash TLV must have: over its first `info.hashed_size` bytes.
// Errc: read_failed, too_short, crypto_failed.
Result<Digest, Errc> hash_image(Source& source, Crypto& crypto, const ImageInfo& info);

}  // namespace lockstep::mcuboot
