// The planner beside a search that knows nothing but the words of state.hpp: every state, every subset of what may
// revert, every set of components activated at once. Small random products with all that the model has.
#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <queue>
#include <random>
#include <set>

#include "manifests/plan/plan.hpp"
#include "manifests/plan/sample.hpp"

namespace lockstep::plan {
namespace {

using model::Act;
using model::Cost;
using model::Kind;
using model::none;
using model::Part;
using model::State;
using model::Target;
using model::torn;
using model::When;

// A moment with what is being written, if something is.
struct Moment {
  State state;
  Target writes{};
};

class Plain {
 public:
  explicit Plain(const model::Problem& p) : p_(p), c_(*p.catalogue) {}

  // The least cost, or nothing when there is no plan.
  std::optional<Cost> run() {
    if (!good({p_.start})) return std::nullopt;
    std::map<Key, Cost> best;
    const auto more = [](const std::pair<Cost, State>& a, const std::pair<Cost, State>& b) { return a.first > b.first; };
    std::priority_queue<std::pair<Cost, State>, std::vector<std::pair<Cost, State>>, decltype(more)> open(more);
    const auto reach = [&](const State& s, const Cost& cost) {
      const auto [found, fresh] = best.try_emplace(key(s), cost);
      if (!fresh && found->second <= cost) return;
      found->second = cost;
      open.push({cost, s});
    };
    reach(p_.start, {});
    while (!open.empty()) {
      const auto [cost, state] = open.top();
      open.pop();
      if (best[key(state)] != cost) continue;
      if (is_goal(state)) return cost;
      for (const auto& [next, price] : steps(state)) {
        reach(next, {cost.irreversible + price.irreversible, cost.reboots + price.reboots,
                     cost.publications + price.publications, cost.bytes + price.bytes});
      }
    }
    return std::nullopt;
  }

 private:
  using Key = std::vector<std::int64_t>;
  static Key key(const State& s) {
    Key out;
    for (const Part& p : s.parts) {
      out.insert(out.end(), {p.active, p.fallback, p.staged, p.trial, p.counter, p.epoch});
      out.insert(out.end(), p.alive.begin(), p.alive.end());
      out.push_back(-9);
    }
    return out;
  }

  std::size_t size() const { return c_.components.size(); }
  const model::Record& rec(std::size_t i, Index v) const { return c_.components[i].versions[at(v)]; }
  Kind kind(std::size_t i) const { return c_.components[i].kind; }

  bool is_goal(const State& s) const {
    for (std::size_t i = 0; i < size(); ++i) {
      const Index g = p_.goal.versions[i];
      if (g == none) continue;
      if (!model::on_device(kind(i)) && s.parts[i].alive != std::vector<Index>{g}) return false;
      if (model::on_device(kind(i)) && (s.parts[i].active != g || s.parts[i].trial)) return false;
    }
    return true;
  }

