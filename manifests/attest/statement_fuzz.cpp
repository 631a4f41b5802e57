// No input may break the statement reader, and what it accepts survives being written and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifests/attest/statement.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto statement = lockstep::attest::parse_statement({reinterpret_cast<const char*>(data), size});
  if (!statement) return 0;
  const auto again = lockstep::attest::parse_statement(to_json(*statement));
  if (!again || to_json(*again) != to_json(*statement)) std::abort();
  return 0;
}
