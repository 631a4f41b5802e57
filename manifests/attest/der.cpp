#include "manifests/attest/der.hpp"

namespace lockstep::attest {
namespace {

constexpr std::uint8_t sequence_tag = 0x30;
constexpr std::uint8_t integer_tag = 0x02;
constexpr std::uint8_t sign_bit = 0x80;

bool take_integer(ByteReader& reader) {
  if (reader.u8() != integer_tag) return false;
  const std::uint8_t length = reader.u8();
  const Bytes value = reader.take(length);
  if (!reader.ok() || length == 0 || length > 33) return false;
  const auto first = std::to_integer<std::uint8_t>(value[0]);
  if (first & sign_bit) return false;            // negative
  if (first != 0) return length <= 32;
  // A leading zero is there only to keep the next bit from being a sign. It also refuses zero itself.
  return length > 1 && (std::to_integer<std::uint8_t>(value[1]) & sign_bit) != 0;
}

}  // namespace

bool is_minimal_signature(Bytes der) {
  ByteReader reader(der);
  if (reader.u8() != sequence_tag) return false;
  const std::uint8_t length = reader.u8();
  if (!reader.ok() || length >= sign_bit || length != reader.remaining()) return false;
  return take_integer(reader) && take_integer(reader) && reader.at_end();
}

}  // namespace lockstep::attest
