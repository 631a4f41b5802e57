#include "manifests/oracle/instance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "manifests/oracle/random.hpp"
#include "manifests/oracle/world.hpp"

namespace lockstep::oracle {
namespace {

using model::Index;
using model::Kind;
using model::When;
using model::has_two_slots;
using model::on_device;

version::Version v(const std::string& text) { return *version::parse(text); }
version::Range range(const std::string& text) { return *version::Range::parse(text); }

class Drawer {
 public:
  Drawer(Random& random, const Shape& shape) : random_(random), shape_(shape) {}

  Instance run() {
    kinds();
    versions();
    for (Index i = 0; i < count(); ++i) {
      for (Index j = 0; j < count(); ++j) {
        if (i != j && random_.chance(shape_.edge / 2)) peers(i, j);
      }
      if (on_device(component(i).kind)) own_rules(i);
    }
    start();
    goal();
    if (random_.chance(shape_.ban)) ban();
    if (random_.chance(shape_.stuck)) stick();
    return std::move(out_);
  }

 private:
  model::Component& component(Index i) { return out_.catalogue.components[static_cast<std::size_t>(i)]; }
  Index count() const { return static_cast<Index>(out_.catalogue.components.size()); }
  Index last(Index i) { return static_cast<Index>(component(i).versions.size()) - 1; }
  model::Record& record(Index i, Index version) { return component(i).versions[static_cast<std::size_t>(version)]; }
  std::string name(Index i, Index version) { return record(i, version).version.text(); }
  model::Place place(Index i) { return {fmt::format("release-{}.xml", component(i).name), ++line_}; }

  void kinds() {
    out_.catalogue.product = "thermostat";
    out_.board = {"node-m3", v("2.0.0")};
    const int one = random_.between(shape_.fewest_components, shape_.most_components);
    const int components = std::max(one, random_.between(shape_.fewest_components, shape_.most_components));
    for (Index i = 0; i < components; ++i) {
      model::Component c;
      c.kind = random_.chance(shape_.late) ? Kind::ab_late : random_.chance(shape_.single) ? Kind::single : Kind::ab_trial;
      if (i > 0 && random_.chance(shape_.app)) c.kind = Kind::app;
      if (i > 0 && random_.chance(shape_.service)) c.kind = Kind::service;
      constexpr const char* words[] = {"trial", "late", "single", "app", "service"};
      c.name = fmt::format("{}-{}", static_cast<char>('a' + i), words[static_cast<int>(c.kind)]);
      if (!on_device(c.kind)) c.platform = random_.chance(0.3) ? "ios" : "";
      c.reboots = static_cast<std::uint32_t>(random_.chance(0.2) ? random_.between(0, 3) : 1);
      c.versions.resize(static_cast<std::size_t>(random_.between(shape_.fewest_versions, shape_.most_versions)));
      out_.catalogue.components.push_back(std::move(c));
      component(i).at = place(i);
    }
    auto& all = out_.catalogue.components;
    if (shape_.equal) {
      for (model::Component& c : all) c.versions.resize(all[0].versions.size());
    }
    while (thinkable_states() > shape_.most_states) {
      if (shape_.equal) {
        for (model::Component& c : all) c.versions.pop_back();
        continue;
      }
      const auto largest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.versions.size() < b.versions.size(); });
      largest->versions.pop_back();
    }
    // Through one that is written directly, or at least not through this one, so that there is no circle.
    for (Index i = 0; i < components; ++i) {
      const Index j = shape_.chains ? (i + 1 + random_.below(components - 1)) % components : random_.below(components);
      const bool device = on_device(component(i).kind) && on_device(component(j).kind);
      const bool used = std::any_of(all.begin(), all.end(), [&](const auto& c) { return c.via == i; });
      const bool leads = shape_.chains ? !leads_to(j, i) : i != j && component(j).via == model::none && !used;
      if (device && leads && random_.chance(shape_.via)) component(i).via = j;
    }
    for (Index i = 0; i < components; ++i) lacks_.push_back(on_device(component(i).kind) && maybe(shape_.lacks));
  }

  bool leads_to(Index from, Index to) {
    while (from != to && from != model::none) from = component(from).via;
    return from == to;
  }

  bool lacks(Index i) const { return lacks_[static_cast<std::size_t>(i)]; }

