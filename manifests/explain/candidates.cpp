#include "manifests/explain/candidates.hpp"

#include <algorithm>

namespace lockstep::explain {
namespace {

using namespace model;

class Numbers {
 public:
  Numbers(const Problem& problem, Index component)
      : problem_(problem), component_(component), mine_(problem.catalogue->components[static_cast<std::size_t>(component)]) {
    for (const Component& c : problem.catalogue->components) {
      for (const Record& r : c.versions) {
        for (const Need& need : r.needs) {
          if (need.component == component) ranges_.push_back(&need.range);
        }
      }
    }
    for (const Record& r : mine_.versions) {
      if (r.from) ranges_.push_back(&r.from->range);
    }
  }

  std::vector<Bridge> run() {
    for (Index before = 1; before <= std::ssize(mine_.versions); ++before) between(before);
    return std::move(out_);
  }

 private:
  void between(Index before) {
    const version::Version& older = mine_.versions[static_cast<std::size_t>(before - 1)].version;
    version::Version minor{.major = older.major, .minor = older.minor + 1};
    version::Version patch{.major = older.major, .minor = older.minor, .patch = older.patch + 1};
    offer(before, minor);
    offer(before, patch);
    // Where others begin to take it.
    for (const version::Range* range : ranges_) {
      if (const auto lowest = range->lowest()) offer(before, *lowest);
    }
  }

  void offer(Index before, const version::Version& number) {
    const bool newest = before == std::ssize(mine_.versions);
    const bool fits = mine_.versions[static_cast<std::size_t>(before - 1)].version < number &&
                      (newest || number < mine_.versions[static_cast<std::size_t>(before)].version);
    if (!fits || !number.prerelease.empty()) return;
    std::vector<bool> in;
    for (const version::Range* range : ranges_) in.push_back(range->contains(number));
    const std::uint32_t counter = std::max(mine_.versions[static_cast<std::size_t>(before - 1)].security_counter,
                                           problem_.start.parts[static_cast<std::size_t>(component_)].counter);
    std::vector<Bridge> kept;
    std::vector<std::vector<bool>> kept_in;
    const auto stands_in = [&](std::size_t n) { return out_[n].security_counter == counter && within(in, in_[n]); };
    for (std::size_t n = 0; n < out_.size(); ++n) {
      if (stands_in(n)) return;
    }
    for (std::size_t n = 0; n < out_.size(); ++n) {
      if (out_[n].security_counter == counter && within(in_[n], in)) continue;
      kept.push_back(std::move(out_[n]));
      kept_in.push_back(std::move(in_[n]));
    }
    kept.push_back({.component = component_, .before = before, .version = number, .works_with = {}, .from = {},
                    .security_counter = counter, .boards = {}, .frees = {}});
    kept_in.push_back(std::move(in));
    out_ = std::move(kept);
    in_ = std::move(kept_in);
  }

  static bool within(const std::vector<bool>& a, const std::vector<bool>& b) {
    for (std::size_t n = 0; n < a.size(); ++n) {
      if (a[n] && !b[n]) return false;
    }
    return true;
  }

  const Problem& problem_;
  Index component_;
  const Component& mine_;
  std::vector<const version::Range*> ranges_;
  std::vector<Bridge> out_;
  std::vector<std::vector<bool>> in_;  // of each: which ranges it is in
};

}  // namespace

std::vector<Bridge> candidates(const Problem& problem, Index component) {
  if (problem.catalogue->components[static_cast<std::size_t>(component)].versions.empty()) return {};
  return Numbers(problem, component).run();
}

}  // namespace lockstep::explain
