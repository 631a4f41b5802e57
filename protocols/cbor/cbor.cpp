#include "protocols/cbor/cbor.hpp"

namespace lockstep::cbor {

using namespace std::string_view_literals;  // strlen is not there on the device

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error"sv;
    case Errc::truncated: return "the CBOR data ends inside an item"sv;
    case Errc::wrong_type: return "a CBOR item has another type than expected"sv;
    case Errc::malformed: return "the CBOR data is not well-formed"sv;
    case Errc::too_deep: return "the CBOR containers are nested too deeply"sv;
    case Errc::too_large: return "a CBOR number is out of range"sv;
    case Errc::unsupported: return "a CBOR string comes in several chunks"sv;
  }
  return "unknown error"sv;
}

}  // namespace lockstep::cbor
