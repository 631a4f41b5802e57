#include "manifests/explain/bridge.hpp"

#include <algorithm>
#include <set>

#include "manifests/explain/candidates.hpp"
#include "manifests/explain/promise.hpp"

namespace lockstep::explain {
namespace {

using namespace model;

// Made exact, which is the expensive part, are no more than this many per bridge that is wanted.
constexpr std::size_t spare = 3;

bool better(const Bridge& a, const Bridge& b) {
  if (a.frees.size() != b.frees.size()) return a.frees.size() > b.frees.size();
  const auto key = [](const Bridge& x) { return std::tuple(x.width(), x.component, x.before); };
  return std::pair(key(a), a.version) < std::pair(key(b), b.version);
}

class Search {
 public:
  Search(std::span<const Problem> problems, const Effort& effort) : problems_(problems), effort_(effort) {}

  Outcome<std::vector<Bridge>> run(std::size_t most) {
    LOCKSTEP_CHECK(look_for_causes());
    std::vector<Bridge> out;
    for (const Index i : concerned_) {
      for (const Bridge& candidate : candidates(problems_[0], i)) {
        LOCKSTEP_TRY(bridge, promising(problems_, stuck_, candidate, effort_));
        if (!bridge.frees.empty()) out.push_back(std::move(bridge));
      }
    }
    std::sort(out.begin(), out.end(), better);
    out.resize(std::min(out.size(), most * spare));
    for (Bridge& bridge : out) LOCKSTEP_CHECK(narrow(problems_, bridge, effort_));
    std::sort(out.begin(), out.end(), better);
    out.resize(std::min(out.size(), most));
    return out;
  }

 private:
  // A component that is not in a set of causes cannot break it with a new version.
  Outcome<> look_for_causes() {
    for (std::size_t n = 0; n < problems_.size(); ++n) {
      LOCKSTEP_TRY(why, why_impossible(problems_[n], effort_));
      if (why.how != Impossible::How::impossible) continue;
      stuck_.push_back(n);
      for (const Cause& cause : why.causes) {
        const Constraint& c = cause.constraint;
        concerned_.insert(c.component);
        const Catalogue& catalogue = *problems_[n].catalogue;
        if (c.what == What::need) concerned_.insert(catalogue.record(c.component, c.version).needs[c.number].component);
        if (c.what == What::via) concerned_.insert(catalogue.components[static_cast<std::size_t>(c.component)].via);
      }
    }
    return {};
  }

  std::span<const Problem> problems_;
  Effort effort_;
  std::vector<std::size_t> stuck_;
  std::set<Index> concerned_;
};

std::string versions(const Catalogue& catalogue, const Promise& p) {
  const std::string lowest = catalogue.record(p.component, p.lowest).version.text();
  return p.lowest == p.highest ? lowest : lowest + " to " + catalogue.record(p.component, p.highest).version.text();
}

}  // namespace

std::size_t Bridge::width() const {
  std::size_t out = from ? from->width() : 0;
  for (const Promise& p : works_with) out += p.width();
  return out + (reads_data ? highest_epoch - lowest_epoch + 1 : 0);
}

Outcome<std::vector<Bridge>> bridges(std::span<const Problem> problems, std::size_t most, const Effort& effort) {
  if (problems.empty()) return std::vector<Bridge>();
  for (const Problem& p : problems) {
    if (p.catalogue != problems[0].catalogue) return fail(ErrorKind::invalid, "the devices are not on one catalogue");
  }
  return Search(problems, effort).run(most);
}

std::string text(const Catalogue& catalogue, std::size_t of_problems, const Bridge& bridge) {
  const std::string name = catalogue.components[static_cast<std::size_t>(bridge.component)].label();
  Lines words;
  for (const Promise& p : bridge.works_with) {
    words.push_back(catalogue.components[static_cast<std::size_t>(p.component)].label() + ' ' + versions(catalogue, p));
  }
  Lines clauses;
  if (!words.empty()) clauses.push_back("works with " + listed(words));
  if (bridge.from) clauses.push_back("comes directly from " + versions(catalogue, *bridge.from));
  if (bridge.reads_data) {
    clauses.push_back(fmt::format("reads stored data of the epochs {} to {}", bridge.lowest_epoch, bridge.highest_epoch));
  }
  return fmt::format("a new {} {} that {} would free {} of {} devices", name, bridge.version.text(),
                     clauses.empty() ? "asks for nothing" : listed(clauses), bridge.frees.size(), of_problems);
}

}  // namespace lockstep::explain
