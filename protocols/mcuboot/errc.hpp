// Why an MCUboot image was refused, or could not be read or built.
#pragma once

#include <cstdint>
#include <string_view>

namespace lockstep::mcuboot {

enum class Errc : std::uint8_t {
  // Reading.
  read_failed = 1,  // the source could not be read
  too_short,        // the source ends before the image does
  // Form.
  bad_magic,              // no MCUboot image header
  bad_header_size,        // the header says it is smaller than 32 bytes
  too_large,              // sizes in the header overflow
  encrypted,              // the payload is encrypted; not supported
  compressed,             // the payload is compressed; not supported
  bad_tlv_area,           // no TLV area where the header says
  bad_protected_size,     // header and protected TLV area disagree about its size
  bad_tlv,                // a TLV runs over the end of its area
  bad_tlv_length,         // a TLV whose length is fixed has another one
  duplicate_tlv,          // a TLV that may occur once occurs twice
  too_many_dependencies,  // more than ImageInfo can hold
  trailing_bytes,         // something follows the image
  // Truth.
  no_hash,                // no SHA-256 TLV
  unsupported_hash,       // hashed by SHA-384 or SHA-512
  hash_mismatch,          // the SHA-256 TLV is not the hash of the image: damaged
  non_bootable,           // the image is flagged as not bootable by itself
  no_signature,           // not signed
  unsupported_signature,  // signed, but not by ECDSA P-256
  unknown_key,            // signed, but by none of the given keys
  bad_signature,          // signed in the name of a given key, and the signature is wrong
  crypto_failed,          // the crypto library could not do its work
  // Building and parsing of text.
  no_room,      // the output does not fit the buffer
  bad_version,  // not a version
  bad_option,   // a value the format cannot carry
};

// One clause without full stop: "the hash in the image is not the hash of its bytes".
std::string_view text(Errc e);

}  // namespace lockstep::mcuboot
