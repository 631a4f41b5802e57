#include "protocols/cbor/cbor.hpp"

namespace lockstep::cbor {

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error";
    case Errc::truncated: return "the CBOR data ends inside an item";
    case Errc::wrong_type: return "a CBOR item has another type than expected";
    case Errc::malformed: return "the CBOR data is not well-formed";
    case Errc::too_deep: return "the CBOR containers are nested too deeply";
    case Errc::too_large: return "a CBOR number is out of range";
    case Errc::unsupported: return "a CBOR string comes in several chunks";
  }
  return "unknown error";
}

}  // namespace lockstep::cbor
