// Every requirement and every `from` of a catalogue as bitsets: which versions may stand beside which. Reading ranges is
// the slow part of planning, so it happens once per catalogue, not once per device.
#pragma once

#include <bitset>
#include <vector>

#include "manifests/model/catalogue.hpp"

namespace lockstep::plan {

using model::Index;
constexpr std::size_t at(Index i) { return static_cast<std::size_t>(i); }

// What others can see of a component at one moment: one version that is active (software: each that is alive), or that
// it is torn, or that the device has none.
inline constexpr std::size_t most_versions = 256;
using Views = std::bitset<most_versions + 2>;
constexpr std::size_t view(Index version) {
  return version >= 0 ? at(version) : version == model::torn ? most_versions : most_versions + 1;
}
// Whether all of `a` are in `b`.
inline bool within(const Views& a, const Views& b) { return (a & ~b).none(); }

class Relations {
 public:
  // `catalogue` must stay alive. Complexity: one range test per version and different range.
  // Errors: invalid, when it speaks of components that it does not have, a version requires something of its own
  // component, or figures are beyond the planner's bounds (256 versions, 1000 reboots per activation, 256 GiB per file).
  static Outcome<Relations> make(const model::Catalogue& catalogue);

  const model::Catalogue& catalogue() const { return *catalogue_; }
  std::size_t size() const { return catalogue_->components.size(); }

  // The views of component j with which version v of component i is content while it is active, while it is installed,
  // and with which the way to i is open for it (during_flash, including what i is written through).
  const Views& asks(model::When when, std::size_t i, std::size_t v, std::size_t j) const {
    return asks_[((first_[i] + v) * size() + j) * 3 + at(static_cast<Index>(when))];
  }
  // The versions from which one may come directly to v; all when it names none.
  const Views& from(std::size_t i, std::size_t v) const { return from_[first_[i] + v]; }
  // Whether v has a requirement that holds only while it is written.
  bool asks_while_written(std::size_t i, std::size_t v) const { return picky_[first_[i] + v]; }

 private:
  explicit Relations(const model::Catalogue& catalogue);

  const model::Catalogue* catalogue_;
  std::vector<std::size_t> first_;  // number of component i's oldest version
  std::vector<Views> asks_;
  std::vector<Views> from_;
  std::vector<bool> picky_;
};

}  // namespace lockstep::plan
