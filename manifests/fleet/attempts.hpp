// Asks for a way of some of what a schedule may do and keep: what goes together, and what does not go with what.
#pragma once

#include <cstdint>
#include <vector>

#include "manifests/fleet/fleet.hpp"
#include "manifests/fleet/reach.hpp"

namespace lockstep::fleet {

// Something that a schedule may have to do or to keep.
struct Item {
  enum class What { goes, stands, stays, comes };
  What what = What::goes;
  std::size_t device = 0;     // goes, stands; stays because of this device's people
  bool has_device = true;
  model::Target version;      // stays: stays in use; comes: is the only one in the end
  std::uint64_t count = 0;
};
using Items = std::vector<Item>;

// Those of `all` that are not among `some`.
Items missing(const Items& all, const Items& some);

// The versions that a search looks at.
struct Kept {
  std::vector<plan::Views> views;  // per component
  bool all = true;                 // they are all, so that "none" is a proof
};

class Attempts {
 public:
  // All but `kept` is borrowed for its life.
  Attempts(const plan::Relations& relations, const Fleet& fleet, const plan::Limits& limits, Kept kept)
      : relations_(relations), fleet_(fleet), limits_(limits), kept_(std::move(kept)) {}

  // A way on which all of them hold; its moves name the fleet's devices.
  Way ask(const Items& items);
  bool possible(const Items& items) { return ask(items).verdict == plan::Verdict::found; }
  // As many of the candidates as go together with what is fixed, those in front first; halves of them are tried at once.
  Items most_of(const Items& candidates, const Items& fixed);
  // A smallest part of `items` that leaves no way beside `fixed`; all of them together leave none, `fixed` alone leaves one.
  Items smallest_conflict(const Items& fixed, Items items);

  // No search was cut short or looked at too few versions so far.
  bool sure() const { return sure_; }

 private:
  Question question(const Items& items) const;
  bool in_use(const model::Target& version) const;

  const plan::Relations& relations_;
  const Fleet& fleet_;
  const plan::Limits& limits_;
  Kept kept_;
  bool sure_ = true;
};

}  // namespace lockstep::fleet
