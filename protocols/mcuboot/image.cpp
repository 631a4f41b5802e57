#include "protocols/mcuboot/image.hpp"

namespace lockstep::mcuboot {
namespace {

struct TlvInfo {
  std::uint16_t magic;
  std::uint32_t total;  // with the info itself
};

Result<TlvInfo, Errc> read_tlv_info(Source& source, std::uint32_t offset) {
  std::array<std::byte, tlv_info_size> raw;
  LOCKSTEP_CHECK(source.read(offset, raw));
  ByteReader r(raw);
  const std::uint16_t magic = r.u16le();
  return TlvInfo{magic, r.u16le()};
}

// Reads a TLV whose value fills `into` exactly.
Result<void, Errc> read_value(Source& source, const Tlv& tlv, MutableBytes into) {
  if (tlv.length != into.size()) return Fail(Errc::bad_tlv_length);
  return source.read(tlv.offset, into);
}

template <std::size_t N>
Result<void, Errc> read_once(Source& source, const Tlv& tlv, std::optional<std::array<std::byte, N>>& into) {
  if (into) return Fail(Errc::duplicate_tlv);
  into.emplace();
  return read_value(source, tlv, *into);
}

Version read_version(ByteReader& r) {
  Version v;
  v.major = r.u8();
  v.minor = r.u8();
  v.revision = r.u16le();
  v.build = r.u32le();
  return v;
}

Result<void, Errc> add_dependency(Source& source, const Tlv& tlv, ImageInfo& info) {
  if (info.dependency_count == info.dependency_store.size()) return Fail(Errc::too_many_dependencies);
  std::array<std::byte, 12> raw;
  LOCKSTEP_CHECK(read_value(source, tlv, raw));
  ByteReader r(raw);
  Dependency d;
  d.image = r.u8();
  r.skip(3);  // padding
  d.min_version = read_version(r);
  info.dependency_store[info.dependency_count++] = d;
  return {};
}

// TLVs that say something about the image, hence count only where the signature covers them.
Result<void, Errc> add_protected(Source& source, const Tlv& tlv, ImageInfo& info) {
  switch (tlv.type) {
    case TlvType::security_counter: {
      if (info.security_counter) return Fail(Errc::duplicate_tlv);
      std::array<std::byte, 4> raw;
      LOCKSTEP_CHECK(read_value(source, tlv, raw));
      info.security_counter = ByteReader(raw).u32le();
      return {};
    }
    case TlvType::dependency:
      return add_dependency(source, tlv, info);
    case TlvType::vendor_id:
    case TlvType::vendor_id_documented:
      return read_once(source, tlv, info.vendor_id);
    case TlvType::class_id:
    case TlvType::class_id_documented:
      return read_once(source, tlv, info.class_id);
    case TlvType::revoked_key:
      return read_once(source, tlv, info.revoked_key);
    case TlvType::key_hash:
    case TlvType::public_key:
    case TlvType::sha256:
    case TlvType::sha384:
    case TlvType::sha512:
    case TlvType::rsa2048_pss:
    case TlvType::ecdsa:
    case TlvType::rsa3072_pss:
    case TlvType::ed25519:
    case TlvType::signature_pure:
    case TlvType::boot_record:
      return {};
  }
  return {};  // a vendor's own TLV
}

// TLVs that make up hash and signature; MCUboot takes them in either area. False: it was none of them.
Result<bool, Errc> add_proof(Source& source, const Tlv& tlv, ImageInfo& info, std::optional<Digest>& hash) {
  switch (tlv.type) {
    case TlvType::sha256: {
      LOCKSTEP_CHECK(read_once(source, tlv, hash));
      return true;
    }
    case TlvType::key_hash: {
      Digest value;
      LOCKSTEP_CHECK(read_value(source, tlv, value));
      if (!info.key_hash) info.key_hash = value;  // one per signature may follow
      return true;
    }
    case TlvType::public_key:
      return true;
    case TlvType::rsa2048_pss:
    case TlvType::ecdsa:
    case TlvType::rsa3072_pss:
    case TlvType::ed25519: {
      if (info.signature_count < UINT8_MAX) ++info.signature_count;
      return true;
    }
    case TlvType::sha384:
    case TlvType::sha512:
      return Fail(Errc::unsupported_hash);
    case TlvType::signature_pure:
    case TlvType::dependency:
    case TlvType::security_counter:
    case TlvType::boot_record:
    case TlvType::vendor_id:
    case TlvType::class_id:
    case TlvType::vendor_id_documented:
    case TlvType::class_id_documented:
    case TlvType::revoked_key:
      return false;
  }
  return false;
}

}  // namespace

Result<Header, Errc> read_header(Source& source) {
  std::array<std::byte, min_header_size> raw;
  LOCKSTEP_CHECK(source.read(0, raw));
  ByteReader r(raw);
  if (r.u32le() != header_magic) return Fail(Errc::bad_magic);
  Header h;
  h.load_address = r.u32le();
  h.header_size = r.u16le();
  h.protected_tlv_size = r.u16le();
  h.payload_size = r.u32le();
  h.flags = r.u32le();
  h.version = read_version(r);
  if (h.header_size < min_header_size) return Fail(Errc::bad_header_size);
  const std::uint64_t hashed = std::uint64_t{h.header_size} + h.payload_size + h.protected_tlv_size;
  if (hashed > UINT32_MAX) return Fail(Errc::too_large);
  if (h.flags & (flag::encrypted_aes128 | flag::encrypted_aes256)) return Fail(Errc::encrypted);
  if (h.flags & flag::compressed) return Fail(Errc::compressed);
  return h;
}

Result<TlvCursor, Errc> TlvCursor::open(Source& source, const Header& header) {
  const std::uint64_t start = std::uint64_t{header.header_size} + header.payload_size;
  const std::uint64_t protected_end = start + header.protected_tlv_size;
  if (protected_end > UINT32_MAX) return Fail(Errc::too_large);

  TlvCursor cursor(source);
  cursor.protected_end_ = static_cast<std::uint32_t>(protected_end);
  cursor.at_ = static_cast<std::uint32_t>(start) + tlv_info_size;
  LOCKSTEP_TRY(first, read_tlv_info(source, static_cast<std::uint32_t>(start)));
  TlvInfo last = first;
  if (first.magic == protected_tlv_info_magic) {
    if (first.total != header.protected_tlv_size || first.total < tlv_info_size)
      return Fail(Errc::bad_protected_size);
    LOCKSTEP_TRY(second, read_tlv_info(source, cursor.protected_end_));
    last = second;
  } else if (header.protected_tlv_size != 0) {
    return Fail(first.magic == tlv_info_magic ? Errc::bad_protected_size : Errc::bad_tlv_area);
  }
  if (last.magic != tlv_info_magic || last.total < tlv_info_size) return Fail(Errc::bad_tlv_area);
  const std::uint64_t end = protected_end + last.total;
  if (end > source.size()) return Fail(Errc::too_short);
  cursor.end_ = static_cast<std::uint32_t>(end);
  return cursor;
}

Result<std::optional<Tlv>, Errc> TlvCursor::next() {
  if (at_ == protected_end_) at_ += tlv_info_size;  // from the protected area into the other one
  if (at_ == end_) return std::optional<Tlv>{};
  const std::uint32_t limit = at_ < protected_end_ ? protected_end_ : end_;
  if (limit - at_ < tlv_header_size) return Fail(Errc::bad_tlv);
  std::array<std::byte, tlv_header_size> raw;
  LOCKSTEP_CHECK(source_->read(at_, raw));
  ByteReader r(raw);
  Tlv tlv;
  tlv.type = static_cast<TlvType>(r.u16le());
  tlv.length = r.u16le();
  tlv.offset = at_ + tlv_header_size;
  tlv.is_protected = at_ < protected_end_;
  if (tlv.length > limit - tlv.offset) return Fail(Errc::bad_tlv);
  at_ = tlv.offset + tlv.length;
  return std::optional<Tlv>(tlv);
}

Result<ImageInfo, Errc> inspect(Source& source) {
  ImageInfo info;
  LOCKSTEP_TRY(header, read_header(source));
  LOCKSTEP_TRY(cursor, TlvCursor::open(source, header));
  info.header = header;
  info.hashed_size = header.header_size + header.payload_size + header.protected_tlv_size;
  info.total_size = cursor.end();

  std::optional<Digest> hash;
  for (;;) {
    LOCKSTEP_TRY(tlv, cursor.next());
    if (!tlv) break;
    LOCKSTEP_TRY(is_proof, add_proof(source, *tlv, info, hash));
    if (is_proof) continue;
    if (tlv->is_protected) {
      LOCKSTEP_CHECK(add_protected(source, *tlv, info));
    } else if (info.ignored_tlv_count < UINT8_MAX) {
      ++info.ignored_tlv_count;
    }
  }
  if (!hash) return Fail(Errc::no_hash);
  info.image_hash = *hash;
  return info;
}

}  // namespace lockstep::mcuboot