  double thinkable_states() const {
    double product = 1;
    for (const model::Component& c : out_.catalogue.components) {
      const double n = static_cast<double>(c.versions.size());
      product *= has_two_slots(c.kind) ? n * (1 + 2 * n) : c.kind == Kind::app ? static_cast<double>((1u << c.versions.size()) - 1) : n + 1;
    }
    return product;
  }

  void versions() {
    for (Index i = 0; i < count(); ++i) {
      int major = 1, minor = 0;
      for (Index n = 0; n <= last(i); ++n) {
        model::Record& r = record(i, n);
        const bool candidate = random_.chance(0.04);
        r.version = v(fmt::format("{}.{}.0{}", major, minor, candidate ? "-rc.1" : ""));
        if (random_.chance(0.25)) ++major, minor = 0;
        else ++minor;
        r.bytes = static_cast<std::uint64_t>(random_.between(1, 9)) * 1000;
        r.at = place(i);
        r.from_at = r.at;
      }
    }
  }

  // When a need of component i counts.
  When when(Index i) {
    constexpr When others[] = {When::installed, When::during_flash};
    if (!on_device(component(i).kind)) return maybe(shape_.software_when) ? others[random_.below(std::size(others))] : When::active;
    return random_.chance(shape_.flash_need)       ? When::during_flash
           : random_.chance(shape_.installed_need) ? When::installed
                                                   : When::active;
  }

  // What component i wants of component j: minima that rise, and perhaps maxima.
  void peers(Index i, Index j) {
    const When all = when(i);
    const bool maxima = random_.chance(shape_.upper);
    Index lowest = 0;
    for (Index n = 0; n <= last(i); ++n) {
      // Where j is when i is at n, if both go the same way.
      const Index pace = last(i) == 0 ? 0 : n * last(j) / last(i);
      if (n > 0 && random_.chance(shape_.raise)) lowest = std::min(std::max(lowest, pace - random_.below(shape_.most_lag)), last(j));
      lowest = std::max(lowest, pace - shape_.most_lag);
      const Index highest = maxima ? std::min(last(j), std::max(lowest, pace + random_.below(shape_.most_lag))) : last(j);
      // To want any version says nothing, except of what the device may not have. And some versions know that it may not.
      if (lacks(j) ? random_.chance(0.6) : lowest == 0 && highest == last(j)) continue;
      const version::Range range = written(j, lowest, highest);
      record(i, n).needs.push_back({.component = j, .range = range, .when = shape_.mixed ? when(i) : all, .at = place(i)});
    }
  }

  // A range with these versions, as one person or another would write it.
  version::Range written(Index j, Index lowest, Index highest) {
    if (random_.chance(0.1)) {
      std::string all;
      for (Index n = lowest; n <= highest; ++n) all += (all.empty() ? "" : " || ") + name(j, n);
      return range(all);
    }
    if (lowest == 0) return range("<=" + name(j, highest));
    if (highest == last(j)) return range(">=" + name(j, lowest));
    return range(name(j, lowest) + " - " + name(j, highest));
  }

  void own_rules(Index i) {
    const bool epochs = random_.chance(shape_.epochs);
    const bool counters = random_.chance(shape_.counters);
    const bool in_order = !counters || !maybe(shape_.any_counter);
    std::uint32_t epoch = 1, counter = 0;
    for (Index n = 0; n <= last(i); ++n) {
      model::Record& r = record(i, n);
      r.hardware = {{.board = "node-m3", .revisions = range(random_.chance(shape_.other_board) ? ">=3" : ">=1"), .line = r.at.line}};
      if (random_.chance(0.1)) r.hardware.insert(r.hardware.begin(), {.board = "node-m4", .revisions = range("*"), .line = r.at.line});
      if (n > 0 && random_.chance(shape_.stone)) {
        r.from = release::From{written(i, std::max(0, n - 1 - random_.below(2)), n - 1), ++line_};
        r.from_at = {r.at.file, line_};
      }
      if (epochs) {
        const bool moves = n > 0 && epoch < 5 && random_.chance(0.4);
        r.data.reads_lowest = epoch - (epoch > 1 && random_.chance(0.3) ? 1 : 0);
        if (moves) ++epoch;
        r.data.reads_highest = epoch + (random_.chance(0.4) ? 1 : 0);
        if (moves || random_.chance(0.2)) r.data.writes = epoch;
        r.data.at_boot = random_.chance(0.4);
      }
      if (!in_order) counter = static_cast<std::uint32_t>(random_.below(3));
      else if (counters && counter < 5 && random_.chance(0.4)) ++counter;
      r.security_counter = counter;
      r.one_way = random_.chance(0.1);
    }
  }

