// For tests: the planner's hand-made products with lines to cite, and what several tests ask.
#pragma once

#include "manifests/explain/impossible.hpp"
#include "manifests/explain/relax.hpp"
#include "manifests/oracle/instance.hpp"
#include "manifests/plan/sample.hpp"

namespace lockstep::explain::sample {

using plan::sample::Lab;
using plan::sample::range;
using plan::sample::v;

// Gives every rule of the catalogue a line of its component's manifest, as a reader of XML would.
inline void number_lines(model::Catalogue& catalogue) {
  for (model::Component& c : catalogue.components) {
    int line = 1;
    const auto next = [&] { return model::Place{c.name + ".xml", ++line}; };
    c.at = next();
    for (model::Record& r : c.versions) {
      r.at = next();
      if (r.from) r.from_at = next();
      for (model::Need& need : r.needs) need.at = next();
    }
  }
}

inline plan::Verdict verdict(const model::Problem& problem) {
  const auto answer = plan::make_plan(problem);
  REQUIRE(answer);
  return answer->verdict;
}

inline std::vector<Constraint> constraints_of(const std::vector<Cause>& causes) {
  std::vector<Constraint> out;
  for (const Cause& c : causes) out.push_back(c.constraint);
  return out;
}

inline std::string joined(const Lines& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + '\n';
  return out;
}

}  // namespace lockstep::explain::sample
