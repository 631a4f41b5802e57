#include "host/delta/match_index.hpp"

#include <algorithm>

namespace lockstep::delta {
namespace {

constexpr unsigned hash_bits = 15;

std::uint32_t hash_of(Bytes bytes) {
  const std::uint32_t key = ByteReader(bytes.first(min_match)).u32le();
  return key * 0x9e3779b1u >> (32 - hash_bits);  // multiplicative hashing by the golden ratio
}

}  // namespace

MatchIndex::MatchIndex(Bytes bytes) : bytes_(bytes), heads_(1u << hash_bits, none), previous_(bytes.size(), none) {}

void MatchIndex::insert(std::uint32_t at) {
  if (bytes_.size() - at < min_match) return;
  std::uint32_t& head = heads_[hash_of(bytes_.subspan(at))];
  previous_[at] = head;
  head = at;
}

void MatchIndex::insert_all() {
  for (std::uint32_t at = 0; at < bytes_.size(); ++at) insert(at);
}

std::uint32_t MatchIndex::first(Bytes key) const { return key.size() < min_match ? none : heads_[hash_of(key)]; }

std::uint32_t common_prefix(Bytes a, Bytes b) {
  const std::size_t n = std::min(a.size(), b.size());
  const auto end = std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(n), b.begin()).first;
  return static_cast<std::uint32_t>(end - a.begin());
}

}  // namespace lockstep::delta