  bool holds(const model::Need& need, const State& s) const {
    const Part& p = s.parts[at(need.component)];
    const auto& versions = c_.components[at(need.component)].versions;
    if (!model::on_device(kind(at(need.component)))) {
      return std::all_of(p.alive.begin(), p.alive.end(), [&](Index v) { return need.range.contains(versions[at(v)].version); });
    }
    if (p.active == torn) return true;
    return p.active != none && need.range.contains(versions[at(p.active)].version);
  }
  bool needs_hold(std::size_t i, Index v, When when, const State& s) const {
    for (const model::Need& n : rec(i, v).needs) {
      if (n.when == when && !holds(n, s)) return false;
    }
    return true;
  }
  bool safe(const State& s) const {
    for (std::size_t i = 0; i < size(); ++i) {
      const Part& p = s.parts[i];
      for (const Index v : p.alive) {
        if (!needs_hold(i, v, When::active, s)) return false;
      }
      if (!model::on_device(kind(i)) || p.active < 0) continue;
      const model::Record& r = rec(i, p.active);
      if (!needs_hold(i, p.active, When::active, s)) return false;
      for (const Index v : {p.active, p.fallback, p.staged}) {
        if (v >= 0 && !needs_hold(i, v, When::installed, s)) return false;
      }
      if (!could_boot(i, p.active, p) || !r.data.reads(p.epoch)) return false;
    }
    return true;
  }
  // Part of "safe"; and nobody stages an image for another board only because it is the smallest that fills the slot.
  bool could_boot(std::size_t i, Index v, const Part& p) const {
    const auto& hardware = rec(i, v).hardware;
    return rec(i, v).security_counter >= p.counter && std::any_of(hardware.begin(), hardware.end(), [&](const auto& h) {
      return h.board == p_.board.board && h.revisions.contains(p_.board.revision);
    });
  }
  bool open(std::size_t i, Index v, const State& s) const {
    const Index via = c_.components[i].via;
    if (via != none && s.parts[at(via)].active < 0) return false;
    for (const model::Need& n : rec(i, v).needs) {
      if (n.when != When::during_flash) continue;
      if (!holds(n, s)) return false;
      if (model::on_device(kind(at(n.component))) && s.parts[at(n.component)].active == torn) return false;
    }
    return true;
  }
  bool may_revert(std::size_t i, const Part& p) const {
    return p.fallback >= 0 && ((kind(i) == Kind::ab_trial && p.trial) || kind(i) == Kind::ab_late);
  }
  bool good(const Moment& m) const {
    for (unsigned subset = 0; subset < 1u << size(); ++subset) {
      State s = m.state;
      bool possible = true;
      for (std::size_t i = 0; i < size(); ++i) {
        if ((subset >> i & 1) == 0) continue;
        Part& p = s.parts[i];
        possible = possible && may_revert(i, p);
        p.active = p.fallback;
        p.fallback = p.staged = none;
        p.trial = false;
      }
      if (!possible) continue;
      if (!safe(s)) return false;
      if (m.writes.component >= 0 && !open(at(m.writes.component), m.writes.version, s)) return false;
      for (std::size_t i = 0; i < size(); ++i) {
        if ((subset >> i & 1) != 0 && !open(i, m.state.parts[i].active, s)) return false;
      }
    }
    return true;
  }

  bool banned(std::size_t i, Index v) const {
    return std::any_of(p_.bans.begin(), p_.bans.end(), [&](const auto& b) { return at(b.component) == i && b.version == v; });
  }
  bool stuck(std::size_t i, Index v) const {
    return std::any_of(p_.stuck.begin(), p_.stuck.end(), [&](const auto& b) { return at(b.component) == i && b.version == v; });
  }
  bool from(std::size_t i, Index v, Index active) const {
    const auto& f = rec(i, v).from;
    return !f || f->range.contains(rec(i, active).version);
  }
  // Data that move when v boots must be ones that it reads; of others that is part of "safe".
  bool moves_only_what_it_reads(std::size_t i, Index v, const Part& p) const {
    return !rec(i, v).data.at_boot || rec(i, v).data.reads(p.epoch);
  }
  void boot(std::size_t i, Part& p, Index v) const {
    p.active = v;
    if (rec(i, v).data.at_boot && rec(i, v).data.writes) p.epoch = *rec(i, v).data.writes;
  }

  std::vector<std::pair<State, Cost>> steps(const State& s) const {
    std::vector<std::pair<State, Cost>> out;
    const auto add = [&](const std::vector<Moment>& moments, const Cost& cost) {
      if (std::all_of(moments.begin(), moments.end(), [&](const Moment& m) { return good(m); })) {
        out.push_back({moments.back().state, cost});
      }
    };
    for (std::size_t i = 0; i < size(); ++i) one(s, i, add);
    together(s, add);
    return out;
  }

