// Random fleets: every schedule is played with a reading of the model that shares nothing with the scheduler and the
// checker (manifests/oracle), whether there is one is compared with a search of the product of all devices, and spoilt
// schedules are held against the checker.
#include <fmt/format.h>

#include <deque>
#include <set>

#include "manifests/fleet/play.hpp"
#include "manifests/fleet/sample.hpp"
#include "manifests/fleet/walk.hpp"
#include "manifests/oracle/compare.hpp"
#include "manifests/oracle/search.hpp"

namespace lockstep::fleet {
namespace {

using model::Act;
using oracle::Moment;
using oracle::Row;
using oracle::World;
using sample::Case;
using sample::draw;
using sample::is_banned;
using sample::Play;
using sample::stay_too_many;

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

// By a search that shares nothing with the planner: whether the device, alone, gets there from the end of the schedule.
bool wakes_to_a_way(const Case& c, const Schedule& schedule, std::size_t d) {
  const Device& device = c.fleet.devices[d];
  Alive alive = c.fleet.alive;
  for (const Stage& stage : schedule.stages) {
    Alive meanwhile = alive, after = alive;
    change_software(c.instance.catalogue, stage, meanwhile, after);
    alive = std::move(after);
  }
  model::Problem problem{&c.instance.catalogue, device.board, beside(c.instance.catalogue, device.state, alive), device.goal, device.bans, {}};
  for (const Adoption& a : c.fleet.adoption) {
    const auto& in_use = alive[plan::at(a.version.component)];
    if (stay_too_many(c.fleet, a.version) && std::count(in_use.begin(), in_use.end(), a.version.version) != 0) problem.stuck.push_back(a.version);
  }
  return oracle::solve(problem).has_value();
}

TEST_CASE("the law holds at every moment of every schedule, and the checker agrees") {
  int staged = 0, waited = 0, useless = 0, stranded = 0, asleep = 0, no_way = 0;
  for (int n = 1; n <= oracle::affordable(800); ++n) {
    const auto c = draw(static_cast<std::uint64_t>(n), small(0.45, 0.15), 1 + n % 3, true);
    CAPTURE(oracle::text(c->instance));
    const Answer answer = solve(*c, {.finalise = n % 2 == 0, .may_strand = n % 5 == 0 ? 100u : 0u});
    CHECK(Play(*c, answer.schedule).lawful());
    const auto good = check_fleet(c->fleet, answer.schedule);
    REQUIRE_MESSAGE(good, (good ? "" : good.error().why));
    staged += answer.schedule.stages.empty() ? 0 : 1;
    for (const Stage& s : answer.schedule.stages) {
      if (s.kind != Kind::wait) continue;
      // A wait says that something would be unsafe without it exactly when something would be.
      CHECK_MESSAGE(Play(*c, answer.schedule).safe(s.version) == (s.why == "nothing needs it any more"), s.why);
      ++waited, useless += s.why == "nothing needs it any more" ? 1 : 0;
    }
    for (const Left& l : answer.schedule.left) {
      CHECK(!l.why.empty());
      stranded += l.how == Left::How::stranded || l.how == Left::How::unserved ? 1 : 0;
      asleep += l.how == Left::How::asleep ? 1 : 0;
      if (l.how != Left::How::blocked || !c->fleet.devices[*l.device].offline) continue;
      CHECK(!wakes_to_a_way(*c, answer.schedule, *l.device));
      ++no_way;
    }
  }
  MESSAGE(staged << " with stages, " << waited << " waits (" << useless << " only because the release wants it), " << stranded << " left behind, " << asleep << " asleep, "
                 << no_way << " to whom waking will not help");
  CHECK(staged > 0);
  CHECK(no_way > 0);
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
