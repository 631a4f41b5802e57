#include <array>
#include <cstring>
#include <doctest/doctest.h>
#include <memory>

#include "protocols/core/bytes.hpp"
#include "protocols/core/crc.hpp"
#include "protocols/core/result.hpp"

namespace lockstep {
namespace {

enum class Errc { too_small = 1 };

Result<int, Errc> half(int n) {
  if (n < 2) return Fail(Errc::too_small);
  return n / 2;
}

Result<int, Errc> quarter(int n) {
  LOCKSTEP_TRY(h, half(n));
  LOCKSTEP_TRY(q, half(h));
  return q;
}

TEST_CASE("TRY hands the first error to the caller") {
  REQUIRE(quarter(8));
  CHECK(*quarter(8) == 2);
  REQUIRE(!quarter(2));
  CHECK(quarter(2).error() == Errc::too_small);
}

TEST_CASE("a result may hold a value that only moves") {
  Result<std::unique_ptr<int>, Errc> r(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = *std::move(r);
  CHECK(*taken == 7);
}

TEST_CASE("reader and writer agree on every width and byte order") {
  std::array<std::byte, 29> buffer{};
  ByteWriter w(buffer);
  w.u8(0x01);
  w.u16le(0x0203);
  w.u32le(0x04050607);
  w.u64le(0x08090a0b0c0d0e0f);
  w.u16be(0x1011);
  w.u32be(0x12131415);
  w.u64be(0x161718191a1b1c1d);
  REQUIRE(w.ok());
  CHECK(w.room() == 0);
  CHECK(buffer[1] == std::byte{0x03});   // little endian: low byte first
  CHECK(buffer[15] == std::byte{0x10});  // big endian: high byte first

  ByteReader r(w.written());
  CHECK(r.u8() == 0x01);
  CHECK(r.u16le() == 0x0203);
  CHECK(r.u32le() == 0x04050607);
  CHECK(r.u64le() == 0x08090a0b0c0d0e0f);
  CHECK(r.u16be() == 0x1011);
  CHECK(r.u32be() == 0x12131415);
  CHECK(r.u64be() == 0x161718191a1b1c1d);
  CHECK(r.ok());
  CHECK(r.at_end());
}

TEST_CASE("the first read past the end spoils the reader for good") {
  const std::array<std::byte, 3> bytes{std::byte{1}, std::byte{2}, std::byte{3}};
  ByteReader r(bytes);
  CHECK(r.u32le() == 0);
  CHECK(!r.ok());
  CHECK(r.u8() == 0);
  CHECK(r.take(0).empty());
  CHECK(!r.ok());
}

TEST_CASE("a write that does not fit writes nothing and spoils the writer for good") {
  std::array<std::byte, 3> buffer{};
  ByteWriter w(buffer);
  w.u16be(0xaabb);
  w.u16be(0xccdd);
  CHECK(!w.ok());
  w.u8(0xee);
  CHECK(w.size() == 2);
  CHECK(buffer[2] == std::byte{0});
}

// Check values from the catalogue of parametrised CRC algorithms (reveng), "123456789".
TEST_CASE("CRCs match their published check values, whole and in pieces") {
  const Bytes digits = as_bytes("123456789");
  CHECK(crc16_xmodem(digits) == 0x31C3);
  CHECK(crc32(digits) == 0xCBF43926);
  CHECK(crc16_xmodem(digits.subspan(4), crc16_xmodem(digits.first(4))) == 0x31C3);
  CHECK(crc32(digits.subspan(4), crc32(digits.first(4))) == 0xCBF43926);
}

}  // namespace
}  // namespace lockstep
