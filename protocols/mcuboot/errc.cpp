#include "protocols/mcuboot/errc.hpp"

namespace lockstep::mcuboot {

std::string_view text(Errc e) {
  switch (e) {
    case Errc::read_failed: return "the image could not be read";
    case Errc::too_short: return "the file ends before the image does";
    case Errc::bad_magic: return "this is no MCUboot image, the header's magic is missing";
    case Errc::bad_header_size: return "the header size is less than 32 bytes";
    case Errc::too_large: return "the sizes in the header add up to more than 4 GiB";
    case Errc::encrypted: return "the payload is encrypted, which is not supported";
    case Errc::compressed: return "the payload is compressed, which is not supported";
    case Errc::bad_tlv_area: return "there is no TLV area behind the payload";
    case Errc::bad_protected_size: return "header and protected TLV area disagree about the area's size";
    case Errc::bad_tlv: return "a TLV runs over the end of its area";
    case Errc::bad_tlv_length: return "a TLV has a wrong length";
    case Errc::duplicate_tlv: return "a TLV that may occur once occurs twice";
    case Errc::too_many_dependencies: return "the image has more than 4 dependencies";
    case Errc::trailing_bytes: return "something follows the end of the image";
    case Errc::no_hash: return "the image carries no SHA-256 hash";
    case Errc::unsupported_hash: return "the image is hashed by SHA-384 or SHA-512, which is not supported";
    case Errc::hash_mismatch: return "the hash in the image is not the hash of its bytes, it was changed or damaged";
    case Errc::non_bootable: return "the image is flagged as not bootable";
    case Errc::no_signature: return "the image is not signed";
    case Errc::unsupported_signature: return "the image is signed, but not by ECDSA P-256";
    case Errc::unknown_key: return "the image is not signed by any of the given keys";
    case Errc::bad_signature: return "the signature is wrong";
    case Errc::crypto_failed: return "the crypto library failed";
    case Errc::no_room: return "the image does not fit the buffer";
    case Errc::bad_version: return "this is no version of the form major.minor.revision+build";
    case Errc::bad_option: return "the image format cannot carry this value";
  }
  return "unknown error";
}

}  // namespace lockstep::mcuboot
