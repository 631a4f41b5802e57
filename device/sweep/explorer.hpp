// Every state of the flash that power cuts can lead to. A state is what the flash holds when the power comes back. From
// each state the device lives one life without a cut, and each operation of that life gives three more states
// (boot::CutFlash::Last). States seen before are not looked at again, so that pairs of cuts cost little more than
// single ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "device/sweep/scenario.hpp"

namespace lockstep::sweep {

struct Outcome {
  std::uint64_t cuts = 0;    // cut points tried: operation x kind of cut, of every state
  std::uint64_t states = 0;  // different contents of the flash at power-on
  std::vector<std::string> findings;  // at most `max_findings`, each with the operations that lead there
};

inline constexpr std::size_t max_findings = 3;

// All states that at most `most_cuts` cuts lead to, one after the other: in the update, in the recovery from that...
Outcome explore(const Scenario& scenario, const Shape& shape, boot::Mode mode, unsigned most_cuts = 2);

}  // namespace lockstep::sweep
