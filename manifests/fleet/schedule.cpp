#include "manifests/fleet/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "manifests/check/check.hpp"
#include "manifests/fleet/alone.hpp"
#include "manifests/fleet/attempts.hpp"
#include "manifests/fleet/check_fleet.hpp"
#include "manifests/fleet/stages.hpp"
#include "manifests/fleet/walk.hpp"
#include "manifests/model/smallest_conflict.hpp"

namespace lockstep::fleet {
namespace {

using How = Left::How;
using model::Index;
using model::joined;
using model::none;
using model::Target;
using plan::at;
using plan::Verdict;

// Up to so many states of all devices together all versions are looked at; beyond, those that the devices' own plans use.
constexpr std::uint64_t few_states = 20'000;

class Maker {
 public:
  Maker(const plan::Relations& relations, const Fleet& fleet, const Options& options)
      : relations_(relations), fleet_(fleet), catalogue_(*fleet.catalogue), options_(options) {}

  Outcome<Answer> run() {
    LOCKSTEP_CHECK(sort_devices());
    attempts_.emplace(relations_, fleet_, options_.limits, versions_to_look_at());
    sort_software();
    std::stable_sort(wishes_.begin(), wishes_.end(), [](const Item& a, const Item& b) { return a.count > b.count; });
    std::stable_sort(keeps_.begin(), keeps_.end(), [](const Item& a, const Item& b) { return a.count > b.count; });
    Way way = attempts_->ask(joined(wishes_, keeps_));
    // A search that is too large for all of them says nothing about fewer, and asking for each would take for ever.
    const bool too_large = way.verdict == Verdict::gave_up;
    Items chosen = wishes_;
    if (way.verdict != Verdict::found) {
      chosen = too_large ? Items() : attempts_->most_of(wishes_, keeps_);
      way = attempts_->ask(joined(chosen, keeps_));
    }
    // Standing still is always possible; when even that was cut short, nothing is known.
    if (way.verdict != Verdict::found) answer_.sure = false;
    Items included = joined(chosen, keeps_);
    const bool all = chosen.size() == wishes_.size();
    if (!all && !too_large) consider_leaving(way, included);
    LOCKSTEP_CHECK(write(way, included));
    if (!all) name_blocked(included, too_large);
    answer_.sure = answer_.sure && attempts_->sure();
    return std::move(answer_);
  }

 private:
  const Device& device(std::size_t d) const { return fleet_.devices[d]; }
  Schedule& out() { return answer_.schedule; }

  bool is_there(const Device& d) const {
    for (std::size_t i = 0; i < d.goal.versions.size(); ++i) {
      const Index wanted = d.goal.versions[i];
      if (wanted != none && (d.state.parts[i].active != wanted || d.state.parts[i].trial)) return false;
    }
    return true;
  }

  // Who can go at all, and who only has to be kept safe.
  Outcome<> sort_devices() {
    for (const auto& alive : fleet_.alive) used_.push_back(views(alive));
    for (std::size_t d = 0; d < fleet_.devices.size(); ++d) {
      const Device& each = device(d);
      use(each);
      for (const Target& t : each.uses) {
        if (each.offline && is_app(t)) keeps_.push_back({.what = Item::What::stays, .device = d, .version = t, .count = each.count});
      }
      const auto found = check::check_state(catalogue_, each.board, beside(catalogue_, each.state, fleet_.alive));
      if (!found.empty()) {
        leave({.how = How::broken, .device = d, .count = each.count, .why = "already now: " + check::text(catalogue_, each.board, found[0])});
        continue;
      }
      if (each.offline) {
        keeps_.push_back({.what = Item::What::stands, .device = d, .count = each.count});
        continue;
      }
      LOCKSTEP_CHECK(plan_alone(d));
    }
    return {};
  }
  bool is_app(const Target& t) const { return catalogue_.components[at(t.component)].kind == model::Kind::app; }

  Outcome<> plan_alone(std::size_t d) {
    const Device& each = device(d);
    const model::Problem problem = alone(fleet_, each, fleet_.alive);
    LOCKSTEP_TRY(answer, plan::make_plan(relations_, problem, {.limits = options_.limits}));
    for (const model::Step& s : answer.plan.steps) {
      for (const Target& t : s.targets) used_[at(t.component)].set(plan::view(t.version));
    }
    if (answer.verdict == Verdict::found) {
      wishes_.push_back({.what = Item::What::goes, .device = d, .count = each.count});
      return {};
    }
    keeps_.push_back({.what = Item::What::stands, .device = d, .count = each.count});
    LOCKSTEP_TRY(why, why_no_way(problem, answer.verdict));
    leave({.how = How::blocked, .device = d, .count = each.count, .why = std::move(why)});
    return {};
  }

