#include "manifests/plan/net.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "manifests/model/passage.hpp"
#include "manifests/plan/prune.hpp"

namespace lockstep::plan {
namespace {

using model::Kind;
using model::none;
using model::Part;

constexpr std::size_t most_nodes = 65'535;
constexpr std::size_t most_edges = 4'000'000;
constexpr std::size_t most_apart = 6;  // versions of an app that are retired one by one

auto key(const Part& p) { return std::tie(p.active, p.fallback, p.staged, p.trial, p.counter, p.epoch, p.alive); }
struct Before {
  bool operator()(const Part& a, const Part& b) const { return key(a) < key(b); }
};

class Builder {
 public:
  Builder(const Grounding& g, std::size_t i, const Views& kept, Net& net)
      : g_(g), i_(i), net_(net), component_(g.relations->catalogue().components[i]),
        goal_(g.problem->goal.versions[i]), finalises_(gains_by_finalising(g, i)) {
    for (std::size_t v = 0; v < component_.versions.size(); ++v) {
      fits_[v] = !model::on_device(component_.kind) || model::runs_on(component_.versions[v], g.problem->board);
      usable_[v] = kept[v] && usable(g, i, v);
    }
    for (const model::Target& t : g.problem->stuck) {
      if (at(t.component) == i) stuck_.push_back(t.version);
    }
  }

  Grounded run() {
    const Part& start = g_.problem->start.parts[i_];
    if (!good(start)) return Grounded::start_is_bad;
    // Without a clean start there is something staged already, and the plain way is not the only one.
    staged_at_start_ = start.staged != none;
    net_ = {};
    net_.component = i_;
    node(start);
    for (std::uint32_t n = 0; n < net_.nodes.size(); ++n) {
      expand(n, Part(net_.nodes[n]));
      if (net_.nodes.size() > most_nodes || net_.edges.size() > most_edges) return Grounded::too_large;
    }
    for (const Part& part : net_.nodes) net_.goal.push_back(is_goal(part));
    return prune(net_) ? Grounded::ok : Grounded::no_way;
  }

 private:
  const model::Record& record(Index v) const { return component_.versions[at(v)]; }

  // Local half of "safe", for this moment and where it can revert to.
  bool good(const Part& part) const {
    const auto back = reverted(component_.kind, part);
    return good_now(part) && (!back || good_now(*back));
  }
  bool good_now(const Part& part) const {
    if (!model::on_device(component_.kind) || part.active < 0) return true;
    const model::Record& a = record(part.active);
    return fits_[at(part.active)] && a.security_counter >= part.counter && a.data.reads(part.epoch);
  }

  std::uint32_t node(const Part& part) {
    const auto [found, fresh] = number_.try_emplace(part, static_cast<std::uint32_t>(net_.nodes.size()));
    if (fresh) {
      net_.nodes.push_back(part);
      net_.rest.push_back(rest(part));
    }
    return found->second;
  }

  // Counter and epoch are nobody else's business.
  std::uint32_t rest(Part part) {
    part.counter = part.epoch = 0;
    const auto [found, fresh] = rest_.try_emplace(part, static_cast<std::uint32_t>(net_.rests.size()));
    if (fresh) net_.rests.push_back(trace().rest(part).print());
    return found->second;
  }

  Trace trace() const { return Trace(*g_.relations, i_); }

  // The footprint of a move depends on the active version and the new one, not on counter and epoch.
  template <class Make>
  std::uint32_t print(Move move, Index a, Index v, Make make) {
    const auto [found, fresh] = print_.try_emplace({move, a, v}, static_cast<std::uint32_t>(net_.prints.size()));
    if (fresh) net_.prints.push_back(make());
    return found->second;
  }

  void edge(std::uint32_t from, const Part& to, std::uint32_t print, Move move, Index v, model::Cost cost,
            std::uint64_t steps) {
    if (!g_.count_bytes) cost.bytes = 0;
    const std::uint32_t target = node(to);
    net_.edges.push_back({from, target, print, move, v, weight(cost, steps)});
  }

  void expand(std::uint32_t n, const Part& part) {
    switch (component_.kind) {
      case Kind::ab_trial:
      case Kind::ab_late: return two_slots(n, part);
      case Kind::single: return one_slot(n, part);
      case Kind::app: return app(n, part);
      case Kind::service: return service(n, part);
    }
  }

  bool may_come(Index from, Index v) const { return g_.relations->from(i_, at(v))[at(from)]; }

