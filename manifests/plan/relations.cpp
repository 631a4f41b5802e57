#include "manifests/plan/relations.hpp"

#include <map>
#include <string>
#include <utility>

#include "manifests/plan/validate.hpp"

namespace lockstep::plan {
namespace {

using model::When;

// The same range stands in many releases.
class Ranges {
 public:
  explicit Ranges(const model::Catalogue& catalogue) : catalogue_(catalogue) {}

  const Views& versions(std::size_t component, const version::Range& range) {
    const auto [found, fresh] = known_.try_emplace({component, range.text()});
    if (fresh) {
      const auto& all = catalogue_.components[component].versions;
      for (std::size_t v = 0; v < all.size(); ++v) found->second[v] = range.contains(all[v].version);
    }
    return found->second;
  }

 private:
  const model::Catalogue& catalogue_;
  std::map<std::pair<std::size_t, std::string>, Views> known_;
};

}  // namespace

Outcome<Relations> Relations::make(const model::Catalogue& catalogue) {
  LOCKSTEP_CHECK(validate(catalogue));
  return Relations(catalogue);
}

Relations::Relations(const model::Catalogue& catalogue) : catalogue_(&catalogue) {
  Ranges ranges(catalogue);
  for (const model::Component& c : catalogue.components) {
    first_.push_back(from_.size());
    from_.resize(from_.size() + c.versions.size(), Views().set());
  }
  picky_.resize(from_.size(), false);
  asks_.resize(from_.size() * size() * 3, Views().set());
  for (std::size_t i = 0; i < size(); ++i) {
    const model::Component& c = catalogue.components[i];
    for (std::size_t v = 0; v < c.versions.size(); ++v) {
      const model::Record& record = c.versions[v];
      if (record.from) from_[first_[i] + v] = ranges.versions(i, record.from->range);
      const auto row = [&](std::size_t j, When when) -> Views& {
        return asks_[((first_[i] + v) * size() + j) * 3 + static_cast<std::size_t>(when)];
      };
      if (c.via != model::none) {
        row(at(c.via), When::during_flash).reset(view(model::torn)).reset(view(model::none));
      }
      for (const model::Need& need : record.needs) {
        Views good = ranges.versions(at(need.component), need.range);
        // A torn component is asked nothing, but nothing can be written through it or with its help.
        if (need.when != When::during_flash) good.set(view(model::torn));
        row(at(need.component), need.when) &= good;
        if (need.when == When::during_flash) picky_[first_[i] + v] = true;
      }
    }
  }
}

}  // namespace lockstep::plan
