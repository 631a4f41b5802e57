// Any bytes as hex, base64, time, JSON and terminal text: what is accepted has one form, what is printed is
// harmless.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "host/base/json.hpp"
#include "host/base/text.hpp"

using namespace lockstep;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(data, size));
  const std::string_view text = as_text(bytes);

  if (const auto decoded = from_base64(text)) require(to_base64(*decoded) == text);
  require(from_base64(to_base64(bytes)) && *from_base64(to_base64(bytes)) == to_buffer(bytes));
  if (const auto decoded = from_hex(text)) require(from_hex(to_hex(*decoded)) && decoded->size() * 2 == size);
  if (const auto time = parse_time(text)) {
    // Offsets may leave the years that RFC 3339 can write.
    const auto again = parse_time(format_time(*time));
    require(!again || *again == *time);
  }
  const std::string shown = printable(text);
  require(is_utf8(shown) &&
          std::ranges::none_of(shown, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }));
  if (const auto value = parse_json(text)) {
    const auto again = parse_json(pretty_json(*value));
    require(static_cast<bool>(again));
  }
  return 0;
}
