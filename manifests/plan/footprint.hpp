// What a component shows to the others and asks of them during some time: the union of what it shows and the
// intersection of what it is content with, over all moments that progress, reverts and cuts can lead to.
//
// Requirements are pairwise and components revert independently of each other. So all moments of i may meet all moments
// of j exactly when what j shows is within what i asks, and the other way round (the box lemma): 2k(k-1) comparisons of
// bitsets instead of 2^k states.
#pragma once

#include <optional>
#include <vector>

#include "manifests/model/state.hpp"
#include "manifests/plan/relations.hpp"

namespace lockstep::plan {

struct Footprint {
  Views shows;
  std::vector<Views> asks;  // one per component of the catalogue
};

inline bool fit(const Footprint& a, std::size_t i, const Footprint& b, std::size_t j) {
  return within(b.shows, a.asks[j]) && within(a.shows, b.asks[i]);
}

// Where `part` goes by itself when its bootloader gives up on the active version; nothing when that cannot happen.
inline std::optional<model::Part> reverted(model::Kind kind, const model::Part& part) {
  if (part.fallback < 0) return std::nullopt;
  if (kind != model::Kind::ab_late && !(kind == model::Kind::ab_trial && part.trial)) return std::nullopt;
  model::Part back = part;
  back.active = part.fallback;
  back.fallback = back.staged = model::none;
  back.trial = false;
  return back;
}

// Collects the footprint of component i.
class Trace {
 public:
  Trace(const Relations& relations, std::size_t i)
      : relations_(relations), i_(i), print_{{}, std::vector<Views>(relations.size(), Views().set())} {}

  // The component is so for a while, and may revert.
  Trace& rest(const model::Part& part) {
    const model::Kind kind = relations_.catalogue().components[i_].kind;
    if (!model::on_device(kind)) return software(part.alive);
    moment(part);
    if (const auto back = reverted(kind, part)) {
      moment(*back);
      write(part.active);  // it must be possible to try again
    }
    return *this;
  }
  // v is being written, or must be possible to write.
  Trace& write(Index v) { return ask(model::When::during_flash, v); }
  Trace& torn() {
    print_.shows.set(view(model::torn));
    return *this;
  }

  Footprint print() { return std::move(print_); }

 private:
  Trace& software(const std::vector<Index>& alive) {
    for (const Index v : alive) {
      print_.shows.set(view(v));
      ask(model::When::active, v);
      ask(model::When::installed, v);
    }
    return *this;
  }
  void moment(const model::Part& part) {
    print_.shows.set(view(part.active));
    ask(model::When::active, part.active);
    for (const Index v : {part.active, part.fallback, part.staged}) ask(model::When::installed, v);
  }
  Trace& ask(model::When when, Index v) {
    if (v < 0) return *this;
    for (std::size_t j = 0; j < relations_.size(); ++j) print_.asks[j] &= relations_.asks(when, i_, at(v), j);
    return *this;
  }

  const Relations& relations_;
  std::size_t i_;
  Footprint print_;
};

}  // namespace lockstep::plan
