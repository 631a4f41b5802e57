#include "manifests/fleet/stages.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "manifests/check/check.hpp"
#include "manifests/fleet/walk.hpp"
#include "manifests/plan/write_out.hpp"

namespace lockstep::fleet {
namespace {

using model::Index;
using model::none;
using model::Target;
using plan::at;

class Maker {
 public:
  Maker(const Fleet& fleet, const Wanted& wanted) : fleet_(fleet), catalogue_(*fleet.catalogue), q_(wanted) {}

  std::vector<Stage> run(const Way& way) const {
    std::vector<Stage> stages;
    for (const Turn& turn : way.turns) {
      if (!turn.moves.empty()) stages.push_back({.kind = Kind::migrate, .version = {}, .moves = turn.moves, .why = {}});
      for (const model::Step& step : turn.software) {
        const Target t = step.targets[0];
        if (step.act == model::Act::retire) {
          stages.push_back({.kind = Kind::wait, .version = t, .moves = {}, .why = {}});
          stages.push_back({.kind = Kind::contract, .version = t, .moves = {}, .why = {}});
        } else {
          stages.push_back({.kind = Kind::expand, .version = t, .moves = {}, .why = {}});
        }
      }
    }
    set_software(fleet_, stages);
    if (q_.finalise) add_finalise(stages);
    touch_once(stages);
    end_late(stages);
    set_software(fleet_, stages);
    say_why(stages);
    return stages;
  }

 private:
  void add_finalise(std::vector<Stage>& stages) const {
    std::vector<model::State> now(fleet_.devices.size());
    std::vector<bool> moves(fleet_.devices.size(), false);
    for (const Stage& s : stages) {
      for (const Move& m : s.moves) now[m.device] = m.plan.after.back(), moves[m.device] = true;
    }
    Stage last{.kind = Kind::finalise, .version = {}, .moves = {}, .why = "after this there is no way back"};
    Alive alive = fleet_.alive;
    for (const Stage& s : stages) {
      Alive meanwhile = alive;
      change_software(catalogue_, s, meanwhile, alive);
    }
    for (std::size_t d = 0; d < now.size(); ++d) {
      if (!moves[d]) continue;
      // `start` as it was at first: what came with this update is what is one-way.
      model::Plan plan{.board = fleet_.devices[d].board, .start = beside(catalogue_, fleet_.devices[d].state, alive), .goal = fleet_.devices[d].goal};
      plan.steps.emplace_back();
      plan.after.push_back(beside(catalogue_, now[d], alive));
      plan::finalise_all(catalogue_, plan);
      plan.start = plan.after.front();
      plan.steps.erase(plan.steps.begin());
      plan.after.erase(plan.after.begin());
      plan.goal.versions.assign(catalogue_.components.size(), none);
      if (!plan.steps.empty() && check::check(catalogue_, plan)) last.moves.push_back({d, std::move(plan)});
    }
    if (!last.moves.empty()) stages.push_back(std::move(last));
  }

  // Joins each migration with the next one where the law allows, so that devices are sent to once and late.
  void touch_once(std::vector<Stage>& stages) const {
    for (std::size_t n = stages.size(); n-- > 0;) {
      if (stages[n].kind != Kind::migrate) continue;
      const auto next = std::find_if(stages.begin() + static_cast<std::ptrdiff_t>(n) + 1, stages.end(),
                                     [](const Stage& s) { return s.kind == Kind::migrate; });
      if (next == stages.end()) continue;
      std::vector<Stage> later = stages;
      Stage& into = later[static_cast<std::size_t>(next - stages.begin())];
      for (const Move& m : stages[n].moves) join(m, into.moves);
      later.erase(later.begin() + static_cast<std::ptrdiff_t>(n));
      if (!first_bad(fleet_, later, {.stand = q_.stand, .stays = {}})) stages = std::move(later);
    }
  }
  static void join(const Move& first, std::vector<Move>& moves) {
    const auto same = std::find_if(moves.begin(), moves.end(), [&](const Move& m) { return m.device == first.device; });
    if (same == moves.end()) return moves.push_back(first);
    model::Plan both = first.plan;
    both.steps.insert(both.steps.end(), same->plan.steps.begin(), same->plan.steps.end());
    both.after.insert(both.after.end(), same->plan.after.begin(), same->plan.after.end());
    same->plan = std::move(both);
  }

  // Moves each wait and the end of its version as far back as the law allows; drops it when it comes last and nobody
  // wanted it.
  void end_late(std::vector<Stage>& stages) const {
    for (std::size_t n = stages.size(); n-- > 0;) {
      if (stages[n].kind != Kind::wait) continue;
      for (std::size_t to = stages.size() - 2; to > n; --to) {
        std::vector<Stage> later = stages;
        std::rotate(later.begin() + static_cast<std::ptrdiff_t>(n), later.begin() + static_cast<std::ptrdiff_t>(n) + 2,
                    later.begin() + static_cast<std::ptrdiff_t>(to) + 2);
        if (!is_order(later) || first_bad(fleet_, later, {.stand = q_.stand, .stays = {}})) continue;
        stages = std::move(later);
        break;
      }
    }
    for (std::size_t n = stages.size(); n >= 2 && stages[n - 1].kind == Kind::contract; n -= 2) {
      const Target t = stages[n - 1].version;
      const bool wanted = std::find(q_.coming.begin(), q_.coming.end(), t.component) != q_.coming.end();
      if (!wanted) stages.erase(stages.begin() + static_cast<std::ptrdiff_t>(n) - 2, stages.begin() + static_cast<std::ptrdiff_t>(n));
    }
  }

  // Whether everything that comes is not there yet, everything that goes is, and the last version never goes.
  bool is_order(const std::vector<Stage>& stages) const {
    Alive alive = fleet_.alive;
    for (const Stage& s : stages) {
      if (s.kind != Kind::expand && s.kind != Kind::contract) continue;
      const Alive before = alive;
      Alive meanwhile = alive;
      change_software(catalogue_, s, meanwhile, alive);
      if (alive == before || alive[at(s.version.component)].empty()) return false;
    }
    return true;
  }

  // Each reason is the rule that is broken when the stage is not there, or its version stays in use for longer.
  void say_why(std::vector<Stage>& stages) const {
    for (std::size_t n = 0; n < stages.size(); ++n) {
      Stage& stage = stages[n];
      if (stage.kind == Kind::expand) {
        std::vector<Stage> without;
        for (std::size_t m = 0; m < stages.size(); ++m) {
          const bool follows = m > n && stages[m].version.component == stage.version.component && stages[m].kind != Kind::migrate;
          if (m != n && !follows) without.push_back(stages[m]);
        }
        const auto bad = first_bad(fleet_, without, {.stand = q_.stand, .stays = {}});
        stage.why = bad ? "without it " + bad->why : "it is the release's";
      }
      if (stage.kind == Kind::wait) {
        const auto bad = first_bad(fleet_, stages, {.stand = q_.stand, .stays = stage.version});
        stage.why = bad ? fmt::format("while it is in use, stage {} would not be safe for {}", bad->stage, bad->why)
                        : "nothing needs it any more";
      }
    }
  }

  const Fleet& fleet_;
  const model::Catalogue& catalogue_;
  const Wanted& q_;
};

}  // namespace

std::vector<Stage> make_stages(const Fleet& fleet, const Way& way, const Wanted& wanted) { return Maker(fleet, wanted).run(way); }

}  // namespace lockstep::fleet
