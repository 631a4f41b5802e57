// What can be wrong with a patch.
#pragma once

#include <cstdint>
#include <string_view>

namespace lockstep::delta {

enum class Errc : std::uint8_t {
  none,
  too_short,        // the bytes end inside a header
  bad_magic,        // no VCDIFF file
  unsupported,      // secondary compression or a code table of its own
  bad_header,       // the application header is not one of ours (patch_header.hpp)
  bad_number,       // an integer of more than 32 bits
  bad_window,       // the lengths of a window contradict each other
  outside,          // a window's source segment, or what it makes, lies outside of the image
  window_too_large,  // the window needs a larger buffer than there is
  bad_instruction,  // instructions make more or less than the window says, or use more data than there is
  bad_address,      // a copy from an address that is not there yet
  bad_checksum,     // the window's Adler-32 is another one
  read_failed,      // the base or the part that is made already could not be read
  write_failed,     // what was made could not be written
};
std::string_view text(Errc e);

}  // namespace lockstep::delta