  void two_slots(std::uint32_t n, const Part& part) {
    if (part.active < 0) return;
    if (part.trial) return confirm(n, part);
    if (finalises_ && part.staged == none) finalise(n, part);
    if (part.staged != none && usable_[at(part.staged)]) boot(n, part);
    const bool restage = component_.kind == Kind::ab_late || staged_at_start_;
    if (part.staged != none && !restage) return;
    for (Index v = 0; at(v) < component_.versions.size(); ++v) {
      if (!usable_[at(v)] || v == part.staged || (v != part.active && !may_come(part.active, v))) continue;
      if (record(v).security_counter < part.counter) continue;  // could never boot: only fills the slot
      if (component_.kind == Kind::ab_late || part.staged != none || g_.relations->asks_while_written(i_, at(v))) {
        stage(n, part, v);
      } else {
        replace(n, part, v);
      }
    }
  }

  // What moves the data when it boots must read what it finds.
  bool boots(const Part& part, Index v) const { return record(v).data.reads(part.epoch); }
  Part booted(const Part& part, Index v) const {
    Part to = part;
    to.fallback = part.active;
    to.active = v;
    to.staged = none;
    to.trial = true;
    const release::Data& data = record(v).data;
    if (data.at_boot && data.writes) to.epoch = *data.writes;
    return to;
  }
  Part confirmed(Part part) const {
    part.trial = false;
    if (component_.kind == Kind::ab_trial) part.fallback = none;
    return part;
  }
  static Part emptied(Part part) {
    part.fallback = part.staged = none;
    return part;
  }
  static Part with_staged(const Part& part, Index v) {
    Part out = emptied(part);
    out.staged = v;
    return out;
  }

  void stage(std::uint32_t n, const Part& part, Index v) {
    const std::uint32_t p = print(Move::stage, part.active, v, [&] {
      return trace().rest(emptied(part)).write(v).rest(with_staged(part, v)).print();
    });
    edge(n, with_staged(part, v), p, Move::stage, v, {.bytes = record(v).bytes}, 1);
  }

  void boot(std::uint32_t n, const Part& part) {
    const Part trial = booted(part, part.staged);
    if (!good(trial) || !boots(part, part.staged)) return;
    const std::uint32_t p = print(Move::boot, part.active, part.staged,
                                  [&] { return trace().rest(trial).rest(confirmed(trial)).print(); });
    edge(n, confirmed(trial), p, Move::boot, part.staged, {.reboots = component_.reboots}, 2);
  }

  void replace(std::uint32_t n, const Part& part, Index v) {
    const Part trial = booted(part, v);
    if (!good(trial) || !boots(part, v) || confirmed(trial) == part) return;
    const std::uint32_t p = print(Move::replace, part.active, v, [&] {
      return trace().rest(with_staged(part, v)).write(v).rest(trial).rest(confirmed(trial)).print();
    });
    edge(n, confirmed(trial), p, Move::replace, v, {.reboots = component_.reboots, .bytes = record(v).bytes}, 3);
  }

  void confirm(std::uint32_t n, const Part& part) {
    const Part to = confirmed(part);
    if (!good(to)) return;
    const std::uint32_t p = print(Move::confirm, part.active, none, [&] { return trace().rest(to).print(); });
    edge(n, to, p, Move::confirm, part.active, {}, 1);
  }

  void finalise(std::uint32_t n, const Part& part) {
    Part to = emptied(part);
    to.counter = std::max(part.counter, record(part.active).security_counter);
    if (!good(to)) return;
    to.epoch = record(part.active).data.writes.value_or(part.epoch);
    if (to == part || !good(to)) return;
    const std::uint32_t p = print(Move::finalise, part.active, none, [&] { return trace().rest(to).print(); });
    edge(n, to, p, Move::finalise, part.active, {.irreversible = 1}, 1);
  }

  void one_slot(std::uint32_t n, const Part& part) {
    if (part.active == none) return;
    if (finalises_ && part.active >= 0) finalise(n, part);
    for (Index v = 0; at(v) < component_.versions.size(); ++v) {
      if (!usable_[at(v)] || (part.active >= 0 && !may_come(part.active, v))) continue;
      Part to = booted(part, v);
      to.fallback = none;
      to.trial = false;
      if (!good(to) || !boots(part, v) || to == part) continue;
      const std::uint32_t p = print(Move::write, part.active, v, [&] {
        return trace().rest(part).torn().write(v).rest(to).print();
      });
      edge(n, to, p, Move::write, v, {.reboots = component_.reboots, .bytes = record(v).bytes}, 1);
    }
  }

  bool is_stuck(Index v) const { return std::find(stuck_.begin(), stuck_.end(), v) != stuck_.end(); }
  static Part alive(std::vector<Index> versions) {
    Part out;
    std::sort(versions.begin(), versions.end());
    versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
    out.alive = std::move(versions);
    return out;
  }
  static Part alive_and(const Part& part, Index v) {
    std::vector<Index> versions = part.alive;
    versions.push_back(v);
    return alive(std::move(versions));
  }
  bool is_alive(const Part& part, Index v) const {
    return std::find(part.alive.begin(), part.alive.end(), v) != part.alive.end();
  }