  template <class Add>
  void one(const State& s, std::size_t i, Add add) const {
    const Part& p = s.parts[i];
    const auto count = static_cast<Index>(c_.components[i].versions.size());
    const auto self = static_cast<Index>(i);
    State next = s;
    Part& q = next.parts[i];
    for (Index v = 0; v < count; ++v) {
      next = s;
      const Target target{self, v};
      if (model::has_two_slots(kind(i)) && !p.trial && p.active >= 0 && !banned(i, v) && could_boot(i, v, p) &&
          (v == p.active || from(i, v, p.active))) {
        State middle = s;
        middle.parts[i].fallback = middle.parts[i].staged = none;
        q.fallback = none;
        q.staged = v;
        add({{s, target}, {middle, target}, {next, target}}, {.bytes = rec(i, v).bytes});
      }
      if (kind(i) == Kind::single && p.active != none && !banned(i, v) && moves_only_what_it_reads(i, v, p) &&
          (p.active == torn || from(i, v, p.active))) {
        State middle = s;
        middle.parts[i].active = torn;
        boot(i, q, v);
        add({{s, target}, {middle, target}, {next, target}},
            {.reboots = c_.components[i].reboots, .bytes = rec(i, v).bytes});
      }
      const bool alive = std::find(p.alive.begin(), p.alive.end(), v) != p.alive.end();
      std::set<Index> both(p.alive.begin(), p.alive.end());
      both.insert(v);
      if (kind(i) == Kind::app && !alive && !banned(i, v)) {
        q.alive.assign(both.begin(), both.end());
        add({{next}}, {.publications = 1});
      }
      if (kind(i) == Kind::app && alive && p.alive.size() > 1 && !stuck(i, v)) {
        std::erase(q.alive, v);
        add({{next}}, {});
      }
      const bool held = std::any_of(p.alive.begin(), p.alive.end(), [&](Index w) { return w != v && stuck(i, w); });
      if (kind(i) == Kind::service && p.alive != std::vector{v} && !banned(i, v) && !held) {
        State middle = s;
        middle.parts[i].alive.assign(both.begin(), both.end());
        q.alive = {v};
        add({{middle}, {next}}, {.publications = 1});
      }
    }
    if (p.trial) {
      next = s;
      q.trial = false;
      if (kind(i) == Kind::ab_trial) q.fallback = none;
      add({{next}}, {});
    }
    if (model::on_device(kind(i)) && p.active >= 0 && !p.trial && p.staged == none) {
      State a = s;
      a.parts[i].fallback = none;
      State b = a;
      b.parts[i].counter = std::max(p.counter, rec(i, p.active).security_counter);
      State c = b;
      c.parts[i].epoch = rec(i, p.active).data.writes.value_or(p.epoch);
      add({{a}, {b}, {c}}, {.irreversible = 1});
    }
  }

  // Every set of staged images at once.
  template <class Add>
  void together(const State& s, Add add) const {
    for (unsigned set = 1; set < 1u << size(); ++set) {
      State next = s;
      bool possible = true;
      Cost cost;
      for (std::size_t i = 0; possible && i < size(); ++i) {
        if ((set >> i & 1) == 0) continue;
        Part& p = next.parts[i];
        possible = model::has_two_slots(kind(i)) && !p.trial && p.staged >= 0 && !banned(i, p.staged) &&
                   moves_only_what_it_reads(i, p.staged, p);
        if (!possible) break;
        p.fallback = p.active;
        boot(i, p, p.staged);
        p.staged = none;
        p.trial = true;
        cost.reboots += c_.components[i].reboots;
      }
      if (possible) add({{next}}, cost);
    }
  }

  const model::Problem& p_;
  const model::Catalogue& c_;
};

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  model::Catalogue catalogue() {
    model::Catalogue out;
    const std::size_t size = below(2) + 2;
    for (std::size_t i = 0; i < size; ++i) {
      model::Component c{.name = std::string(1, static_cast<char>('a' + i))};
      constexpr Kind kinds[] = {Kind::ab_trial, Kind::ab_trial, Kind::ab_late, Kind::single, Kind::app, Kind::service};
      c.kind = kinds[below(6)];
      c.reboots = static_cast<std::uint32_t>(below(2) + 1);
      const std::size_t versions = below(3) + 2;
      for (std::size_t v = 0; v < versions; ++v) c.versions.push_back(record(v + 1, versions));
      out.components.push_back(std::move(c));
    }
    for (std::size_t i = 0; i < size; ++i) {
      model::Component& c = out.components[i];
      const std::size_t via = below(size);
      if (model::on_device(c.kind) && via != i && model::on_device(out.components[via].kind) && one_in(4)) {
        c.via = static_cast<Index>(via);
      }
      for (model::Record& r : c.versions) {
        for (std::size_t j = 0; j < size; ++j) {
          if (j != i && one_in(3)) r.needs.push_back(need(j, model::on_device(c.kind)));
        }
      }
    }
    return out;
  }

