// Events of the ledger: no bytes may crash the reader, the envelope of an accepted event can be read alone, and writing
// the event at this version's schema and reading it back gives the same text.
#include <cstdint>
#include <cstdlib>

#include "host/store/event.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep::store;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto header = parse_header(text);
  const auto event = parse_event(text);
  if (!event) return event.error().what.empty() ? std::abort(), 0 : 0;
  if (!header || header->type != kind_of(event->body).type || header->subject != subject_of(event->body)) std::abort();
  const auto written = canonical_json(*event);
  if (!written) std::abort();
  const auto again = parse_event(*written);
  if (!again) std::abort();
  const auto twice = canonical_json(*again);
  if (!twice || *twice != *written) std::abort();
  return 0;
}