  void start() {
    for (Index i = 0; i < count(); ++i) {
      model::Part& p = out_.start.parts.emplace_back();
      const Kind kind = component(i).kind;
      const Index first = random_.chance(0.7) ? 0 : random_.below(last(i) + 1);
      const bool odd = random_.chance(shape_.odd_start);
      const Index other = random_.below(last(i) + 1);
      if (!on_device(kind)) {
        p.alive = {first};
        if (odd && other != first) p.alive = {std::min(first, other), std::max(first, other)};
        if (maybe(shape_.crowd)) crowd(p, last(i));
        continue;
      }
      if (lacks(i)) {
        p.active = model::none;
        continue;
      }
      p.active = first;
      const model::Record& r = record(i, first);
      p.counter = random_.chance(0.7) ? r.security_counter : 0;
      p.epoch = r.data.reads_highest == 0xffff'ffff ? 0 : r.data.reads_lowest;
      if (!odd) continue;
      if (kind == Kind::single) {
        if (random_.chance(shape_.torn)) p.active = model::torn;
      } else if (random_.chance(shape_.staged)) {
        p.staged = other;
      } else {
        p.fallback = other;
        p.trial = kind == Kind::ab_trial || random_.chance(0.3);
      }
    }
  }

  void crowd(model::Part& part, Index last) {
    std::vector<Index> alive;
    for (Index n = 0; n <= last; ++n) {
      if (random_.chance(0.7)) alive.push_back(n);
    }
    if (!alive.empty()) part.alive = std::move(alive);
  }

  void goal() {
    for (Index i = 0; i < count(); ++i) {
      Index wanted = last(i);
      if (random_.chance(0.15)) wanted = random_.below(last(i) + 1);
      if (random_.chance(shape_.aimless)) wanted = model::none;
      if (lacks(i) && !random_.chance(0.05)) wanted = model::none;
      out_.goal.versions.push_back(wanted);
    }
  }

  void ban() {
    const Index i = random_.below(count());
    out_.bans.push_back({i, random_.below(last(i) + 1), "held by QA until 2026-12-01: battery drain"});
  }

  void stick() {
    for (Index i = 0; i < count(); ++i) {
      if (on_device(component(i).kind)) continue;
      const std::vector<Index>& alive = out_.start.parts[static_cast<std::size_t>(i)].alive;
      out_.stuck.push_back({i, alive[static_cast<std::size_t>(random_.below(alive.size()))]});
      return;
    }
  }

  // Of what a shape may have off: what it draws without stays the same.
  bool maybe(double probability) { return probability > 0 && random_.chance(probability); }

  Random& random_;
  const Shape& shape_;
  Instance out_;
  std::vector<bool> lacks_;  // per component
  int line_ = 0;
};

// Start and goal are good by themselves: without that there is nothing to search.
bool hopeful(const Instance& instance) {
  const World world(instance.catalogue, instance.board);
  const auto start = world.read(instance.start);
  if (!start || !world.survives(*start) || world.reached(*start, instance.goal)) return false;
  model::State end = instance.start;
  for (std::size_t i = 0; i < end.parts.size(); ++i) {
    const Index wanted = instance.goal.versions[i];
    model::Part& p = end.parts[i];
    if (wanted == model::none || p.active == model::none) continue;  // nothing leads to a goal for what is not there
    if (!on_device(instance.catalogue.components[i].kind)) {
      p.alive = {wanted};
      continue;
    }
    const model::Record& r = instance.catalogue.components[i].versions[static_cast<std::size_t>(wanted)];
    p = {.active = wanted, .counter = std::min(p.counter, r.security_counter), .epoch = r.data.writes.value_or(r.data.reads_lowest), .alive = {}};
  }
  const auto target = world.read(end);
  return target && world.survives(*target);
}

std::string text(const model::Catalogue& catalogue, Index component, Index version) {
  return version == model::none ? "-" : catalogue.name(component, version);
}

}  // namespace

