// What can be in the way of a plan, in pieces small enough to be taken away one by one. Taking one away never takes a
// plan away.
#pragma once

#include <compare>
#include <string>
#include <tuple>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::explain {

using model::Index;

enum class What : std::uint8_t {
  need,      // one need of a version
  from,      // the versions from which it comes directly
  hardware,  // the boards of a version
  data,      // the epochs that a version reads
  counter,   // the security counters of a component: of the device and of all its versions
  via,       // what a component is written through
  late,      // that an ab_late component may go back at any time
  ban,       // one ban
  stuck,     // software that stays in use
};

struct Constraint {
  What what = What::need;
  Index component = model::none;
  Index version = model::none;  // none for counter, via and late
  std::size_t number = 0;       // need: which of the version's; ban, stuck: which of the problem's
  model::Place at;              // its line; empty when no manifest says it

  friend bool operator==(const Constraint& a, const Constraint& b) { return a.key() == b.key(); }
  friend auto operator<=>(const Constraint& a, const Constraint& b) { return a.key() <=> b.key(); }

 private:
  std::tuple<What, Index, Index, std::size_t> key() const { return {what, component, version, number}; }
};

// Everything that binds in a problem, in order.
std::vector<Constraint> constraints(const model::Problem& problem);

// One of them, with its line.
Constraint constraint(const model::Problem& problem, What what, Index component, Index version = model::none,
                      std::size_t number = 0);

// "app 2.0.0 requires mobile-app ^5.2.0 (release.xml:6)"
std::string text(const model::Problem& problem, const Constraint& constraint);

}  // namespace lockstep::explain
