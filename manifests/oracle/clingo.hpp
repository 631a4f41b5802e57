// Asks clingo (Debian package gringo) what plan.lp says about an instance.
#pragma once

#include <filesystem>
#include <string>

#include "manifests/model/state.hpp"

namespace lockstep::oracle {

struct Clingo {
  enum class How {
    least,     // no plan of at most so many steps costs less
    none,      // there is none
    too_slow,  // the limit was reached first
    failed,    // `said` says why
  };
  How how = How::failed;
  model::Cost cost;        // least
  double seconds = 0;      // by clingo's own clock: reading, grounding and solving, without the start of its process
  double cpu_seconds = 0;  // of the processor, by its own word, too
  std::string said;        // all that it printed
};

// `encoding`: plan.lp; `facts`: a file with what facts() says; `steps`: of the longest plan that is looked for.
Clingo ask_clingo(const std::filesystem::path& encoding, const std::filesystem::path& facts, std::size_t steps,
                  int limit_seconds = 600);

// Whether there is one that plan.lp was written for.
bool has_clingo();

}  // namespace lockstep::oracle