Shape hard() {
  return {.fewest_components = 3, .most_components = 3, .fewest_versions = 3, .most_versions = 4, .most_states = 50'000,
          .upper = 0.5, .stone = 0.8, .late = 0.5, .single = 0.7, .app = 0.2, .via = 0.9, .flash_need = 0.15,
          .installed_need = 0.9, .counters = 0.8, .ban = 0.3, .stuck = 0.3, .odd_start = 1, .torn = 0.6, .staged = 0.5,
          .aimless = 0.4, .equal = true, .chains = true, .mixed = true, .crowd = 0.5, .software_when = 0.5,
          .any_counter = 0.7, .lacks = 0.05};
}

Shape lacking() {
  return {.fewest_components = 3, .fewest_versions = 3, .most_versions = 5, .most_states = 6'000, .edge = 1.3, .raise = 0.4,
          .upper = 0.2, .stone = 0.9, .late = 0.2, .single = 0.35, .app = 0.2, .via = 0.25, .flash_need = 0.25, .installed_need = 0.35,
          .epochs = 0.3, .counters = 0.15, .other_board = 0, .torn = 0.6, .aimless = 0.1, .hopeless = 0.3,
          .chains = true, .mixed = true, .software_when = 0.3, .lacks = 0.35};
}

Instance draw(std::uint64_t seed, const Shape& shape) {
  Random random(seed);
  const bool hopeless = random.chance(shape.hopeless);
  Instance out = Drawer(random, shape).run();
  for (int tries = 0; tries < 200 && !hopeless && !hopeful(out); ++tries) out = Drawer(random, shape).run();
  out.seed = seed;
  return out;
}

std::string text(const model::Catalogue& catalogue, const model::State& state) {
  std::string out;
  for (std::size_t i = 0; i < state.parts.size(); ++i) {
    const model::Part& p = state.parts[i];
    const Index c = static_cast<Index>(i);
    if (!on_device(catalogue.components[i].kind)) {
      out += "[";
      for (const Index n : p.alive) out += text(catalogue, c, n) + ' ';
      out += "] ";
      continue;
    }
    if (p.active == model::none) {
      out += "[" + catalogue.name(c, p.active) + "] ";
      continue;
    }
    out += fmt::format("[{} fallback {} staged {}{} counter {} epoch {}] ", text(catalogue, c, p.active), text(catalogue, c, p.fallback),
                       text(catalogue, c, p.staged), p.trial ? " on trial" : "", p.counter, p.epoch);
  }
  return out;
}

std::string text(const Instance& instance) {
  std::string out = fmt::format("seed {}\n", instance.seed);
  const model::Catalogue& c = instance.catalogue;
  constexpr const char* whens[] = {"", " installed", " during flash"};
  for (Index i = 0; i < std::ssize(c.components); ++i) {
    const model::Component& component = c.components[static_cast<std::size_t>(i)];
    out += fmt::format("{} reboots {}{}\n", component.label(), component.reboots,
                       component.via == model::none ? "" : " via " + c.components[static_cast<std::size_t>(component.via)].label());
    for (const model::Record& r : component.versions) {
      out += fmt::format("  {} counter {} bytes {}", r.version.text(), r.security_counter, r.bytes);
      if (r.from) out += " from " + r.from->range.text();
      if (r.data.reads_highest != 0xffff'ffff) out += fmt::format(" reads {}-{}", r.data.reads_lowest, r.data.reads_highest);
      if (r.data.writes) out += fmt::format(" writes {}{}", *r.data.writes, r.data.at_boot ? " at boot" : "");
      for (const release::Hardware& h : r.hardware) out += fmt::format(" on {} {}", h.board, h.revisions.text());
      for (const model::Need& need : r.needs) {
        out += fmt::format("; {} {}{}", c.components[static_cast<std::size_t>(need.component)].label(), need.range.text(), whens[static_cast<int>(need.when)]);
      }
      out += '\n';
    }
  }
  out += "start " + text(c, instance.start) + "\ngoal";
  for (std::size_t i = 0; i < instance.goal.versions.size(); ++i) out += ' ' + text(c, static_cast<Index>(i), instance.goal.versions[i]);
  for (const model::Ban& ban : instance.bans) out += "\nban " + c.name(ban.component, ban.version);
  for (const model::Target& stuck : instance.stuck) out += "\nstuck " + c.name(stuck.component, stuck.version);
  return out + '\n';
}

}  // namespace lockstep::oracle
