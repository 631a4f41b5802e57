// Which dashed arrow goes from where to where, and in which lane, so that none lies upon another. Private to this folder.
#pragma once

#include <cstddef>
#include <vector>

#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::picture {

// A fault that leads back to a state of the plan.
struct Leap {
  std::size_t from = 0;  // state
  std::size_t row = 0;   // which of its reverts
  std::size_t to = 0;    // the state it leads to, above
  std::size_t lane = 0;  // 0 is next to the boxes
};

struct Layout {
  std::vector<std::vector<plan_file::Fault>> reverts;  // of each state
  std::vector<Leap> leaps;
  std::size_t lanes = 0;

  const Leap* leap_of(std::size_t state, std::size_t row) const;
};

Layout lay_out(const plan_file::Document& document);

}  // namespace lockstep::picture
