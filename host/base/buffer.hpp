// Bytes that own their memory.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "protocols/core/bytes.hpp"

namespace lockstep {

using Buffer = std::vector<std::byte>;

inline Buffer to_buffer(Bytes bytes) { return Buffer(bytes.begin(), bytes.end()); }
inline Buffer to_buffer(std::string_view text) { return to_buffer(as_bytes(text)); }

}  // namespace lockstep
