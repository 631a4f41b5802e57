#include "protocols/mcuboot/verify.hpp"

#include <algorithm>

namespace lockstep::mcuboot {
namespace {

constexpr std::size_t spki_size = spki_prefix.size() + std::tuple_size_v<P256Point>;
constexpr std::size_t signature_room = 128;  // what MCUboot takes at most (SIG_BUF_SIZE for ECDSA)
constexpr std::size_t padded_signature_size = 72;

// The key that a KEYHASH or PUBLIC_KEY TLV names; null for one that is not ours.
Result<const PublicKey*, Errc> named_key(Source& source, Crypto& crypto, const Keys& keys,
                                         const Tlv& tlv) {
  Digest hash;
  if (tlv.type == TlvType::key_hash) {
    LOCKSTEP_CHECK(source.read(tlv.offset, hash));  // inspect() saw that it has 32 bytes
    return keys.find(hash);
  }
  if (tlv.length != spki_size) return static_cast<const PublicKey*>(nullptr);
  std::array<std::byte, spki_size> spki;
  LOCKSTEP_CHECK(source.read(tlv.offset, spki));
  if (!crypto.sha256_begin() || !crypto.sha256_update(spki) || !crypto.sha256_finish(hash))
    return Fail(Errc::crypto_failed);
  return keys.find(hash);
}

// MCUboot before 1.5 wanted zeros behind the signature up to 72 bytes (imgtool sign --pad-sig); only zeros
// may be there.
Bytes without_padding(Bytes signature) {
  if (signature.size() < 2) return signature;
  const std::size_t der_size = 2 + std::to_integer<std::size_t>(signature[1]);
  if (signature.size() > padded_signature_size || der_size >= signature.size()) return signature;
  const Bytes padding = signature.subspan(der_size);
  const bool zeros = std::ranges::all_of(padding, [](std::byte b) { return b == std::byte{0}; });
  return zeros ? signature.first(der_size) : signature;
}

Result<void, Errc> check_signature(Source& source, Crypto& crypto, const PublicKey& key, const Digest& hash,
                                   const Tlv& tlv) {
  if (tlv.length > signature_room) return Fail(Errc::bad_signature);
  std::array<std::byte, signature_room> room;
  const MutableBytes signature = MutableBytes(room).first(tlv.length);
  LOCKSTEP_CHECK(source.read(tlv.offset, signature));
  if (!crypto.p256_verify(key.point, hash, without_padding(signature))) return Fail(Errc::bad_signature);
  return {};
}

// The hash of the key that signed `hash`.
Result<Digest, Errc> check_signatures(Source& source, Crypto& crypto, const Keys& keys,
                                      const ImageInfo& info, const Digest& hash) {
  LOCKSTEP_TRY(cursor, TlvCursor::open(source, info.header));
  const PublicKey* key = nullptr;  // named by the TLV before; good for one signature
  std::optional<Digest> signed_by;
  bool has_ecdsa = false;
  for (;;) {
    LOCKSTEP_TRY(tlv, cursor.next());
    if (!tlv) break;
    if (tlv->type == TlvType::key_hash || tlv->type == TlvType::public_key) {
      LOCKSTEP_TRY(named, named_key(source, crypto, keys, *tlv));
      key = named;
    } else if (tlv->type == TlvType::ecdsa) {
      has_ecdsa = true;
      if (!key) continue;
      LOCKSTEP_CHECK(check_signature(source, crypto, *key, hash, *tlv));
      signed_by = key->hash;
      key = nullptr;
    }
  }
  if (signed_by) return *signed_by;
  if (has_ecdsa) return Fail(Errc::unknown_key);
  return Fail(info.signature_count > 0 ? Errc::unsupported_signature : Errc::no_signature);
}

}  // namespace

const PublicKey* Keys::find(const Digest& hash) const {
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_revoked = i < 32 && (revoked >> i & 1u) != 0;
    if (!is_revoked && all[i].hash == hash) return &all[i];
  }
  return nullptr;
}

Result<Digest, Errc> hash_image(Source& source, Crypto& crypto, const ImageInfo& info) {
  if (!crypto.sha256_begin()) return Fail(Errc::crypto_failed);
  std::array<std::byte, 256> piece;  // on the bootloader's stack
  for (std::uint32_t at = 0; at < info.hashed_size;) {
    const std::uint32_t n = std::min<std::uint32_t>(info.hashed_size - at, piece.size());
    const MutableBytes bytes = MutableBytes(piece).first(n);
    LOCKSTEP_CHECK(source.read(at, bytes));
    if (!crypto.sha256_update(bytes)) return Fail(Errc::crypto_failed);
    at += n;
  }
  Digest digest;
  if (!crypto.sha256_finish(digest)) return Fail(Errc::crypto_failed);
  return digest;
}

Result<ImageInfo, Errc> verify(Source& source, Crypto& crypto, const Keys& keys) {
  LOCKSTEP_TRY(info, inspect(source));
  LOCKSTEP_TRY(hash, hash_image(source, crypto, info));
  if (hash != info.image_hash) return Fail(Errc::hash_mismatch);
  // Over the hash that was computed, not the one that the image names: the comparison above is not all there is.
  LOCKSTEP_TRY(signed_by, check_signatures(source, crypto, keys, info, hash));
  info.signed_by = signed_by;
  if (info.header.flags & flag::non_bootable) return Fail(Errc::non_bootable);
  return info;
}

Result<ImageInfo, Errc> verify_file(Source& source, Crypto& crypto, const Keys& keys) {
  LOCKSTEP_TRY(info, verify(source, crypto, keys));
  if (source.size() != info.total_size) return Fail(Errc::trailing_bytes);
  return info;
}

}  // namespace lockstep::mcuboot
