#include "host/store/ledger.hpp"

#include <charconv>

namespace lockstep::store {

Hash leaf_hash(std::string_view canonical) {
  constexpr std::byte leaf{0x00};
  Sha256Hasher hasher;
  hasher.update(Bytes(&leaf, 1));
  hasher.update(as_bytes(canonical));
  return hasher.finish();
}

Hash node_hash(const Hash& left, const Hash& right) {
  constexpr std::byte node{0x01};
  Sha256Hasher hasher;
  hasher.update(Bytes(&node, 1));
  hasher.update(left.bytes());
  hasher.update(right.bytes());
  return hasher.finish();
}

std::string to_text(const Head& head) { return std::to_string(head.position) + ":" + head.seal.hex(); }

Outcome<Head> parse_head(std::string_view text) {
  const auto error = [text] {
    return fail(ErrorKind::invalid, "\"" + printable(text) + "\" is no head of a ledger", "copy it as `audit verify` prints it");
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return error();
  Head head;
  const std::string_view number = text.substr(0, colon);
  const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), head.position);
  if (ec != std::errc() || end != number.data() + number.size() || head.position < 0) return error();
  const auto seal = Sha256::from_hex(text.substr(colon + 1));
  if (!seal) return error();
  head.seal = *seal;
  return head;
}

}  // namespace lockstep::store
