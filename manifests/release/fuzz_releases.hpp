// For fuzz entries: several releases in one input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifests/release/release.hpp"

namespace lockstep::release {

// Those that can be read, of the texts between bytes 0x1E, which no XML may contain.
inline std::vector<Release> releases_in(std::string_view input) {
  std::vector<Release> out;
  while (true) {
    const std::size_t end = input.find('\x1e');
    if (auto parsed = parse(input.substr(0, end), std::to_string(out.size()) + ".xml")) out.push_back(*std::move(parsed));
    if (end == input.npos) return out;
    input.remove_prefix(end + 1);
  }
}

}  // namespace lockstep::release
