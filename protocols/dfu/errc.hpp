// Why bytes of the DFU protocol, or a DFU file, were refused.
#pragma once

#include <cstdint>
#include <string_view>

namespace lockstep::dfu {

enum class Errc : std::uint8_t {
  none,
  bad_length,      // fewer or more bytes than the structure has
  bad_descriptor,  // no DFU functional descriptor
  bad_status,      // a status or state that DFU 1.1 does not have
  no_suffix,       // the file does not end with a DFU suffix
  bad_suffix,      // the suffix says a length that it cannot have
  bad_checksum,    // the file was changed after the suffix was made
};
std::string_view text(Errc e);

}  // namespace lockstep::dfu