  static plan::Views views(const std::vector<Index>& versions) {
    plan::Views out;
    for (const Index v : versions) out.set(plan::view(v));
    return out;
  }
  void use(const Device& d) {
    for (std::size_t i = 0; i < d.state.parts.size(); ++i) {
      const model::Part& p = d.state.parts[i];
      for (const Index v : {p.active, p.fallback, p.staged, d.goal.versions[i]}) {
        if (v >= 0) used_[i].set(plan::view(v));
      }
    }
  }

  // All versions of small products; of large ones those that somebody's own plan uses.
  Kept versions_to_look_at() const {
    Kept out{used_};
    std::uint64_t states = 1;
    for (const model::Component& c : catalogue_.components) {
      const std::uint64_t n = std::max<std::size_t>(c.versions.size(), 1);
      if (model::on_device(c.kind)) states *= c.kind == model::Kind::ab_late ? n * n : n;
      out.all = out.all && states * std::max<std::size_t>(fleet_.devices.size(), 1) <= few_states && (model::on_device(c.kind) || n <= 8);
    }
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (fleet_.goal.versions[i] != none) out.views[i].set(plan::view(fleet_.goal.versions[i]));
      if (out.all) out.views[i].set();
    }
    return out;
  }

  void sort_software() {
    for (std::size_t i = 0; i < catalogue_.components.size(); ++i) {
      const Index wanted = fleet_.goal.versions[i];
      if (wanted == none || model::on_device(catalogue_.components[i].kind)) continue;
      wishes_.push_back({.what = Item::What::comes, .has_device = false, .version = {static_cast<Index>(i), wanted}});
    }
    for (const Adoption& a : fleet_.adoption) {
      if (a.stay > may_remain(fleet_, a.version.component) && is_app(a.version))
        keeps_.push_back({.what = Item::What::stays, .has_device = false, .version = a.version, .count = a.stay});
    }
  }

  // What everybody's going would take: who of those that sleep or stay would be left behind.
  void consider_leaving(Way& way, Items& included) {
    if (!attempts_->possible(wishes_)) return;
    const Items kept = attempts_->most_of(keeps_, wishes_);
    Way other = attempts_->ask(joined(wishes_, kept));
    if (other.verdict != Verdict::found) return;
    const std::vector<Stage> stages = stages_of(other, joined(wishes_, kept));
    const std::vector<Left> price = left_behind(stages, missing(keeps_, kept));
    std::uint64_t count = 0;
    for (const Left& l : price) count += l.count;
    if (count <= options_.may_strand) {
      way = std::move(other);
      included = joined(wishes_, kept);
    } else {
      answer_.price = price;
    }
  }

  // Those of `given_up` to whom these stages do harm, with the first.
  std::vector<Left> left_behind(const std::vector<Stage>& stages, const Items& given_up) const {
    std::vector<Left> out;
    for (const Item& item : given_up) {
      const bool stands = item.what == Item::What::stands;
      Left left{.how = stands ? How::stranded : How::unserved, .version = item.version, .count = item.count};
      if (item.has_device) left.device = item.device;
      if (stands) {
        const auto bad = first_harm(stages, item.device);
        if (!bad) continue;
        left.stage = bad->stage, left.why = bad->why;
      } else {
        left.stage = contract_of(stages, item.version);
        if (left.stage == 0) continue;
        left.why = fmt::format("{} is ended, and {}", name(item.version), item.has_device ? "they were last seen with it" : "they will stay on it");
      }
      out.push_back(std::move(left));
    }
    return out;
  }
  // The stage that makes the device unsafe, or brings software that may not be beside it.
  std::optional<Bad> first_harm(const std::vector<Stage>& stages, std::size_t d) const {
    auto bad = first_bad(fleet_, only_software(stages), {.stand = {d}, .stays = {}});
    for (std::size_t n = stages.size(); n > 0; --n) {
      if (stages[n - 1].kind != Kind::expand || (bad && bad->stage <= n)) continue;
      for (const model::Ban& ban : device(d).bans) {
        if (Target{ban.component, ban.version} == stages[n - 1].version)
          bad = Bad{n, fmt::format("{}: {}: {}", names(device(d)), name(stages[n - 1].version), ban.reason)};
      }
    }
    return bad;
  }
  static std::vector<Stage> only_software(std::vector<Stage> stages) {
    for (Stage& s : stages) s.moves.clear();
    return stages;
  }
  static std::size_t contract_of(const std::vector<Stage>& stages, const Target& version) {
    for (std::size_t n = 0; n < stages.size(); ++n) {
      if (stages[n].kind == Kind::contract && stages[n].version == version) return n + 1;
    }
    return 0;
  }
  std::string name(const Target& t) const { return catalogue_.name(t.component, t.version); }

  std::vector<std::size_t> standing(const Items& items) const {
    std::vector<std::size_t> out;
    for (const Item& i : items) {
      if (i.what == Item::What::stands || i.what == Item::What::goes) out.push_back(i.device);
    }
    return out;
  }

