#include <mbedtls/md.h>

#include <algorithm>
#include <array>

#include "host/base/text.hpp"
#include "host/base/uuid.hpp"

namespace lockstep {
namespace {

constexpr Uuid to_uuid(const std::array<std::uint8_t, 16>& bytes) {
  Uuid uuid{};
  for (std::size_t i = 0; i < uuid.size(); ++i) uuid[i] = static_cast<std::byte>(bytes[i]);
  return uuid;
}

}  // namespace

const Uuid uuid_dns_namespace =
    to_uuid({0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8});

std::string format_uuid(const Uuid& uuid) {
  std::string text = to_hex(uuid);
  for (const std::size_t dash : {8u, 13u, 18u, 23u}) text.insert(dash, 1, '-');
  return text;
}

Outcome<Uuid> parse_uuid(std::string_view text) {
  std::string digits(text);
  const bool dashed =
      text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
  if (dashed) std::erase(digits, '-');
  const auto bytes = from_hex(digits);
  Uuid uuid;
  if (!bytes || bytes->size() != uuid.size())
    return fail(ErrorKind::invalid, in_quotes(text.substr(0, 80)) + " is no UUID",
                "write it as 12345678-1234-5678-1234-567812345678");
  std::ranges::copy(*bytes, uuid.begin());
  return uuid;
}

Uuid name_uuid(const Uuid& name_space, std::string_view name) {
  Buffer input = to_buffer(name_space);
  const Buffer text = to_buffer(name);
  input.insert(input.end(), text.begin(), text.end());
  std::array<std::byte, 20> sha1;
  mbedtls_md(mbedtls_md_info_from_type(MBEDTLS_MD_SHA1), reinterpret_cast<const unsigned char*>(input.data()),
             input.size(), reinterpret_cast<unsigned char*>(sha1.data()));
  Uuid uuid;
  std::copy_n(sha1.begin(), uuid.size(), uuid.begin());
  uuid[6] = (uuid[6] & std::byte{0x0f}) | std::byte{0x50};  // version 5
  uuid[8] = (uuid[8] & std::byte{0x3f}) | std::byte{0x80};  // variant of the RFC
  return uuid;
}

Uuid uuid_of(std::string_view text, const Uuid& name_space) {
  const auto uuid = parse_uuid(text);
  return uuid ? *uuid : name_uuid(name_space, text);
}

}  // namespace lockstep
