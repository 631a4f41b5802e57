// Plays schedules in tests by a reading of the model that shares nothing with the scheduler and the checker
// (manifests/oracle).
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "manifests/fleet/random_fleet.hpp"

namespace lockstep::fleet::sample {

using model::Act;
using oracle::Moment;
using oracle::Row;
using oracle::World;

inline bool is_banned(const Device& d, const model::Step& step) {
  const bool brings = step.act != Act::confirm && step.act != Act::finalise && step.act != Act::retire;
  for (const model::Target& t : step.targets) {
    for (const model::Ban& ban : d.bans) {
      if (brings && ban.component == t.component && ban.version == t.version) return true;
    }
  }
  return false;
}

// More people stay on it than may.
inline bool stay_too_many(const Fleet& fleet, const model::Target& t) {
  std::uint64_t paired = 0, stay = 0;
  for (const Adoption& a : fleet.adoption) {
    if (a.version.component == t.component) paired += a.devices;
    if (a.version == t) stay += a.stay;
  }
  return 100 * stay > paired * (100 - fleet.percent);
}

// Whether the law holds from the first moment to the last: nobody ends what is in use by saying so, only a wait does. And
// whether everybody is named who does not get there, or whose version is ended.
class Play {
 public:
  Play(const Case& c, const Schedule& schedule) : c_(c), schedule_(schedule), world_(c.instance.catalogue, c.instance.board) {}

  bool lawful() {
    if (!safe()) return false;
    for (std::size_t d = 0; d < now_.size(); ++d) {
      if (!has_its_due(d)) return false;
    }
    return true;
  }
  // The moments alone; `stays` is used for ever, whatever is waited for.
  bool safe(std::optional<model::Target> stays = {}) {
    for (const Device& d : c_.fleet.devices) {
      now_.push_back(*world_.read(beside(c_.instance.catalogue, d.state, c_.fleet.alive)));
      if (exempt(now_.size() - 1)) continue;
      if (!world_.survives(now_.back())) return false;
    }
    for (const Stage& s : schedule_.stages) {
      ++stage_;
      const bool never_comes = stays && (s.kind == Kind::wait || s.kind == Kind::contract) && s.version == *stays;
      if (!never_comes && !play(s)) return false;
    }
    return true;
  }

 private:
  bool named(std::optional<std::size_t> d, Left::How how, std::uint64_t count) const {
    return std::any_of(schedule_.left.begin(), schedule_.left.end(),
                       [&](const Left& l) { return l.device == d && l.how == how && (count == 0 || l.count == count); });
  }
  // It is where it shall be, or is named, and rightly.
  bool has_its_due(std::size_t d) {
    const Device& device = c_.fleet.devices[d];
    if (named(d, Left::How::asleep, device.count)) return device.offline && keeps_promise(d);
    for (const Left::How how : {Left::How::blocked, Left::How::broken, Left::How::stranded}) {
      if (named(d, how, device.count)) return true;
    }
    return !device.offline && world_.reached(now_[d], device.goal);
  }
  // A sleeper gets there by its plan, when it wakes after the last stage.
  bool keeps_promise(std::size_t d) {
    const Device& device = c_.fleet.devices[d];
    for (const Left& l : schedule_.left) {
      if (l.how != Left::How::asleep || l.device != d) continue;
      for (const model::Step& step : l.later.steps) {
        if (is_banned(device, step) || (step.act == Act::retire && stay_too_many(c_.fleet, step.targets[0])) || !one(d, step)) return false;
      }
    }
    return world_.reached(now_[d], device.goal);
  }
  // Those of whom it is known that they will not leave it.
  bool ends_rightly(const model::Target& t) const {
    const auto is_said = [&](std::optional<std::size_t> d) {
      return std::any_of(schedule_.left.begin(), schedule_.left.end(),
                         [&](const Left& l) { return l.how == Left::How::unserved && l.device == d && l.version == t; });
    };
    for (std::size_t d = 0; d < now_.size(); ++d) {
      const Device& device = c_.fleet.devices[d];
      if (device.offline && std::count(device.uses.begin(), device.uses.end(), t) != 0 && !is_said(d)) return false;
    }
    return !stay_too_many(c_.fleet, t) || is_said(std::nullopt);
  }
  bool exempt(std::size_t d) const {
    for (const Left& l : schedule_.left) {
      if (l.device == d && (l.how == Left::How::broken || (l.how == Left::How::stranded && l.stage <= stage_))) return true;
    }
    return false;
  }
  bool play(const Stage& s) {
    const bool service = s.version.component >= 0 && world_.kind(s.version.component) == model::Kind::service;
    switch (s.kind) {
      case Kind::expand: return all({service ? Act::roll : Act::publish, {s.version}});
      case Kind::wait: left_.insert({s.version.component, s.version.version}); return true;
      case Kind::contract:
        return left_.contains({s.version.component, s.version.version}) && ends_rightly(s.version) && all({Act::retire, {s.version}});
      case Kind::migrate:
      case Kind::finalise: break;
    }
    for (const Move& m : s.moves) {
      for (const model::Step& step : m.plan.steps) {
        if (!one(m.device, step)) return false;
      }
    }
    return true;
  }
  bool all(const model::Step& step) {
    for (std::size_t d = 0; d < now_.size(); ++d) {
      if (!one(d, step)) return false;
    }
    return true;
  }
  bool one(std::size_t d, const model::Step& step) {
    const Row row = world_.moments(now_[d], step);
    if (row.empty() || (!exempt(d) && !world_.survives(row, step))) return false;
    now_[d] = row.back();
    return true;
  }

  const Case& c_;
  const Schedule& schedule_;
  World world_;
  std::vector<Moment> now_;
  std::set<std::pair<Index, Index>> left_;
  std::size_t stage_ = 0;
};

}  // namespace lockstep::fleet::sample
