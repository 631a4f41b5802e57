// What is seen of a device and of the software around it, held against the states of a plan. Plain functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::walk {

// One component. What cannot be told is absent: it is not compared, and never guessed.
struct Seen {
  std::optional<model::Index> active = {};  // on the device: a version, model::torn or model::none
  std::string foreign = {};                 // instead of `active`: what runs is not in the catalogue; its name
  std::optional<bool> trial = {};
  // The image in the slot that does not run, by its role where that can be told. A bootloader may leave the image that
  // was replaced lying there, and then it has none.
  std::optional<model::Index> fallback = {};  // model::none: there is nothing to go back to
  std::optional<model::Index> staged = {};    // model::none: nothing waits to be started
  std::optional<model::Index> idle = {};      // whatever its role; model::none: nothing that boots
  std::optional<std::uint32_t> counter = {}, epoch = {};
  std::optional<std::vector<model::Index>> alive = {};  // software: versions in use, ascending

  friend bool operator==(const Seen&, const Seen&) = default;
};

using Sight = std::vector<Seen>;  // one for each component of the catalogue

// Everything that a state would show.
Sight sight_of(const model::Catalogue& catalogue, const model::State& state);

// Why this is not `expected`, in words ("app runs 1.4.0, not 2.0.0"); nothing when it is, as far as it can be told.
std::optional<std::string> difference(const model::Catalogue& catalogue, const model::State& expected, const Sight& seen);

// The states in the middle of a step from which it can be done again to the same end, as a cut may leave them: a slot that
// is not written to its end, a torn component, a service of which two versions run.
std::vector<model::State> repeatable(const model::Catalogue& catalogue, const model::State& before, const model::Step& step);

// The components that have gone back by themselves, when that is all that differs from `expected`; else empty.
std::vector<model::Index> gone_back(const model::Catalogue& catalogue, const model::State& expected, const Sight& seen);

}  // namespace lockstep::walk
