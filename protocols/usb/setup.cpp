#include "protocols/usb/setup.hpp"

namespace lockstep::usb {

std::array<std::byte, Setup::size> Setup::encode() const {
  std::array<std::byte, size> bytes{};
  ByteWriter w(bytes);
  w.u8(request_type);
  w.u8(request);
  w.u16le(value);
  w.u16le(index);
  w.u16le(length);
  return bytes;
}

Result<Setup, Errc> Setup::decode(Bytes bytes) {
  if (bytes.size() != size) return Fail(Errc::bad_length);
  ByteReader r(bytes);
  return Setup{.request_type = r.u8(), .request = r.u8(), .value = r.u16le(), .index = r.u16le(), .length = r.u16le()};
}

}  // namespace lockstep::usb
