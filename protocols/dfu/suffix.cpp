#include "protocols/dfu/suffix.hpp"

#include <algorithm>
#include <array>

#include "protocols/core/crc.hpp"

namespace lockstep::dfu {
namespace {

constexpr std::array<std::byte, 3> signature{std::byte{'U'}, std::byte{'F'}, std::byte{'D'}};

constexpr std::size_t crc_size = 4;

}  // namespace

Result<File, Errc> read_file(Bytes file) {
  if (file.size() < Suffix::size) return Fail(Errc::no_suffix);
  ByteReader r(file.last(Suffix::size));
  const Suffix suffix{.device = r.u16le(), .product = r.u16le(), .vendor = r.u16le(), .dfu = r.u16le()};
  const Bytes mark = r.take(signature.size());
  if (!std::equal(mark.begin(), mark.end(), signature.begin())) return Fail(Errc::no_suffix);
  const std::size_t length = r.u8();
  if (length < Suffix::size || length > file.size()) return Fail(Errc::bad_suffix);
  // The checksum is a CRC-32 without the final inversion.
  if (r.u32le() != ~crc32(file.first(file.size() - crc_size))) return Fail(Errc::bad_checksum);
  return File{.suffix = suffix, .payload = file.first(file.size() - length)};
}

void write_suffix(ByteWriter& w, const Suffix& suffix, Bytes payload) {
  std::array<std::byte, Suffix::size> bytes{};
  ByteWriter s(bytes);
  s.u16le(suffix.device);
  s.u16le(suffix.product);
  s.u16le(suffix.vendor);
  s.u16le(suffix.dfu);
  s.bytes(signature);
  s.u8(Suffix::size);
  s.u32le(~crc32(s.written(), crc32(payload)));
  w.bytes(bytes);
}

}  // namespace lockstep::dfu
