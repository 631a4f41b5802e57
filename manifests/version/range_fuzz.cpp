// First line a range, second a version: no input may break the parsers, and what they print they read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifests/version/range.hpp"

using namespace lockstep::version;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  const auto range = Range::parse(text.substr(0, line));
  const auto version = parse(line == text.npos ? std::string_view{} : text.substr(line + 1));
  if (version && parse(version->text())->text() != version->text()) std::abort();
  if (!range) return 0;
  const auto again = Range::parse(range->normal_text());
  // Normal text may be longer than what is accepted; short ranges must survive.
  if (size < 60 && (!again || again->normal_text() != range->normal_text())) std::abort();
  if (const auto lowest = range->lowest(); lowest && !range->contains(*lowest)) std::abort();
  if (version && range->contains(*version) && (range->empty() || *version < *range->lowest())) std::abort();
  return 0;
}
