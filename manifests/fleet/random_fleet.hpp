// Fleets drawn at random for tests: few devices with the software of a random instance (manifests/oracle).
#pragma once

#include <memory>
#include <string>

#include "manifests/fleet/fleet.hpp"
#include "manifests/oracle/instance.hpp"
#include "manifests/oracle/mutate.hpp"
#include "manifests/oracle/world.hpp"

namespace lockstep::fleet::sample {

using model::Index;

struct Case {
  oracle::Instance instance;
  Fleet fleet;
};

inline Device device_of(const oracle::Instance& instance, std::string name, const model::State& state) {
  Device d{.names = {std::move(name)}, .board = instance.board, .state = state, .goal = instance.goal, .bans = instance.bans, .uses = {}};
  for (std::size_t i = 0; i < d.state.parts.size(); ++i) {
    if (model::on_device(instance.catalogue.components[i].kind)) continue;
    d.state.parts[i] = {};
    d.goal.versions[i] = model::none;
  }
  return d;
}

// One to three devices with the software of the instance, each with what it may and shall have; some sleep.
inline std::unique_ptr<Case> draw(std::uint64_t seed, const oracle::Shape& shape, int most_devices, bool may_sleep) {
  auto out = std::make_unique<Case>(Case{.instance = oracle::draw(seed, shape), .fleet = {}});
  oracle::Random random(seed * 31 + 7);
  const oracle::Instance& in = out->instance;
  Fleet& fleet = out->fleet;
  fleet.catalogue = &in.catalogue;
  const std::size_t size = in.catalogue.components.size();
  fleet.goal.versions.assign(size, model::none);
  for (std::size_t i = 0; i < size; ++i) {
    fleet.alive.push_back(in.start.parts[i].alive);
    if (!model::on_device(in.catalogue.components[i].kind)) fleet.goal.versions[i] = in.goal.versions[i];
  }
  for (const model::Target& t : in.stuck) fleet.adoption.push_back({t, 10, static_cast<std::uint64_t>(random.between(1, 5))});
  fleet.percent = random.chance(0.5) ? 100u : 70u;
  const oracle::World world(in.catalogue, in.board);
  fleet.devices.push_back(device_of(in, "first", in.start));
  for (int n = 1; n < most_devices; ++n) {
    for (int tries = 0; tries < 50; ++tries) {
      model::State state = oracle::any_state(random, in.catalogue);
      for (std::size_t i = 0; i < size; ++i) {
        if (!model::on_device(in.catalogue.components[i].kind)) state.parts[i] = in.start.parts[i];
        // As validate() wants it.
        else if (in.catalogue.components[i].kind == model::Kind::ab_trial && !state.parts[i].trial) state.parts[i].fallback = model::none;
      }
      const auto moment = world.read(state);
      if (!moment || (!world.survives(*moment) && !random.chance(0.02))) continue;
      fleet.devices.push_back(device_of(in, "other-" + std::to_string(n), state));
      fleet.devices.back().count = static_cast<std::uint64_t>(random.between(1, 5));
      break;
    }
  }
  for (Device& d : fleet.devices) {
    if (random.chance(0.2)) d.bans.clear();
    if (random.chance(0.1)) std::fill(d.goal.versions.begin(), d.goal.versions.end(), model::none);
    d.offline = may_sleep && random.chance(0.25);
    for (std::size_t i = 0; i < size && d.offline; ++i) {
      if (!fleet.alive[i].empty() && random.chance(0.3)) d.uses.push_back({static_cast<Index>(i), fleet.alive[i].front()});
    }
  }
  return out;
}

}  // namespace lockstep::fleet::sample
