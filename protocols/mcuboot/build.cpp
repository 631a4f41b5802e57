#include "protocols/mcuboot/build.hpp"

#include <algorithm>

namespace lockstep::mcuboot {
namespace {

constexpr std::size_t tlv_size(std::size_t value_size) { return tlv_header_size + value_size; }
constexpr std::size_t dependency_size = 12;

// 0 when there is nothing to protect: then MCUboot wants no protected area at all.
std::size_t protected_size(const BuildOptions& o) {
  const std::size_t tlvs =
      (o.security_counter ? tlv_size(4) : 0) + o.dependencies.size() * tlv_size(dependency_size) +
      (o.vendor_id ? tlv_size(sizeof(Uuid)) : 0) + (o.class_id ? tlv_size(sizeof(Uuid)) : 0) +
      (o.revoked_key ? tlv_size(sizeof(Digest)) : 0);
  return tlvs == 0 ? 0 : tlv_info_size + tlvs;
}

void write_version(ByteWriter& w, const Version& v) {
  w.u8(v.major);
  w.u8(v.minor);
  w.u16le(v.revision);
  w.u32le(v.build);
}

void write_tlv_header(ByteWriter& w, TlvType type, std::size_t length) {
  w.u16le(static_cast<std::uint16_t>(type));
  w.u16le(static_cast<std::uint16_t>(length));
}

void write_tlv(ByteWriter& w, TlvType type, Bytes value) {
  write_tlv_header(w, type, value.size());
  w.bytes(value);
}

void write_header(ByteWriter& w, std::size_t payload_size, const BuildOptions& o) {
  w.u32le(header_magic);
  w.u32le(o.load_address);
  w.u16le(o.header_size);
  w.u16le(static_cast<std::uint16_t>(protected_size(o)));
  w.u32le(static_cast<std::uint32_t>(payload_size));
  w.u32le(o.flags);
  write_version(w, o.version);
  w.u32le(0);  // padding
  w.fill(std::byte{0xff}, std::size_t{o.header_size} - min_header_size);
}

// In imgtool's order.
void write_protected(ByteWriter& w, const BuildOptions& o) {
  if (protected_size(o) == 0) return;
  w.u16le(protected_tlv_info_magic);
  w.u16le(static_cast<std::uint16_t>(protected_size(o)));
  if (o.security_counter) {
    write_tlv_header(w, TlvType::security_counter, 4);
    w.u32le(*o.security_counter);
  }
  for (const Dependency& d : o.dependencies) {
    write_tlv_header(w, TlvType::dependency, dependency_size);
    w.u8(d.image);
    w.fill(std::byte{0}, 3);
    write_version(w, d.min_version);
  }
  if (o.vendor_id) write_tlv(w, TlvType::vendor_id, *o.vendor_id);
  if (o.class_id) write_tlv(w, TlvType::class_id, *o.class_id);
  if (o.revoked_key) write_tlv(w, TlvType::revoked_key, *o.revoked_key);
}

void write_proof(ByteWriter& w, const Digest& hash, const Digest& key_hash, Bytes signature) {
  w.u16le(tlv_info_magic);
  w.u16le(static_cast<std::uint16_t>(tlv_info_size + tlv_size(hash.size()) + tlv_size(key_hash.size()) +
                                     tlv_size(signature.size())));
  write_tlv(w, TlvType::sha256, hash);
  write_tlv(w, TlvType::key_hash, key_hash);
  write_tlv(w, TlvType::ecdsa, signature);
}

bool is_possible(const BuildOptions& o) {
  constexpr std::uint32_t unsupported = flag::encrypted_aes128 | flag::encrypted_aes256 | flag::compressed;
  return o.header_size >= min_header_size && o.header_size % 4 == 0 && (o.flags & unsupported) == 0 &&
         o.dependencies.size() <= std::tuple_size_v<decltype(ImageInfo::dependency_store)>;
}

}  // namespace

std::size_t max_image_size(std::size_t payload_size, const BuildOptions& options) {
  return options.header_size + payload_size + protected_size(options) + tlv_info_size +
         2 * tlv_size(sizeof(Digest)) + tlv_size(max_signature_size);
}

Result<std::size_t, Errc> build(Bytes payload, const BuildOptions& options, Crypto& crypto, Signer& signer,
                                MutableBytes out) {
  if (!is_possible(options)) return Fail(Errc::bad_option);
  if (payload.size() > UINT32_MAX - max_image_size(0, options)) return Fail(Errc::too_large);
  ByteWriter w(out);
  write_header(w, payload.size(), options);
  w.bytes(payload);
  write_protected(w, options);
  if (!w.ok()) return Fail(Errc::no_room);

  Digest hash;
  if (!crypto.sha256_begin() || !crypto.sha256_update(w.written()) || !crypto.sha256_finish(hash))
    return Fail(Errc::crypto_failed);
  std::array<std::byte, max_signature_size> room;
  const std::size_t signature_size = signer.sign(hash, room);
  if (signature_size == 0 || signature_size > room.size()) return Fail(Errc::crypto_failed);
  write_proof(w, hash, signer.key_hash(), Bytes(room).first(signature_size));
  if (!w.ok()) return Fail(Errc::no_room);
  return w.size();
}

}  // namespace lockstep::mcuboot
