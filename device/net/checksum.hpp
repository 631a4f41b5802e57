// The Internet checksum (RFC 1071) of IPv4, ICMP and UDP: the complement of the ones' complement sum of 16-bit words.
#pragma once

#include <cstdint>

#include "protocols/core/bytes.hpp"

namespace lockstep::net {

class Checksum {
 public:
  // Only the last piece may have an odd length.
  void add(Bytes piece);
  void add(std::uint16_t word) { sum_ += word; }
  // What belongs into the checksum field when that counted as 0. Zero when the field was counted too and is right.
  std::uint16_t value() const;

 private:
  std::uint32_t sum_ = 0;  // of at most 64 KiB: no carry is lost
};

}  // namespace lockstep::net
