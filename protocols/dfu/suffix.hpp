// The end of a DFU file: for which device it is, and a checksum. Hosts take it off; a device never sees it.
// Specification: DFU 1.1, appendix B.
//
//   bcdDevice 2 | idProduct 2 | idVendor 2 | bcdDFU 2 | "UFD" | bLength 1 | dwCRC 4          (little endian)
#pragma once

#include <cstdint>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/dfu/errc.hpp"

namespace lockstep::dfu {

struct Suffix {
  static constexpr std::size_t size = 16;
  static constexpr std::uint16_t any = 0xffff;  // of device, product, vendor: fits all
  static constexpr std::uint16_t dfu_1_x = 0x0100;  // what files for DFU 1.0 and 1.1 have

  std::uint16_t device = any;  // bcdDevice
  std::uint16_t product = any;
  std::uint16_t vendor = any;
  std::uint16_t dfu = dfu_1_x;  // 0x011a: DfuSe
  friend bool operator==(const Suffix&, const Suffix&) = default;
};

// A whole file taken apart. `payload` is a view into it: what is to be downloaded.
struct File {
  Suffix suffix{};
  Bytes payload{};
};
// Errc: no_suffix, bad_suffix, bad_checksum. A suffix that is longer than 16 bytes is taken; what is more is ignored.
Result<File, Errc> read_file(Bytes file);

// Appends the suffix for `payload`, which was written before: payload and suffix are the file.
void write_suffix(ByteWriter& w, const Suffix& suffix, Bytes payload);

}  // namespace lockstep::dfu
