// The ledger's head record: no bytes may crash the reader, and nothing is accepted but what the writer writes.
#include <cstdint>
#include <cstdlib>

#include "host/store/head_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep::store;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // The checksum keeps made-up bytes away from what it is about; so that is read by itself as well.
  if (const auto bare = parse_head(text); bare && !parse_head_record(head_record(*bare))) std::abort();
  const auto head = parse_head_record(text);
  if (!head) return head.error().what.empty() ? std::abort(), 0 : 0;
  if (head_record(*head) != text) std::abort();
  return 0;
}
