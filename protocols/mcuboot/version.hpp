// The version in an image header: major.minor.revision+build.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include "protocols/core/result.hpp"
#include "protocols/mcuboot/errc.hpp"

namespace lockstep::mcuboot {

struct Version {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  std::uint16_t revision = 0;
  std::uint32_t build = 0;

  // All four numbers count. (MCUboot itself looks at `build` only when configured to.)
  friend constexpr auto operator<=>(const Version&, const Version&) = default;
};

// "1", "1.2", "1.2.3" or "1.2.3+4"; missing numbers are 0. Errc::bad_version for anything else, leading zeros
// and numbers that do not fit their field included.
Result<Version, Errc> parse_version(std::string_view text);

// A version as text, in a buffer of its own: "1.2.3", or "1.2.3+4" when build is not 0.
class VersionText {
 public:
  explicit VersionText(const Version& v);
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 24> text_{};  // 255.255.65535+4294967295
  std::size_t size_ = 0;
};

}  // namespace lockstep::mcuboot