  // Only the stuck ones and v, counter and epoch as they were.
  Part only(const Part& part, Index v) const {
    std::vector<Index> versions;
    for (const Index s : part.alive) {
      if (is_stuck(s)) versions.push_back(s);
    }
    if (v != none) versions.push_back(v);
    return like(part, alive(std::move(versions)));
  }
  static Part without(Part part, Index v) {
    std::erase(part.alive, v);
    return part;
  }
  static Part like(const Part& part, Part other) {
    Part out = part;
    out.alive = std::move(other.alive);
    return out;
  }

  void app(std::uint32_t n, const Part& part) {
    std::vector<Index> rest(part.alive);  // what can be retired
    std::erase_if(rest, [&](Index v) { return is_stuck(v); });
    const bool some_stay = rest.size() < part.alive.size();
    if (some_stay && !rest.empty()) retire(n, part, only(part, none));
    // Nobody should have to leave without need; but there is no looking at each set of very many.
    for (const Index v : rest) {
      if (rest.size() > most_apart) retire(n, part, only(part, v));
      if (rest.size() > 1 && rest.size() <= most_apart) retire(n, part, without(part, v));
    }
    if (rest.size() > 1) return;
    for (Index v = 0; at(v) < component_.versions.size(); ++v) {
      if (!usable_[at(v)] || is_alive(part, v)) continue;
      const auto p = static_cast<std::uint32_t>(net_.prints.size());
      net_.prints.push_back(trace().rest(alive_and(part, v)).print());
      edge(n, only(part, v), p, Move::publish, v, {.publications = 1}, 1 + rest.size());
    }
  }
  void retire(std::uint32_t n, const Part& part, const Part& to) {
    const auto p = static_cast<std::uint32_t>(net_.prints.size());
    net_.prints.push_back(trace().rest(part).print());
    edge(n, to, p, Move::retire, none, {}, part.alive.size() - to.alive.size());
  }

  void service(std::uint32_t n, const Part& part) {
    for (Index v = 0; at(v) < component_.versions.size(); ++v) {
      if (!usable_[at(v)]) continue;
      const bool held = std::any_of(part.alive.begin(), part.alive.end(), [&](Index w) { return w != v && is_stuck(w); });
      const Part to = like(part, alive({v}));
      if (held || to == part) continue;
      const auto p = static_cast<std::uint32_t>(net_.prints.size());
      net_.prints.push_back(trace().rest(alive_and(part, v)).print());
      edge(n, to, p, Move::roll, v, {.publications = 1}, 1);
    }
  }

  bool is_goal(const Part& part) const {
    if (goal_ == none) return true;
    if (!model::on_device(component_.kind)) return part.alive == std::vector<Index>{goal_};
    return part.active == goal_ && !part.trial;
  }

  const Grounding& g_;
  std::size_t i_;
  Net& net_;
  const model::Component& component_;
  Index goal_;
  bool finalises_;
  Views fits_;
  Views usable_;
  bool staged_at_start_ = false;
  std::vector<Index> stuck_;
  std::map<Part, std::uint32_t, Before> number_;
  std::map<Part, std::uint32_t, Before> rest_;
  std::map<std::tuple<Move, Index, Index>, std::uint32_t> print_;
};

}  // namespace

bool usable(const Grounding& grounding, std::size_t i, std::size_t v) {
  const model::Component& component = grounding.relations->catalogue().components[i];
  for (const model::Ban& ban : grounding.problem->bans) {
    if (at(ban.component) == i && at(ban.version) == v) return false;
  }
  return !model::on_device(component.kind) || model::runs_on(component.versions[v], grounding.problem->board);
}

bool gains_by_finalising(const Grounding& grounding, std::size_t i) {
  const model::Component& component = grounding.relations->catalogue().components[i];
  if (!grounding.finalise || !model::on_device(component.kind)) return false;
  if (component.kind == Kind::ab_late) return true;
  const auto read_by_all = [&](std::uint32_t epoch) {
    return std::all_of(component.versions.begin(), component.versions.end(),
                       [&](const model::Record& r) { return r.data.reads(epoch); });
  };
  return !read_by_all(grounding.problem->start.parts[i].epoch) ||
         !std::all_of(component.versions.begin(), component.versions.end(),
                      [&](const model::Record& r) { return !r.data.writes || read_by_all(*r.data.writes); });
}

Grounded make_net(const Grounding& grounding, std::size_t i, const Views& kept, Net& net) {
  return Builder(grounding, i, kept, net).run();
}

}  // namespace lockstep::plan
