#include "manifests/fleet/check_fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "manifests/check/check.hpp"

namespace lockstep::fleet {
namespace {

using namespace model;
using How = Left::How;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

class Walk {
 public:
  Walk(const Fleet& fleet, const Schedule& schedule)
      : fleet_(fleet), catalogue_(*fleet.catalogue), schedule_(schedule), alive_(fleet.alive) {}

  Result<void, Failure> run() {
    if (const std::string wrong = shape(); !wrong.empty()) return no(wrong);
    for (const Device& d : fleet_.devices) now_.push_back(d.state);
    if (const std::string bad = bad_moment(); !bad.empty()) return no(bad);
    for (const Stage& stage : schedule_.stages) {
      ++number_;
      if (const std::string bad = take(stage); !bad.empty()) return no(bad);
    }
    if (const std::string bad = end(); !bad.empty()) return no(bad);
    return {};
  }

 private:
  Fail<Failure> no(std::string why) const { return Fail(Failure{number_, std::move(why)}); }

  // Sizes and indices, before anything is used.
  std::string shape() const {
    const std::size_t size = catalogue_.components.size();
    if (alive_.size() != size || fleet_.goal.versions.size() != size) return "the fleet does not fit the catalogue";
    for (const Device& d : fleet_.devices) {
      if (d.state.parts.size() != size || d.goal.versions.size() != size) return "a device does not fit the catalogue";
    }
    for (const Left& l : schedule_.left) {
      if (l.device && *l.device >= fleet_.devices.size()) return "somebody is named who is not there";
      if (l.device && l.how != How::unserved && l.count != fleet_.devices[*l.device].count) return "somebody is counted wrongly";
      if (l.how != How::unserved && !l.device) return "somebody is counted and not named";
      if (l.how == How::unserved && !is_software(l.version)) return "people are named with a version that is none";
    }
    return {};
  }
  bool is_software(const Target& t) const {
    return t.component >= 0 && t.component < std::ssize(catalogue_.components) &&
           !on_device(catalogue_.components[at(t.component)].kind) && t.version >= 0 &&
           t.version < std::ssize(catalogue_.components[at(t.component)].versions);
  }

  bool named(std::size_t device, How how) const {
    return std::any_of(schedule_.left.begin(), schedule_.left.end(), [&](const Left& l) {
      return l.device == device && l.how == how && (how != How::stranded || l.stage <= number_);
    });
  }
  bool is_unserved(std::optional<std::size_t> device, const Target& version) const {
    return std::any_of(schedule_.left.begin(), schedule_.left.end(), [&](const Left& l) {
      return l.how == How::unserved && l.device == device && l.version == version;
    });
  }
  // Whether the law is asked for at this stage.
  bool counts(std::size_t device) const { return !named(device, How::broken) && !named(device, How::stranded); }

  std::string bad_moment() const {
    for (std::size_t d = 0; d < now_.size(); ++d) {
      if (!counts(d)) continue;
      const Device& device = fleet_.devices[d];
      const auto found = check::check_state(catalogue_, device.board, beside(catalogue_, now_[d], alive_));
      if (!found.empty()) return fmt::format("{}: {}", names(device), check::text(catalogue_, device.board, found[0]));
    }
    return {};
  }

  std::string take(const Stage& stage) {
    switch (stage.kind) {
      case Kind::expand: return expand(stage);
      case Kind::wait: return wait(stage);
      case Kind::contract: return contract(stage);
      case Kind::migrate:
      case Kind::finalise: return move(stage);
    }
    return "the stage is of no kind";
  }

  std::string expand(const Stage& stage) {
    if (!is_software(stage.version) || !stage.moves.empty()) return "what is published is no software";
    std::vector<Index>& alive = alive_[at(stage.version.component)];
    const bool in_use = std::count(alive.begin(), alive.end(), stage.version.version) != 0;
    const bool service = catalogue_.components[at(stage.version.component)].kind == model::Kind::service;
    // A service may be rolled from several versions, of which its target may be one.
    if (in_use && (!service || alive.size() == 1)) return "it is in use already";
    for (const Device& d : fleet_.devices) {
      for (const Ban& ban : d.bans) {
        if (ban.component == stage.version.component && ban.version == stage.version.version && counts(place(d)))
          return fmt::format("{}: {}", names(d), ban.reason);
      }
    }
    if (!in_use) alive.insert(std::lower_bound(alive.begin(), alive.end(), stage.version.version), stage.version.version);
    left_.erase({stage.version.component, stage.version.version});
    if (const std::string bad = bad_moment(); !bad.empty() || !service) return bad;
    alive = {stage.version.version};
    return bad_moment();
  }
  std::size_t place(const Device& d) const { return static_cast<std::size_t>(&d - fleet_.devices.data()); }

  std::string wait(const Stage& stage) {
    if (!in_use(stage.version) || !stage.moves.empty()) return "nobody uses what is waited for";
    left_.insert({stage.version.component, stage.version.version});
    return {};
  }
  bool in_use(const Target& t) const {
    if (!is_software(t) || catalogue_.components[at(t.component)].kind != model::Kind::app) return false;
    return std::count(alive_[at(t.component)].begin(), alive_[at(t.component)].end(), t.version) != 0;
  }

  std::string contract(const Stage& stage) {
    const Target t = stage.version;
    if (!in_use(t) || !stage.moves.empty()) return "nobody uses what is ended";
    if (!left_.contains({t.component, t.version})) return "it is ended before its users left it";
    if (alive_[at(t.component)].size() == 1) return "the last version would be ended";
    for (std::size_t d = 0; d < fleet_.devices.size(); ++d) {
      const Device& device = fleet_.devices[d];
      const bool uses = device.offline && std::count(device.uses.begin(), device.uses.end(), t) != 0;
      if (uses && !is_unserved(d, t)) return names(device) + " are asleep with the version that is ended, and not named";
    }
    for (const Adoption& a : fleet_.adoption) {
      if (a.version == t && a.stay > may_remain(fleet_, t.component) && !is_unserved(std::nullopt, t))
        return "more people stay on it than may, and they are not named";
    }
    std::erase(alive_[at(t.component)], t.version);
    return bad_moment();
  }

