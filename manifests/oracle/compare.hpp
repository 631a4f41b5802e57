// Holds a planner against the search, instance by instance.
#pragma once

#include <cstdint>
#include <string>

#include "manifests/oracle/instance.hpp"
#include "manifests/oracle/search.hpp"

namespace lockstep::oracle {

struct Comparison {
  int instances = 0;
  int solved = 0;          // by the search
  int differences = 0;
  std::string first;       // the first difference, with its instance
  std::string mix;         // what the instances were like, for the log of the test
};

// Of instances `first_seed` and those that follow: the planner finds a plan exactly when there is one; it is good, obeys
// bans and stuck software, costs what is said, and no plan is cheaper.
Comparison compare(const Planner& planner, int instances, const Shape& shape = {}, std::uint64_t first_seed = 1);

// How many of so many a test should take: all of them, or a part where sanitizers slow the search down.
constexpr int affordable(int wanted) {
#ifdef LOCKSTEP_SANITIZED
  return wanted / 20;
#else
  return wanted;
#endif
}

}  // namespace lockstep::oracle