  model::Problem problem(const model::Catalogue& catalogue) {
    model::Problem p{.catalogue = &catalogue, .board = {"node", sample::v("2.0.0")}};
    for (const model::Component& c : catalogue.components) {
      p.start.parts.push_back(start(c));
      const auto count = c.versions.size();
      p.goal.versions.push_back(one_in(4) ? none : static_cast<Index>(count - 1 - (one_in(4) ? below(count) : 0)));
      const auto self = static_cast<Index>(&c - catalogue.components.data());
      if (one_in(6)) p.bans.push_back({self, static_cast<Index>(below(count)), ""});
      const Part& part = p.start.parts.back();
      if (!part.alive.empty() && one_in(8)) p.stuck.push_back({self, part.alive[below(part.alive.size())]});
    }
    return p;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  model::Record record(std::size_t number, std::size_t versions) {
    model::Record r{.version = sample::v(std::to_string(number) + ".0.0")};
    r.hardware.push_back({.board = "node", .revisions = sample::range(one_in(15) ? ">=3" : "*")});
    r.bytes = 100 + below(3) * 10;
    r.security_counter = static_cast<std::uint32_t>(number / 2);
    if (one_in(5)) r.from = release::From{.range = range(versions)};
    if (one_in(3)) {
      r.data.reads_lowest = static_cast<std::uint32_t>(below(2));
      r.data.reads_highest = static_cast<std::uint32_t>(below(2) + 1);
      if (one_in(2)) r.data.writes = static_cast<std::uint32_t>(below(3));
      r.data.at_boot = one_in(2);
    }
    return r;
  }
  version::Range range(std::size_t versions) {
    const std::string low = std::to_string(below(versions) + 1);
    if (one_in(3)) return sample::range("<=" + low + ".0.0");
    return sample::range(">=" + (one_in(2) ? low : "1") + ".0.0");
  }
  model::Need need(std::size_t component, bool device) {
    constexpr When whens[] = {When::active, When::active, When::installed, When::during_flash};
    return {.component = static_cast<Index>(component), .range = range(3), .when = device ? whens[below(4)] : When::active};
  }
  Part start(const model::Component& c) {
    Part p;
    const auto any = [&] { return static_cast<Index>(below(c.versions.size())); };
    if (!model::on_device(c.kind)) {
      p.alive = {one_in(2) ? 0 : any()};
      if (one_in(3)) p.alive.push_back(any());
      std::sort(p.alive.begin(), p.alive.end());
      p.alive.erase(std::unique(p.alive.begin(), p.alive.end()), p.alive.end());
      return p;
    }
    p.active = one_in(2) ? 0 : any();
    if (c.kind == Kind::single && one_in(8)) p.active = torn;
    p.epoch = one_in(4) ? 1 : 0;
    p.counter = p.active >= 0 && one_in(2) ? c.versions[at(p.active)].security_counter : 0;
    if (!model::has_two_slots(c.kind)) return p;
    if (one_in(6)) {
      p.staged = any();
    } else if (one_in(6) && (c.kind == Kind::ab_late || one_in(2))) {
      p.fallback = any();
      p.trial = c.kind == Kind::ab_trial || one_in(2);
    }
    return p;
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("the planner finds a plan exactly when the plain search does, at the same cost") {
  int found = 0;
  int impossible = 0;
  const char* more = std::getenv("LOCKSTEP_PLAN_SEEDS");
  const std::uint32_t seeds = more != nullptr ? static_cast<std::uint32_t>(std::atoi(more)) : 60;
  for (std::uint32_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    Maker maker(seed);
    const model::Catalogue catalogue = maker.catalogue();
    const model::Problem problem = maker.problem(catalogue);
    const auto answer = make_plan(problem);
    REQUIRE(answer);
    const auto least = Plain(problem).run();
    REQUIRE((answer->verdict == Verdict::found) == least.has_value());
    found += least ? 1 : 0;
    impossible += !least && !answer->start_is_bad ? 1 : 0;
    if (!least) continue;
    CHECK(answer->least());
    CHECK((answer->cost == *least));
  }
  MESSAGE(found << " plans, " << impossible << " proofs that there is none");
  CHECK(found > 10);
  CHECK(impossible > 10);
}

}  // namespace lockstep::plan
