#include "protocols/dfu/errc.hpp"

namespace lockstep::dfu {

using namespace std::string_view_literals;  // length known without strlen

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error"sv;
    case Errc::bad_length: return "the structure has another length"sv;
    case Errc::bad_descriptor: return "no DFU functional descriptor"sv;
    case Errc::bad_status: return "a status or state that DFU 1.1 does not have"sv;
    case Errc::no_suffix: return "the file has no DFU suffix"sv;
    case Errc::bad_suffix: return "the DFU suffix says a length that it cannot have"sv;
    case Errc::bad_checksum: return "the file was changed after its DFU suffix was made"sv;
  }
  return "unknown error"sv;
}

}  // namespace lockstep::dfu
