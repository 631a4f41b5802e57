#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "manifests/release/lint_rules.hpp"

namespace lockstep::release {
namespace {

// Whether two requirements of one version on one component come to hold at the same moment, whatever happens.
bool meet(When a, When b, bool in_place) {
  if (a == b) return true;  // the schema does not let it pass; a release made by hand may have it
  // What is active is installed. What was just written to a slot is installed, while nothing else changed.
  if (a == When::installed || b == When::installed) return true;
  return in_place;  // active and during-flash: what is written in place runs next, while nothing else changed
}

void check_pairs(const Part& part, bool in_place, std::vector<Finding>& findings) {
  for (auto later = part.needs.begin(); later != part.needs.end(); ++later) {
    for (auto earlier = part.needs.begin(); earlier != later; ++earlier) {
      if (earlier->component != later->component || !meet(earlier->when, later->when, in_place)) continue;
      if (earlier->range.empty() || later->range.empty() || earlier->range.intersects(later->range)) continue;
      add_error(findings, later->line,
                fmt::format("{} requires {} {} ({}) and {} ({}, line {}) at the same time: no version is in both",
                            part.name, later->component, later->range.text(), text(later->when), earlier->range.text(),
                            text(earlier->when), earlier->line));
    }
  }
}

// Looks for one version of everything, firmware first, so that a failure cites a choice and not a given.
class Combination {
 public:
  explicit Combination(const std::vector<Part>& all) {
    for (const bool software : {false, true}) {
      for (const Part& part : all) {
        if (part.software != software) continue;
        const auto [place, is_new] = slots_.try_emplace(part.label, options_.size());
        if (is_new) options_.emplace_back();
        options_[place->second].push_back(&part);
      }
    }
  }

  enum class Answer { found, none, gave_up };
  Answer search(std::size_t depth = 0) {
    if (depth == options_.size()) return Answer::found;
    for (const Part* option : options_[depth]) {
      if (++tries_ > 20000) return Answer::gave_up;
      chosen_.push_back(option);
      const Answer answer = fits() ? search(depth + 1) : Answer::none;
      if (answer != Answer::none) return answer;
      chosen_.pop_back();
    }
    return Answer::none;
  }

  // After `none`: the requirement that stopped the search when it was deepest, and whose it is.
  const Part* stopped() const { return stopped_; }
  const Requirement* stopper() const { return stopper_; }

 private:
  // Whether the last choice goes with those before, in both directions.
  bool fits() {
    const Part* last = chosen_.back();
    for (const Part* other : chosen_) {
      if (!accepts(*last, *other) || !accepts(*other, *last)) return false;
    }
    return true;
  }

  bool accepts(const Part& part, const Part& other) {
    for (const Requirement& need : part.needs) {
      if (need.when == When::during_flash || need.component != other.component || need.range.contains(other.version)) continue;
      if (chosen_.size() > deepest_) {
        deepest_ = chosen_.size();
        stopped_ = &part;
        stopper_ = &need;
      }
      return false;
    }
    return true;
  }

  std::map<std::string, std::size_t> slots_;
  std::vector<std::vector<const Part*>> options_;
  std::vector<const Part*> chosen_;
  std::size_t deepest_ = 0;
  const Part* stopped_ = nullptr;
  const Requirement* stopper_ = nullptr;
  int tries_ = 0;
};

}  // namespace

void lint_times(const Release& release, std::vector<Finding>& findings) {
  for (const Part& part : parts(release)) {
    if (part.software) {
      for (const Requirement& need : part.needs) {
        if (need.when == When::active) continue;
        add_error(findings, need.line, fmt::format("{} is software: what it requires is required while it is used, so "
                                                   "when can only be active, not {}", part.name, text(need.when)));
      }
    }
    const Component* said = release.component(part.component);
    check_pairs(part, said != nullptr && said->kind == Kind::single, findings);
  }
}

void lint_together(const Release& release, std::vector<Finding>& findings) {
  const std::vector<Part> all = parts(release);
  Combination combination(all);
  if (combination.search() != Combination::Answer::none) return;
  const Requirement& need = *combination.stopper();
  add_error(findings, need.line,
            fmt::format("no versions of this release can all be together: whatever is combined, a requirement fails, at "
                        "last this one of {} on {} {}", combination.stopped()->name, need.component, need.range.text()));
}

}  // namespace lockstep::release
