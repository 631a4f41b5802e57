// Random fleets: every schedule is played with a reading of the model that shares nothing with the scheduler and the
// checker (manifests/oracle), whether there is one is compared with a search of the product of all devices, and spoilt
// schedules are held against the checker.
#include <fmt/format.h>

#include <deque>
#include <set>

#include "manifests/fleet/sample.hpp"
#include "manifests/fleet/walk.hpp"
#include "manifests/oracle/compare.hpp"
#include "manifests/oracle/mutate.hpp"
#include "manifests/oracle/world.hpp"

namespace lockstep::fleet {
namespace {

using model::Act;
using model::Index;
using oracle::Moment;
using oracle::Row;
using oracle::World;

struct Case {
  oracle::Instance instance;
  Fleet fleet;
};

Device device_of(const oracle::Instance& instance, std::string name, const model::State& state) {
  Device d{.names = {std::move(name)}, .board = instance.board, .state = state, .goal = instance.goal, .bans = instance.bans, .uses = {}};
  for (std::size_t i = 0; i < d.state.parts.size(); ++i) {
    if (model::on_device(instance.catalogue.components[i].kind)) continue;
    d.state.parts[i] = {};
    d.goal.versions[i] = model::none;
  }
  return d;
}

// One to three devices with the software of the instance, each with what it may and shall have; some sleep.
std::unique_ptr<Case> draw(std::uint64_t seed, const oracle::Shape& shape, int most_devices, bool may_sleep) {
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
  const World world(in.catalogue, in.board);
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

bool is_banned(const Device& d, const model::Step& step) {
  const bool brings = step.act != Act::confirm && step.act != Act::finalise && step.act != Act::retire;
  for (const model::Target& t : step.targets) {
    for (const model::Ban& ban : d.bans) {
      if (brings && ban.component == t.component && ban.version == t.version) return true;
    }
  }
  return false;
}

// More people stay on it than may.
bool stay_too_many(const Fleet& fleet, const model::Target& t) {
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
    for (const Device& d : c_.fleet.devices) {
      now_.push_back(*world_.read(beside(c_.instance.catalogue, d.state, c_.fleet.alive)));
      if (exempt(now_.size() - 1)) continue;
      if (!world_.survives(now_.back())) return false;
    }
    for (const Stage& s : schedule_.stages) {
      ++stage_;
      if (!play(s)) return false;
    }
    for (std::size_t d = 0; d < now_.size(); ++d) {
      if (!has_its_due(d)) return false;
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

// Whether all devices and the software get to their goals: every state of the product is looked at.
class Product {
 public:
  Product(const Case& c) : c_(c), world_(c.instance.catalogue, c.instance.board) {}

  // Nothing when that would be too many.
  std::optional<bool> possible() {
    std::vector<Moment> start;
    for (const Device& d : c_.fleet.devices) {
      start.push_back(*world_.read(beside(c_.instance.catalogue, d.state, c_.fleet.alive)));
      if (!world_.survives(start.back())) return false;
    }
    meet(std::move(start));
    while (!open_.empty()) {
      if (seen_.size() > 3'000) return std::nullopt;
      const std::vector<Moment> now = std::move(open_.front());
      open_.pop_front();
      bool there = true;
      for (std::size_t d = 0; d < now.size(); ++d) there = there && world_.reached(now[d], goal_of(d));
      if (there) return true;
      for (std::size_t d = 0; d < now.size(); ++d) {
        for (const model::Step& step : world_.steps(now[d])) {
          const bool software = !model::on_device(world_.kind(step.targets[0].component));
          if (forbidden(step, software ? std::nullopt : std::optional(d)) || (software && d != 0) || (!software && c_.fleet.devices[d].offline)) continue;
          std::vector<Moment> next = now;
          bool good = true;
          for (std::size_t e = 0; e < now.size() && good; ++e) {
            if (!software && e != d) continue;
            const Row row = world_.moments(now[e], step);
            good = !row.empty() && world_.survives(row, step);
            if (good) next[e] = row.back();
          }
          if (good) meet(std::move(next));
        }
      }
    }
    return false;
  }

 private:
  model::Goal goal_of(std::size_t d) const {
    model::Goal out = c_.fleet.devices[d].goal;
    for (std::size_t i = 0; i < out.versions.size(); ++i) {
      if (!model::on_device(c_.instance.catalogue.components[i].kind)) out.versions[i] = c_.fleet.goal.versions[i];
    }
    return out;
  }
  // A step of one device, or of software, which every device has beside it.
  bool forbidden(const model::Step& step, std::optional<std::size_t> device) const {
    for (std::size_t d = 0; d < c_.fleet.devices.size(); ++d) {
      if ((!device || device == d) && is_banned(c_.fleet.devices[d], step)) return true;
    }
    return step.act == Act::retire && stay_too_many(c_.fleet, step.targets[0]);
  }
  void meet(std::vector<Moment> state) {
    std::string key;
    for (const Moment& m : state) {
      for (const auto& p : m) key += fmt::format("{},{},{},{},{},{},{};", p.active, p.fallback, p.staged, p.trial, p.counter, p.epoch, p.alive);
    }
    if (seen_.insert(std::move(key)).second) open_.push_back(std::move(state));
  }

  const Case& c_;
  World world_;
  std::set<std::string> seen_;
  std::deque<std::vector<Moment>> open_;
};

oracle::Shape small(double app, double service) {
  return {.fewest_components = 2, .most_components = 3, .most_versions = 4, .most_states = 400, .app = app, .service = service};
}

Answer solve(const Case& c, const Options& options) {
  const auto relations = plan::Relations::make(c.instance.catalogue);
  REQUIRE(relations);
  auto answer = make_schedule(*relations, c.fleet, options);
  REQUIRE_MESSAGE(answer, answer.error().what);
  return *std::move(answer);
}

TEST_CASE("the law holds at every moment of every schedule, and the checker agrees") {
  int staged = 0, waited = 0, stranded = 0, asleep = 0;
  for (int n = 1; n <= oracle::affordable(800); ++n) {
    const auto c = draw(static_cast<std::uint64_t>(n), small(0.45, 0.15), 1 + n % 3, true);
    CAPTURE(oracle::text(c->instance));
    const Answer answer = solve(*c, {.finalise = n % 2 == 0, .may_strand = n % 5 == 0 ? 100u : 0u});
    CHECK(Play(*c, answer.schedule).lawful());
    const auto good = check_fleet(c->fleet, answer.schedule);
    REQUIRE_MESSAGE(good, (good ? "" : good.error().why));
    staged += answer.schedule.stages.empty() ? 0 : 1;
    for (const Stage& s : answer.schedule.stages) waited += s.kind == Kind::wait ? 1 : 0;
    for (const Left& l : answer.schedule.left) {
      CHECK(!l.why.empty());
      stranded += l.how == Left::How::stranded || l.how == Left::How::unserved ? 1 : 0;
      asleep += l.how == Left::How::asleep ? 1 : 0;
    }
  }
  MESSAGE(staged << " with stages, " << waited << " waits, " << stranded << " left behind, " << asleep << " asleep");
  CHECK(staged > 0);
  CHECK(waited > 0);
}

TEST_CASE("everybody gets there exactly when a search of every state of all devices says so") {
  int compared = 0, possible = 0;
  for (int n = 1; n <= oracle::affordable(150); ++n) {
    const auto c = draw(static_cast<std::uint64_t>(50'000 + n), small(0.5, 0.1), 2, false);
    const auto truth = Product(*c).possible();
    if (!truth) continue;
    ++compared;
    possible += *truth ? 1 : 0;
    CAPTURE(oracle::text(c->instance));
    CAPTURE(oracle::text(c->instance.catalogue, c->fleet.devices.back().state));
    const Answer answer = solve(*c, {});
    CHECK(answer.sure);
    std::string left;
    for (const Left& l : answer.schedule.left) {
      const bool may = l.how == Left::How::unserved && !l.device;  // those few that may be passed over
      if (!may) left += std::string(text(l.how)) + ' ' + l.why + '\n';
    }
    for (const Unmet& u : answer.schedule.unmet) left += u.why + '\n';
    CAPTURE(left);
    CHECK(left.empty() == *truth);
  }
  MESSAGE(compared << " compared, " << possible << " possible");
}

// The schedule with one place spoilt; its plans take the software of the new moments, so that only what happens can
// give it away.
Schedule spoilt(oracle::Random& random, const Case& c, Schedule s) {
  const auto any = [&] { return static_cast<std::size_t>(random.below(s.stages.size())); };
  const std::size_t a = any(), b = any();
  if (!s.left.empty() && random.chance(0.3)) {
    Left& one = s.left[static_cast<std::size_t>(random.below(s.left.size()))];
    switch (random.below(3)) {
      case 0: ++one.count; break;
      case 1: one.how = one.how == Left::How::asleep ? Left::How::unserved : Left::How::asleep; break;
      default: s.left.erase(s.left.begin() + (&one - s.left.data()));
    }
    return s;
  }
  switch (random.below(5)) {
    case 0: std::swap(s.stages[a], s.stages[b]); break;
    case 1: s.stages.erase(s.stages.begin() + static_cast<std::ptrdiff_t>(a)); break;
    case 2:
      std::erase_if(s.stages, [&](const Stage& stage) { return stage.kind == Kind::wait; });
      break;
    case 3: {
      Stage moved = s.stages[a];
      s.stages.erase(s.stages.begin() + static_cast<std::ptrdiff_t>(a));
      s.stages.insert(s.stages.begin() + random.below(s.stages.size() + 1), std::move(moved));
      break;
    }
    default:
      if (!s.stages[a].moves.empty()) s.stages[a].moves.pop_back();
      else s.stages[a].version.version = random.below(c.instance.catalogue.components[plan::at(s.stages[a].version.component)].versions.size());
  }
  for (Left& l : s.left) {
    if (random.chance(0.1)) ++l.stage;
  }
  set_software(c.fleet, s.stages);
  return s;
}

TEST_CASE("the checker refuses every spoilt schedule that breaks the law when it is played") {
  int spoilt_ones = 0, unlawful = 0, accepted = 0;
  oracle::Random random(11);
  for (int n = 1; n <= oracle::affordable(400); ++n) {
    const auto c = draw(static_cast<std::uint64_t>(200'000 + n), small(0.5, 0.15), 1 + n % 3, n % 3 == 0);
    const Answer answer = solve(*c, {.may_strand = 100});
    if (answer.schedule.stages.empty()) continue;
    for (int m = 0; m < 12; ++m) {
      const Schedule s = spoilt(random, *c, answer.schedule);
      const bool lawful = Play(*c, s).lawful();
      const bool taken = static_cast<bool>(check_fleet(c->fleet, s));
      CAPTURE(oracle::text(c->instance));
      CHECK(!(taken && !lawful));
      ++spoilt_ones, unlawful += lawful ? 0 : 1, accepted += taken ? 1 : 0;
    }
  }
  MESSAGE(spoilt_ones << " spoilt, " << unlawful << " unlawful, " << accepted << " accepted");
  CHECK(unlawful > 0);
  CHECK(accepted > 0);
}

}  // namespace
}  // namespace lockstep::fleet
