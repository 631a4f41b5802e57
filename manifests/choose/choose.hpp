// Which versions should a device have? The newest set that is consistent under what people have said: pins, holds, and
// that only tested versions count; or a smallest derivation that there is none.
//
// A set has one version of each component that the device has and of each software that is in use: nothing is mixed in
// it, and each requirement (`active` and `installed`) holds in both directions; one on software that nobody uses holds, as
// in model/state.hpp. Which steps lead there, and what is safe on the way, is the planner's question.
// Newest: components are compared one after the other in the given order, the first one weighs most; of each the highest
// version. The search is complete.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::choose {

// The component's version shall be in the range.
struct Pin {
  model::Index component = model::none;
  version::Range range;
  std::string name;  // as an explanation shall cite it: "pin app=^2.0.0"
};

// The component's version shall not be in the range.
struct Hold {
  model::Index component = model::none;
  std::optional<version::Range> range = {};  // absent: what is there now shall stay
  std::string name;                          // "hold radio by QA until 2026-12-01: battery drain"
};

struct Wish {
  const model::Catalogue* catalogue = nullptr;  // borrowed
  model::Board board;
  // Per component: what is there now; `none`: the device does not have it. Of software anything else than `none` says that
  // it is there.
  std::vector<model::Index> now;
  std::vector<model::Index> order = {};  // components, the weightiest first; the others follow in the catalogue's order
  std::vector<Pin> pins = {};
  std::vector<Hold> holds = {};
  // Versions that may not be chosen; `reason` is the whole sentence. Bare ones need none: only what is there may stay.
  std::vector<model::Ban> bans = {};
  // Whether there is passing evidence for a version; absent: untested ones count, too. What is there now may stay.
  std::function<bool(model::Index component, model::Index version)> tested = {};
  // Components of which what is there now is preferred to anything newer.
  std::vector<model::Index> stay = {};
  // What is known to be out of reach: sets that have all of these versions are passed over, and no cause of anything.
  std::vector<std::vector<model::Target>> passed_over = {};
  std::uint64_t nodes = 1'000'000;  // of the search, all questions of a derivation together
};

struct Choice {
  enum class Verdict { found, none, gave_up };
  Verdict verdict = Verdict::none;
  std::vector<model::Index> versions;  // found: per component; `none` for what is not there
  // none: what leaves no set, a sentence each: manifest lines, pins and holds by their names. Any of them taken away,
  // the others leave one. Empty: some component has no version at all, or
  // something is passed over.
  std::vector<std::string> causes;
};

// Errors: invalid, a size or index that does not fit the catalogue.
Outcome<Choice> choose(const Wish& wish);

// "app 2.0.0 requires radio >=3.0.0 (two.xml:19)", the last line saying what they do together; and the same numbered.
std::vector<std::string> derivation_lines(const Choice& choice);
std::vector<std::string> derivation(const Choice& choice);

}  // namespace lockstep::choose