  std::vector<Stage> stages_of(const Way& way, const Items& items) const {
    std::vector<Index> coming;
    for (const Item& i : items) {
      if (i.what == Item::What::comes) coming.push_back(i.version.component);
    }
    return make_stages(fleet_, way, {.stand = standing(items), .coming = coming, .finalise = options_.finalise});
  }

  void leave(Left left) { out().left.push_back(std::move(left)); }

  Outcome<> write(const Way& way, const Items& included) {
    if (way.verdict == Verdict::found) out().stages = stages_of(way, included);
    const std::vector<Left> behind = left_behind(out().stages, missing(keeps_, included));
    for (const Item& k : keeps_) {
      const bool stranded = std::any_of(behind.begin(), behind.end(), [&](const Left& l) { return l.how == How::stranded && l.device == k.device; });
      if (k.what != Item::What::stands || !device(k.device).offline || stranded) continue;
      LOCKSTEP_TRY(left, when_it_wakes(relations_, fleet_, out().stages, k.device, options_.limits));
      leave(std::move(left));
    }
    for (const Left& l : behind) leave(l);
    // Those few that the threshold lets go by.
    for (const Adoption& a : fleet_.adoption) {
      const std::size_t stage = contract_of(out().stages, a.version);
      if (stage == 0 || a.stay == 0 || a.stay > may_remain(fleet_, a.version.component)) continue;
      leave({.how = How::unserved, .version = a.version, .count = a.stay, .stage = stage,
             .why = fmt::format("{} is ended, and they will stay on it; they are within the {} % that may", name(a.version), 100 - fleet_.percent)});
    }
    return {};
  }

  // Wishes that are not in the schedule, each with a smallest set of what it does not go together with.
  void name_blocked(const Items& included, bool too_large) {
    for (const Item& wish : missing(wishes_, included)) {
      const std::string why = too_large ? std::string(not_known) : conflict_text(wish, included);
      if (wish.what == Item::What::comes) {
        out().unmet.push_back({wish.version, why});
      } else {
        leave({.how = How::blocked, .device = wish.device, .count = wish.count, .why = why});
      }
    }
  }

  std::string conflict_text(const Item& wish, const Items& included) {
    const bool alone = included.empty() || !attempts_->possible({wish});
    const Items others = alone ? Items() : conflict_of(wish, included);
    if (others.empty()) return answer_.sure && attempts_->sure() ? "no order of software leads there" : std::string(not_known);
    std::string out = "not together with ";
    for (const Item& o : others) out += (&o == others.data() ? "" : &o == &others.back() ? " and " : ", ") + item_text(o);
    // What would happen to one of them.
    for (const Item& o : others) {
      if (o.what != Item::What::stands) continue;
      const Items rest = joined({wish}, missing(others, {o}));
      const Way way = attempts_->ask(rest);
      if (way.verdict != Verdict::found) continue;
      const auto bad = first_harm(stages_of(way, rest), o.device);
      if (bad) return out + ": " + bad->why;
    }
    return out;
  }

  // What one of them does not go with, others do not go with either, most often; asking that first saves most of the questions.
  Items conflict_of(const Item& wish, const Items& included) {
    for (const Items& known : conflicts_) {
      if (!attempts_->possible(joined({wish}, known))) return attempts_->smallest_conflict({wish}, known);
    }
    conflicts_.push_back(attempts_->smallest_conflict({wish}, included));
    return conflicts_.back();
  }

  std::string item_text(const Item& i) const {
    switch (i.what) {
      case Item::What::goes: return names(device(i.device)) + " on their way";
      case Item::What::stands:
        return names(device(i.device)) + (device(i.device).offline ? " (asleep, as last seen)" : " (no way for them)");
      case Item::What::stays:
        if (!i.has_device) return fmt::format("{} people who stay on {}", i.count, name(i.version));
        return fmt::format("{} (asleep, last seen with {})", names(device(i.device)), name(i.version));
      case Item::What::comes: return "only " + name(i.version) + " in use";
    }
    return {};
  }

  const plan::Relations& relations_;
  const Fleet& fleet_;
  const model::Catalogue& catalogue_;
  const Options& options_;
  Answer answer_;
  Items wishes_, keeps_;
  std::vector<Items> conflicts_;       // that blocked ones were told
  std::vector<plan::Views> used_;  // versions that somebody has or passes on the way
  std::optional<Attempts> attempts_;
};

}  // namespace

Outcome<Answer> make_schedule(const plan::Relations& relations, const Fleet& fleet, const Options& options) {
  const std::size_t size = relations.size();
  const auto fits = [&](const Device& d) { return d.state.parts.size() == size && d.goal.versions.size() == size; };
  if (fleet.catalogue != &relations.catalogue() || fleet.alive.size() != size || fleet.goal.versions.size() != size ||
      !std::all_of(fleet.devices.begin(), fleet.devices.end(), fits)) {
    return fail(ErrorKind::invalid, "the fleet is not one of this catalogue");
  }
  return Maker(relations, fleet, options).run();
}

}  // namespace lockstep::fleet
