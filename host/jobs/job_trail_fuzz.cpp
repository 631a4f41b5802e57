// A job's facts in the ledger: no document may crash the reader, and an accepted trail is the same after writing and
// reading.
#include <cstdint>
#include <cstdlib>

#include "host/jobs/job_trail.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep;
  const auto facts = parse_json_object({reinterpret_cast<const char*>(data), size});
  if (!facts) return 0;
  const auto trail = jobs::job_trail_from_json(*facts);
  if (!trail) return trail.error().what.empty() ? std::abort(), 0 : 0;
  const json::object written = to_json(*trail);
  const auto again = jobs::job_trail_from_json(written);
  if (!again || to_json(*again) != written) std::abort();
  return 0;
}
