#include "device/net/checksum.hpp"

namespace lockstep::net {

void Checksum::add(Bytes piece) {
  ByteReader reader(piece);
  while (reader.remaining() >= 2) sum_ += reader.u16be();
  if (!reader.at_end()) sum_ += static_cast<std::uint32_t>(reader.u8()) << 8;
}

std::uint16_t Checksum::value() const {
  const std::uint32_t once = (sum_ & 0xffffu) + (sum_ >> 16);
  return static_cast<std::uint16_t>(~((once & 0xffffu) + (once >> 16)));
}

}  // namespace lockstep::net
