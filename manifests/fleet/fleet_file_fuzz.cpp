#include "manifests/fleet/fleet_file.hpp"

// A fleet's file from anywhere: it is read or refused, and what is read becomes reports.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto census = lockstep::fleet::parse({reinterpret_cast<const char*>(data), size});
  if (census) static_cast<void>(lockstep::fleet::reports(*census));
  return 0;
}
