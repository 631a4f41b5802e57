// Suite files come from other teams: no bytes may crash the parser, and what it accepts must be complete.
#include <cstdint>
#include <cstdlib>

#include "host/hil/step.hpp"
#include "host/hil/suite.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep::hil;
  const auto suite = parse_suite({reinterpret_cast<const char*>(data), size}, "fuzz.xml");
  if (!suite) return suite.error().what.empty() ? std::abort(), 0 : 0;
  if (suite->tests.empty()) std::abort();
  for (const TestSpec& test : suite->tests) {
    if (test.steps.empty() || test.id.empty()) std::abort();
    for (const StepSpec& step : test.steps) {
      if (step.kind == nullptr) std::abort();
      (void)step.kind->about(step);
    }
  }
  return 0;
}
