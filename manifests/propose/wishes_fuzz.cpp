// No input may break the readers of pins and holds, and what they accept is read again from its own text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifests/propose/wishes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep::propose;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(newest_of(text));
  for (const auto& parse : {parse_pin, parse_hold}) {
    const auto word = parse(text);
    if (!word) continue;
    if (word->range && word->range->empty()) std::abort();
    const auto again = parse(word->text());
    if (!again || again->text() != word->text() || again->component != word->component) std::abort();
  }
  return 0;
}
