// Checksums of the wire formats.
#pragma once

#include <cstdint>

#include "protocols/core/bytes.hpp"

namespace lockstep {

// CRC-16/XMODEM (polynomial 0x1021, initial 0, not reflected, no final xor): SMP console frames.
// Pass the previous result as `seed` to go on over the next piece.
std::uint16_t crc16_xmodem(Bytes bytes, std::uint16_t seed = 0);

// CRC-32/ISO-HDLC (reflected 0xEDB88320, initial and final all ones): DFU suffix, UF2, zip.
// Pass the previous result as `seed` to go on over the next piece.
std::uint32_t crc32(Bytes bytes, std::uint32_t seed = 0);

}  // namespace lockstep
