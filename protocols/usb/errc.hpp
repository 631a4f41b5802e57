// Why bytes of a USB control transfer were refused.
#pragma once

#include <cstdint>
#include <string_view>

namespace lockstep::usb {

enum class Errc : std::uint8_t {
  none,
  bad_length,      // fewer or more bytes than the structure has
  bad_descriptor,  // a descriptor shorter than its type demands, longer than what holds it, or of another type
};
std::string_view text(Errc e);

}  // namespace lockstep::usb