  std::string move(const Stage& stage) {
    std::set<std::size_t> moved;
    for (const Move& m : stage.moves) {
      if (m.device >= fleet_.devices.size()) return "a device that is not there moves";
      const Device& device = fleet_.devices[m.device];
      const auto fail = [&](std::string_view why) { return fmt::format("{}: {}", names(device), why); };
      if (!moved.insert(m.device).second) return fail("it moves twice at once");
      if (device.offline || named(m.device, How::blocked) || named(m.device, How::broken)) return fail("it cannot move");
      for (const Step& step : m.plan.steps) {
        if (step.act == Act::publish || step.act == Act::retire || step.act == Act::roll) return fail("software is no device's to move");
      }
      if (const std::string bad = bad_plan(m.device, m.plan); !bad.empty()) return fail(bad);
      if (!m.plan.after.empty()) now_[m.device] = beside(catalogue_, m.plan.after.back(), std::vector<std::vector<Index>>(alive_.size()));
    }
    return {};
  }

  // Of a plan that starts now.
  std::string bad_plan(std::size_t d, const model::Plan& plan) const {
    const Device& device = fleet_.devices[d];
    if (plan.board.board != device.board.board || plan.board.revision != device.board.revision) return "that is another board";
    if (plan.start != beside(catalogue_, now_[d], alive_)) return "the plan starts elsewhere";
    for (const Step& step : plan.steps) {
      const bool brings = step.act != Act::confirm && step.act != Act::finalise && step.act != Act::retire;
      for (const Target& t : step.targets) {
        for (const Ban& ban : device.bans) {
          if (brings && ban.component == t.component && ban.version == t.version) return ban.reason;
        }
      }
    }
    if (const auto good = check::check(catalogue_, plan); !good) return check::text(catalogue_, plan, good.error());
    return {};
  }

  // Nothing, or what of its goal a device with this state lacks.
  std::string lacking(const Device& device, const State& state) const {
    for (std::size_t i = 0; i < state.parts.size(); ++i) {
      const Index wanted = device.goal.versions[i];
      if (wanted == none || !on_device(catalogue_.components[i].kind)) continue;
      const Part& p = state.parts[i];
      if (p.active != wanted || p.trial) return catalogue_.name(static_cast<Index>(i), wanted);
    }
    return {};
  }

  // What is wrong with the promise that a sleeper gets there when it wakes.
  std::string bad_promise(const Left& left) const {
    const Device& device = fleet_.devices[*left.device];
    if (const std::string bad = bad_plan(*left.device, left.later); !bad.empty()) return bad;
    for (const Step& step : left.later.steps) {
      for (const Adoption& a : fleet_.adoption) {
        const bool ended = step.act == Act::retire && std::count(step.targets.begin(), step.targets.end(), a.version) != 0;
        if (ended && a.stay > may_remain(fleet_, a.version.component)) return "more people stay on what is ended than may";
      }
    }
    const std::string lack = lacking(device, left.later.after.empty() ? left.later.start : left.later.after.back());
    return lack.empty() ? lack : "it does not get " + lack;
  }

  std::string end() const {
    for (const Left& left : schedule_.left) {
      if (left.how != How::asleep) continue;
      if (const std::string bad = bad_promise(left); !bad.empty()) return fmt::format("{}, when awake: {}", names(fleet_.devices[*left.device]), bad);
    }
    for (std::size_t d = 0; d < now_.size(); ++d) {
      const Device& device = fleet_.devices[d];
      const bool stays = named(d, How::blocked) || named(d, How::broken) || named(d, How::stranded);
      if (device.offline && !stays && !named(d, How::asleep)) return names(device) + " are asleep, and not named";
      if (!device.offline && named(d, How::asleep)) return names(device) + " are not asleep";
      if (stays || device.offline) continue;
      if (const std::string lack = lacking(device, now_[d]); !lack.empty())
        return fmt::format("{} does not get {}, and is not named", names(device), lack);
    }
    for (std::size_t i = 0; i < alive_.size(); ++i) {
      const Target wanted{static_cast<Index>(i), fleet_.goal.versions[i]};
      if (wanted.version == none || on_device(catalogue_.components[i].kind) || alive_[i] == std::vector{wanted.version}) continue;
      const bool said = std::any_of(schedule_.unmet.begin(), schedule_.unmet.end(), [&](const Unmet& u) { return u.version == wanted; });
      if (!said) return catalogue_.name(wanted.component, wanted.version) + " is not the only version in use, and that is not said";
    }
    return {};
  }

  const Fleet& fleet_;
  const Catalogue& catalogue_;
  const Schedule& schedule_;
  std::vector<std::vector<Index>> alive_;
  std::vector<State> now_;  // of each device; what software is beside it is in alive_
  std::set<std::pair<Index, Index>> left_;  // versions that their users left
  std::size_t number_ = 0;
};

}  // namespace

std::uint64_t may_remain(const Fleet& fleet, model::Index component) {
  std::uint64_t paired = 0;
  for (const Adoption& a : fleet.adoption) paired += a.version.component == component ? a.devices : 0;
  return paired * (100 - std::min(fleet.percent, 100u)) / 100;
}

Result<void, Failure> check_fleet(const Fleet& fleet, const Schedule& schedule) { return Walk(fleet, schedule).run(); }

}  // namespace lockstep::fleet
