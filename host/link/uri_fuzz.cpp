// Link URIs: no bytes may crash the parser, and an accepted link is the same after writing and reading.
#include <cstdint>
#include <cstdlib>

#include "host/link/uri.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep::link;
  const auto uri = parse_link_uri({reinterpret_cast<const char*>(data), size});
  if (!uri) return uri.error().what.empty() ? std::abort(), 0 : 0;
  const auto again = parse_link_uri(to_string(*uri));
  if (!again || *again != *uri) std::abort();
  return 0;
}
