#include "protocols/usb/errc.hpp"

namespace lockstep::usb {

using namespace std::string_view_literals;  // length known without strlen

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error"sv;
    case Errc::bad_length: return "the structure has another length"sv;
    case Errc::bad_descriptor: return "the descriptor has another type or length than it says"sv;
  }
  return "unknown error"sv;
}

}  // namespace lockstep::usb
