#include "protocols/mcuboot/errc.hpp"

namespace lockstep::mcuboot {

using namespace std::string_view_literals;  // a plain literal would need strlen on the device

std::string_view text(Errc e) {
  switch (e) {
    case Errc::read_failed:
      return "the image could not be read"sv;
    case Errc::too_short:
      return "the file ends before the image does"sv;
    case Errc::bad_magic:
      return "this is no MCUboot image, the header's magic is missing"sv;
    case Errc::bad_header_size:
      return "the header size is less than 32 bytes"sv;
    case Errc::too_large:
      return "the sizes in the header add up to more than 4 GiB"sv;
    case Errc::encrypted:
      return "the payload is encrypted, which is not supported"sv;
    case Errc::compressed:
      return "the payload is compressed, which is not supported"sv;
    case Errc::bad_tlv_area:
      return "there is no TLV area behind the payload"sv;
    case Errc::bad_protected_size:
      return "header and protected TLV area disagree about the area's size"sv;
    case Errc::bad_tlv:
      return "a TLV runs over the end of its area"sv;
    case Errc::bad_tlv_length:
      return "a TLV has a wrong length"sv;
    case Errc::duplicate_tlv:
      return "a TLV that may occur once occurs twice"sv;
    case Errc::too_many_dependencies:
      return "the image has more than 4 dependencies"sv;
    case Errc::trailing_bytes:
      return "something follows the end of the image"sv;
    case Errc::no_hash:
      return "the image carries no SHA-256 hash"sv;
    case Errc::unsupported_hash:
      return "the image is hashed by SHA-384 or SHA-512, which is not supported"sv;
    case Errc::hash_mismatch:
      return "the hash in the image is not the hash of its bytes, it was changed or damaged"sv;
    case Errc::non_bootable:
      return "the image is flagged as not bootable"sv;
    case Errc::no_signature:
      return "the image is not signed"sv;
    case Errc::unsupported_signature:
      return "the image is signed, but not by ECDSA P-256"sv;
    case Errc::unknown_key:
      return "the image is not signed by any of the given keys"sv;
    case Errc::bad_signature:
      return "the signature is wrong"sv;
    case Errc::crypto_failed:
      return "the crypto library failed"sv;
    case Errc::no_room:
      return "the image does not fit the buffer"sv;
    case Errc::bad_version:
      return "this is no version of the form major.minor.revision+build"sv;
    case Errc::bad_option:
      return "the image format cannot carry this value"sv;
  }
  return "unknown error"sv;
}

}  // namespace lockstep::mcuboot
