#include "protocols/delta/errc.hpp"

namespace lockstep::delta {

using namespace std::string_view_literals;  // length known without strlen

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error"sv;
    case Errc::too_short: return "the patch ends too early"sv;
    case Errc::bad_magic: return "no VCDIFF patch"sv;
    case Errc::unsupported: return "the patch uses secondary compression or a code table of its own"sv;
    case Errc::bad_header: return "the patch does not say which images it is for"sv;
    case Errc::bad_number: return "a number in the patch is too large"sv;
    case Errc::bad_window: return "the lengths of a window contradict each other"sv;
    case Errc::outside: return "a window lies outside of the image"sv;
    case Errc::window_too_large: return "a window is too large for the buffer"sv;
    case Errc::bad_instruction: return "the instructions of a window do not fit its lengths"sv;
    case Errc::bad_address: return "a copy from an address that is not there"sv;
    case Errc::bad_checksum: return "the checksum of a window is wrong"sv;
    case Errc::read_failed: return "an image could not be read"sv;
    case Errc::write_failed: return "the new image could not be written"sv;
  }
  return "unknown error"sv;
}

}  // namespace lockstep::delta
