// The MCUboot image: header, payload, protected and unprotected TLVs (MCUboot docs/design.md, "Image
// format"). Where MCUboot's own tools differ, this follows its bootloader (boot/bootutil/src/tlv.c,
// image_validate.c).
//
//   +--------+---------+---------------------+-----------------------+
//   | header | payload | protected TLV area  | unprotected TLV area  |
//   +--------+---------+---------------------+-----------------------+
//   <------------- hashed_size -------------><--- hash, signature --->
//   <-------------------------- total_size -------------------------->
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/mcuboot/crypto.hpp"
#include "protocols/mcuboot/errc.hpp"
#include "protocols/mcuboot/source.hpp"
#include "protocols/mcuboot/version.hpp"

namespace lockstep::mcuboot {

inline constexpr std::uint32_t header_magic = 0x96f3b83d;
inline constexpr std::uint16_t min_header_size = 32;
inline constexpr std::uint16_t tlv_info_magic = 0x6907;
inline constexpr std::uint16_t protected_tlv_info_magic = 0x6908;
inline constexpr std::uint32_t tlv_info_size = 4;
inline constexpr std::uint32_t tlv_header_size = 4;

namespace flag {
inline constexpr std::uint32_t encrypted_aes128 = 0x4;
inline constexpr std::uint32_t encrypted_aes256 = 0x8;
inline constexpr std::uint32_t non_bootable = 0x10;
inline constexpr std::uint32_t ram_load = 0x20;  // run from header.load_address in RAM
inline constexpr std::uint32_t rom_fixed =
    0x100;  // header.load_address is the flash address it was built for
inline constexpr std::uint32_t compressed = 0xe00;  // any of LZMA1, LZMA2, ARM Thumb filter
}  // namespace flag

enum class TlvType : std::uint16_t {
  key_hash = 0x01,
  public_key = 0x02,
  sha256 = 0x10,
  sha384 = 0x11,
  sha512 = 0x12,
  rsa2048_pss = 0x20,
  ecdsa = 0x22,
  rsa3072_pss = 0x23,
  ed25519 = 0x24,
  signature_pure = 0x25,
  dependency = 0x40,
  security_counter = 0x50,
  boot_record = 0x60,
  vendor_id = 0x74,
  class_id = 0x75,
  vendor_id_documented = 0x80,  // docs/design.md has 0x80 and 0x81, the code 0x74 and 0x75; both are read
  class_id_documented = 0x81,
  revoked_key = 0x4ca0,  // ours, in MCUboot's vendor range (0xXXA0 to 0xXXFF); imgtool: --custom-tlv 0x4ca0
};

struct Header {
  std::uint32_t load_address = 0;
  std::uint16_t header_size = min_header_size;  // bytes before the payload
  std::uint16_t protected_tlv_size = 0;         // the protected area with its info, 0 when there is none
  std::uint32_t payload_size = 0;
  std::uint32_t flags = 0;
  Version version{};
};

// Image `image` (index of a multi-image device) must be there in at least this version.
struct Dependency {
  std::uint8_t image = 0;
  Version min_version{};
};

using Uuid = std::array<std::byte, 16>;

struct ImageInfo {
  Header header{};
  std::uint32_t hashed_size = 0;  // header + payload + protected TLVs: what hash and signature cover
  std::uint32_t total_size = 0;   // hashed_size + unprotected TLVs: the file, nothing more
  Digest image_hash{};  // the SHA-256 TLV; names the image in SMP. Only verify() says whether it is true

  // From the protected area only: elsewhere they could be added by anybody and do not count.
  std::optional<std::uint32_t> security_counter{};
  std::optional<Uuid> vendor_id{};
  std::optional<Uuid> class_id{};
  std::optional<Digest> revoked_key{};  // hash of a key that a device which confirms this image stops trusting
  std::array<Dependency, 4> dependency_store{};
  std::uint8_t dependency_count = 0;

  std::optional<Digest> key_hash{};    // the first KEYHASH TLV: who claims to have signed
  std::optional<Digest> signed_by{};   // set by verify() only: hash of the key whose signature is right
  std::uint8_t signature_count = 0;    // signatures of any algorithm
  std::uint8_t ignored_tlv_count = 0;  // unprotected TLVs without meaning to us; nothing guards their bytes

  std::span<const Dependency> dependencies() const {
    return std::span(dependency_store).first(dependency_count);
  }
};

// One TLV; its value is at [offset, offset + length) of the source.
struct Tlv {
  TlvType type{};
  std::uint16_t length = 0;
  std::uint32_t offset = 0;
  bool is_protected = false;
};

// Walks both TLV areas in file order.
class TlvCursor {
 public:
  // Errc: read_failed, too_short, bad_tlv_area, bad_protected_size, too_large.
  static Result<TlvCursor, Errc> open(Source& source, const Header& header);

  // The next TLV; nothing at the end. Errc: read_failed, too_short, bad_tlv (it runs over its area, or the
  // area does not end with a TLV's end).
  Result<std::optional<Tlv>, Errc> next();

  std::uint32_t end() const { return end_; }  // first byte behind the image

 private:
  explicit TlvCursor(Source& source) : source_(&source) {}

  Source* source_;  // outlives the cursor
  std::uint32_t at_ = 0;
  std::uint32_t protected_end_ = 0;
  std::uint32_t end_ = 0;
};

// Decodes the 32 bytes of a header and checks it in itself.
// Errc: read_failed, too_short, bad_magic, bad_header_size, too_large, encrypted, compressed.
Result<Header, Errc> read_header(Source& source);

// Reads header and TLVs and checks their form; says nothing about hash and signature (verify.hpp does).
// The source may be longer than the image. Errc: those of read_header and TlvCursor, and bad_tlv_length,
// duplicate_tlv, too_many_dependencies, no_hash, unsupported_hash.
Result<ImageInfo, Errc> inspect(Source& source);

}  // namespace lockstep::mcuboot
