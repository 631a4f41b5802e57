// Whether what is drawn means anything: an instance without one of its features is another problem.
#include "manifests/oracle/instance.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>

#include "manifests/oracle/compare.hpp"

namespace lockstep::oracle {
namespace {

using model::Kind;
using model::When;
using model::on_device;

std::size_t at(model::Index i) { return static_cast<std::size_t>(i); }

// Each record of the components on the device, or of software.
template <class Change>
void each(Instance& instance, bool device, Change change) {
  for (model::Component& c : instance.catalogue.components) {
    for (model::Record& r : c.versions) {
      if (on_device(c.kind) == device) change(r);
    }
  }
}

void without_counters(Instance& instance) {
  each(instance, true, [](model::Record& r) { r.security_counter = 0; });
  for (model::Part& p : instance.start.parts) p.counter = 0;
}
void without_via(Instance& instance) {
  for (model::Component& c : instance.catalogue.components) c.via = model::none;
}
// As if all the components on the way had to be there, not only the one that this is written through.
void with_long_ways(Instance& instance) {
  const std::vector<model::Component> old = instance.catalogue.components;
  for (model::Component& c : instance.catalogue.components) {
    for (model::Index i = c.via == model::none ? c.via : old[at(c.via)].via; i != model::none; i = old[at(i)].via) {
      std::string any;
      for (const model::Record& r : old[at(i)].versions) any += (any.empty() ? "" : " || ") + r.version.text();
      for (model::Record& r : c.versions) {
        r.needs.push_back({.component = i, .range = *version::Range::parse(any), .when = When::during_flash, .at = r.at});
      }
    }
  }
}
void without_from(Instance& instance) {
  each(instance, true, [](model::Record& r) { r.from.reset(); });
}
void without_installed(Instance& instance) {
  each(instance, true, [](model::Record& r) {
    for (model::Need& need : r.needs) need.when = need.when == When::installed ? When::active : need.when;
  });
}
void without_during_flash(Instance& instance) {
  each(instance, true, [](model::Record& r) {
    std::erase_if(r.needs, [](const model::Need& need) { return need.when == When::during_flash; });
  });
}
void without_software_when(Instance& instance) {
  each(instance, false, [](model::Record& r) {
    for (model::Need& need : r.needs) need.when = When::active;
  });
}
void without_crowds(Instance& instance) {
  for (model::Part& p : instance.start.parts) {
    if (p.alive.size() > 2) p.alive.resize(2);
  }
}
void without_epochs(Instance& instance) {
  each(instance, true, [](model::Record& r) { r.data = {}; });
  for (model::Part& p : instance.start.parts) p.epoch = 0;
}
void without_boot_moves(Instance& instance) {
  each(instance, true, [](model::Record& r) { r.data.at_boot = false; });
}
void without_boards(Instance& instance) {
  each(instance, true, [&](model::Record& r) {
    r.hardware = {{.board = instance.board.board, .revisions = *version::Range::parse("*"), .line = r.at.line}};
  });
}
void without_late(Instance& instance) {
  for (model::Component& c : instance.catalogue.components) c.kind = c.kind == Kind::ab_late ? Kind::ab_trial : c.kind;
}
void without_single(Instance& instance) {
  for (std::size_t i = 0; i < instance.start.parts.size(); ++i) {
    model::Component& c = instance.catalogue.components[i];
    if (c.kind == Kind::single && instance.start.parts[i].active != model::torn) c.kind = Kind::ab_trial;
  }
}
void without_bans(Instance& instance) { instance.bans.clear(); }
void without_stuck(Instance& instance) { instance.stuck.clear(); }

constexpr int all = 600;

struct Feature {
  std::string_view name;
  void (*strip)(Instance&);
  int least;  // of so many of `all` the answer is another one without it; about half of what there was when this was written
};

constexpr Feature features[] = {
    {"counters", without_counters, 40},
    {"via", without_via, 30},
    {"a way is one step long", with_long_ways, 3},
    {"from", without_from, 60},
    {"installed", without_installed, 8},
    {"during flash", without_during_flash, 14},
    {"needs of software at other times", without_software_when, 9},
    {"more than two versions alive", without_crowds, 6},
    {"epochs", without_epochs, 40},
    {"moves at boot", without_boot_moves, 18},
    {"boards", without_boards, 5},
    {"late", without_late, 25},
    {"single", without_single, 2},
    {"bans", without_bans, 15},
    {"stuck", without_stuck, 18},
};

}  // namespace

TEST_CASE("in hard instances no feature is there in vain: without it the answer is another one") {
  const int instances = affordable(all);
  int decisive[std::size(features)] = {}, possible[std::size(features)] = {}, solved = 0;
  for (int n = 0; n < instances; ++n) {
    const Instance instance = draw(static_cast<std::uint64_t>(n) + 1, hard());
    const auto least = solve(instance.problem());
    solved += least.has_value();
    for (std::size_t f = 0; f < std::size(features); ++f) {
      Instance stripped = instance;
      features[f].strip(stripped);
      const auto other = solve(stripped.problem());
      const bool turned = least.has_value() != other.has_value();
      possible[f] += turned;
      decisive[f] += turned || (least && least->cost != other->cost);
    }
  }
  std::string counts;
  for (std::size_t f = 0; f < std::size(features); ++f) {
    counts += fmt::format("; {} {} ({})", features[f].name, decisive[f], possible[f]);
    CAPTURE(features[f].name);
    if (instances == all) CHECK(decisive[f] >= features[f].least);  // of a part one would count chance
  }
  MESSAGE(instances << " instances, " << solved << " with a plan" << counts);
}

}  // namespace lockstep::oracle
