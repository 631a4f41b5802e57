// A plan that may be walked: the checker has proved it, here and now, against the catalogue that it is about.
#pragma once

#include <memory>

#include "host/base/error.hpp"
#include "manifests/model/state.hpp"

namespace lockstep::walk {

class CertifiedPlan {
 public:
  // refused: manifests/check found a moment that is not good; the text says which and why. There is no other way in.
  static Outcome<CertifiedPlan> make(std::shared_ptr<const model::Catalogue> catalogue, model::Plan plan);

  const model::Catalogue& catalogue() const { return *catalogue_; }
  const std::shared_ptr<const model::Catalogue>& shared_catalogue() const { return catalogue_; }
  const std::vector<model::Step>& steps() const { return plan_.steps; }
  // What step `n` (from 0) must find, and what it must leave.
  const model::State& before(std::size_t n) const { return n == 0 ? plan_.start : plan_.after[n - 1]; }
  const model::State& after(std::size_t n) const { return plan_.after[n]; }
  const model::State& end() const { return before(steps().size()); }

 private:
  CertifiedPlan(std::shared_ptr<const model::Catalogue> catalogue, model::Plan plan)
      : catalogue_(std::move(catalogue)), plan_(std::move(plan)) {}

  std::shared_ptr<const model::Catalogue> catalogue_;
  model::Plan plan_;
};

}  // namespace lockstep::walk
