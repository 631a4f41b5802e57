// Whether what is drawn means anything: an instance without one of its features is another problem.
#include "manifests/oracle/instance.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

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

bool lacks(const Instance& instance, model::Index i) { return instance.start.parts[at(i)].active == model::none; }
// What is required of components that the device does not have.
void without_needs_on_absent(Instance& instance, bool device, When when) {
  each(instance, device, [&](model::Record& r) {
    std::erase_if(r.needs, [&](const model::Need& need) { return need.when == when && lacks(instance, need.component); });
  });
}
void without_active_on_absent(Instance& instance) { without_needs_on_absent(instance, true, When::active); }
void without_installed_on_absent(Instance& instance) { without_needs_on_absent(instance, true, When::installed); }
void without_flash_on_absent(Instance& instance) { without_needs_on_absent(instance, true, When::during_flash); }
void without_software_on_absent(Instance& instance) {
  for (const When when : {When::active, When::installed, When::during_flash}) without_needs_on_absent(instance, false, when);
}
void without_absent_via(Instance& instance) {
  for (model::Component& c : instance.catalogue.components) {
    if (c.via != model::none && lacks(instance, c.via)) c.via = model::none;
  }
}
void without_word_of_absent(Instance& instance) {
  without_active_on_absent(instance);
  without_installed_on_absent(instance);
  without_flash_on_absent(instance);
  without_software_on_absent(instance);
  without_absent_via(instance);
}
void without_absent_goals(Instance& instance) {
  for (model::Index i = 0; i < std::ssize(instance.start.parts); ++i) {
    if (lacks(instance, i)) instance.goal.versions[at(i)] = model::none;
  }
}
// The device has them, at their oldest.
void without_absent(Instance& instance) {
  for (model::Index i = 0; i < std::ssize(instance.start.parts); ++i) {
    if (!lacks(instance, i)) continue;
    const release::Data& data = instance.catalogue.record(i, 0).data;
    instance.start.parts[at(i)] = {.active = 0, .epoch = data.reads_highest == 0xffff'ffff ? 0 : data.reads_lowest, .alive = {}};
  }
}

constexpr int all = 600;

struct Feature {
  std::string_view name;
  void (*strip)(Instance&);
  int least;  // of so many of `all` the answer is another one without it; about half of what there was when this was written
};

constexpr Feature of_lacking[] = {
    {"all that is said of what the device lacks", without_word_of_absent, 60},
    {"active", without_active_on_absent, 10},
    {"installed", without_installed_on_absent, 6},
    {"during flash", without_flash_on_absent, 8},
    {"of software", without_software_on_absent, 5},
    {"via", without_absent_via, 13},
    {"goals", without_absent_goals, 8},
    {"that it lacks it", without_absent, 75},
};

constexpr Feature of_hard[] = {
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
    {"what the device lacks", without_word_of_absent, 5},
};

// Each feature decides as often as it shall, of instances of this shape.
void check_features(const Shape& shape, std::span<const Feature> features) {
  const int instances = affordable(all);
  std::vector<int> decisive(features.size()), possible(features.size());
  int solved = 0;
  for (int n = 0; n < instances; ++n) {
    const Instance instance = draw(static_cast<std::uint64_t>(n) + 1, shape);
    const auto least = solve(instance.problem());
    solved += least.has_value();
    for (std::size_t f = 0; f < features.size(); ++f) {
      Instance stripped = instance;
      features[f].strip(stripped);
      const auto other = solve(stripped.problem());
      const bool turned = least.has_value() != other.has_value();
      possible[f] += turned;
      decisive[f] += turned || (least && least->cost != other->cost);
    }
  }
  std::string counts;
  for (std::size_t f = 0; f < features.size(); ++f) {
    counts += fmt::format("; {} {} ({})", features[f].name, decisive[f], possible[f]);
    CAPTURE(features[f].name);
    if (instances == all) CHECK(decisive[f] >= features[f].least);  // of a part one would count chance
  }
  MESSAGE(instances << " instances, " << solved << " with a plan" << counts);
}

}  // namespace

TEST_CASE("in hard instances no feature is there in vain: without it the answer is another one") {
  check_features(hard(), of_hard);
}

TEST_CASE("what a device lacks decides, whoever wants it and whenever") {
  check_features(lacking(), of_lacking);
}

}  // namespace lockstep::oracle
