// For the group codecs: walking over the members of a CBOR map.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocols/cbor/reader.hpp"
#include "protocols/core/result.hpp"
#include "protocols/smp/errc.hpp"

namespace lockstep::smp {

inline constexpr std::uint64_t max_u32 = 0xffffffff;

// Calls take(key, reader) for each pair of the map that the reader stands at; take reads the value and returns true,
// or returns false for a key that it does not know, whose value is then passed over.
template <class Take>
void each_member(cbor::Reader& r, Take&& take) {
  r.enter_map();
  while (r.next()) {
    const std::string_view key = r.key();
    if (!take(key, r)) r.skip();
  }
}

// The same for a whole body. Some clients send no bytes at all where the map would be empty: that is taken as such.
// Error: bad_body when the map is malformed or a value has another type than `take` asked for.
template <class Take>
Result<void, Errc> each_member(Bytes body, Take&& take) {
  if (body.empty()) return {};
  cbor::Reader r(body);
  each_member(r, take);
  if (!r.ok()) return Fail(Errc::bad_body);
  return {};
}

// A body whose members do not matter.
inline Result<void, Errc> ignore_members(Bytes body) {
  return each_member(body, [](std::string_view, cbor::Reader&) { return false; });
}

inline std::uint32_t read_u32(cbor::Reader& r) { return static_cast<std::uint32_t>(r.uint(max_u32)); }

}  // namespace lockstep::smp
