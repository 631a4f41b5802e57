// Which images a patch is for. It stands in the application header of a VCDIFF file: the part behind the header
// indicator's bit 2, which RFC 3284 leaves reserved and xdelta3 and open-vcdiff use for exactly this, so that their
// decoders take our patches as they are.
//
//   "LSD1" | size of the base | size of the target | SHA-256 of the base | SHA-256 of the target     (little endian)
//
// Both digests are over the whole file of an image, signature included: a patch puts together bytes, not meanings.
#pragma once

#include <array>
#include <cstdint>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/delta/errc.hpp"

namespace lockstep::delta {

using Digest = std::array<std::byte, 32>;

struct PatchHeader {
  static constexpr std::size_t size = 76;  // bytes encoded
  std::uint32_t base_size = 0;
  std::uint32_t target_size = 0;
  Digest base{};
  Digest target{};

  void encode(ByteWriter& w) const;
  // From an application header. Errc: bad_header.
  static Result<PatchHeader, Errc> decode(Bytes app_header);
  friend bool operator==(const PatchHeader&, const PatchHeader&) = default;
};

// What every VCDIFF file begins with (version 0, "VCD" with the top bits set).
inline constexpr std::array<std::byte, 4> magic{std::byte{0xd6}, std::byte{0xc3}, std::byte{0xc4}, std::byte{0}};
bool is_vcdiff(Bytes file);

// The start of a VCDIFF file (RFC 3284, section 4.1).
struct FileHeader {
  std::uint32_t size = 0;  // bytes before the first window
  Bytes app_header{};      // view into the file; empty when there is none
};
// Of a whole file or its first bytes. Errc: too_short, bad_magic, unsupported, bad_number.
Result<FileHeader, Errc> read_file_header(Bytes file);
void write_file_header(ByteWriter& w, Bytes app_header);

}  // namespace lockstep::delta
