// What would make a plan possible: the smallest release that nobody has made yet. "A new mobile-app 5.1.0 that works with app
// 1.8.0 to 3.1.0 would free 412 devices."
//
// Looked for is one new version of one component. Others judge it by its number, as their ranges already do; what it says
// itself is made as narrow as possible, because each promise is a test to pass for ever.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "manifests/explain/impossible.hpp"
#include "manifests/explain/relax.hpp"

namespace lockstep::explain {

// It works with these versions of a component, and those between.
struct Promise {
  Index component = model::none;
  Index lowest = model::none, highest = model::none;

  std::size_t width() const { return static_cast<std::size_t>(highest - lowest) + 1; }
  friend bool operator==(const Promise&, const Promise&) = default;
};

struct Bridge {
  Index component = model::none;
  Index before = model::none;       // its place among the versions: in front of this one; their number: newest of all
  version::Version version;
  std::vector<Promise> works_with;  // one for each component that says something about this one, or of which it does
  std::optional<Promise> from;      // on the device: the versions from which it comes directly
  bool reads_data = false;          // on the device, when the component's data ever change:
  std::uint32_t lowest_epoch = 0, highest_epoch = 0;  // what it must read
  std::uint32_t security_counter = 0;
  std::vector<model::Board> boards; // on the device: that it must run on
  std::vector<std::size_t> frees;   // which of the problems, ascending

  // All versions that it promises something about: how narrow it is.
  std::size_t width() const;
};

// The problem in a world where the bridge exists. Versions of its component from `before` on are one number higher.
Relaxed with(const model::Problem& problem, const Bridge& bridge);

// The best bridges, at most `most`: first those that free the most problems, then the narrowest. No promise of theirs can
// be a version narrower at either end without leaving one of the problems behind. Problems that have a plan already, a
// bad start or no known answer count as not freed. Empty: no single new version helps.
// Distinct problems on one catalogue. Errors: those of plan::make_plan; invalid, when they are on several catalogues.
Outcome<std::vector<Bridge>> bridges(std::span<const model::Problem> problems, std::size_t most = 3, const Effort& effort = {});

// "a new mobile-app 5.1.0 that works with app 1.8.0 to 3.1.0 would free 2 of 3 devices"
std::string text(const model::Catalogue& catalogue, std::size_t of_problems, const Bridge& bridge);

}  // namespace lockstep::explain
