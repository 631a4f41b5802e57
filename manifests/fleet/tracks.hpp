// What the search of reach.hpp walks on: for each walker the nets of its components beside those of all software.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "manifests/fleet/reach.hpp"
#include "manifests/plan/group.hpp"

namespace lockstep::fleet {

using Nodes = std::vector<std::uint32_t>;  // one of each net

struct Track {
  plan::Group group;     // nets of the device's components, then those of software
  std::size_t own = 0;   // how many are the device's
  bool moves = false;
  // Of each net, the others on which it depends: the device's, and those of software.
  std::vector<Nodes> own_others, software_others;

  // A device's nodes as one number, in mixed radix, and back; the latter with the software's behind.
  std::uint64_t code(const Nodes& nodes) const;
  Nodes nodes(std::uint64_t code, const Nodes& software) const;
  std::uint64_t codes() const;  // how many there are

  // Whether the device is safe with everything as it stands.
  bool stands(const Nodes& nodes) const;
  bool is_goal(const Nodes& nodes) const;
};

// Whether something of net i may happen, or be, beside the others.
inline bool fits(const plan::Guards& guards, std::size_t row, const Nodes& others, const Nodes& nodes) {
  for (const std::uint32_t j : others) {
    if (!guards.allows(row, j, nodes[j])) return false;
  }
  return true;
}

struct Tracks {
  plan::Group software;
  std::vector<Track> walkers;  // as in the question
};

// The verdict when there is nothing to search. The question outlives the tracks.
std::optional<plan::Verdict> make_tracks(const Question& question, bool finalise, Tracks& out);

}  // namespace lockstep::fleet
