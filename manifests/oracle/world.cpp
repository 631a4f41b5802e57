#include "manifests/oracle/world.hpp"

#include <algorithm>

namespace lockstep::oracle {

using model::Act;
using model::Kind;

bool fits(const model::Catalogue& catalogue) {
  return catalogue.components.size() <= most_components &&
         std::all_of(catalogue.components.begin(), catalogue.components.end(),
                     [](const model::Component& c) { return c.versions.size() <= most_versions; });
}

World::World(const model::Catalogue& catalogue, const model::Board& board) : count_(static_cast<int>(catalogue.components.size())) {
  const auto members = [&](std::size_t component, const version::Range& range) {
    Bits bits = 0;
    const auto& versions = catalogue.components[component].versions;
    for (std::size_t v = 0; v < versions.size(); ++v) bits |= range.contains(versions[v].version) ? Bits{1} << v : 0;
    return bits;
  };
  for (std::size_t i = 0; i < catalogue.components.size(); ++i) {
    const model::Component& c = catalogue.components[i];
    Thing& thing = things_[i];
    thing.kind = c.kind;
    thing.device = c.kind == Kind::ab_trial || c.kind == Kind::ab_late || c.kind == Kind::single;
    thing.versions = static_cast<int>(c.versions.size());
    thing.via = c.via;
    thing.reboots = c.reboots;
    for (std::size_t v = 0; v < c.versions.size(); ++v) {
      const model::Record& r = c.versions[v];
      Version& out = thing.version[v];
      for (const auto& h : r.hardware) out.on_board |= h.board == board.board && h.revisions.contains(board.revision);
      out.counter = r.security_counter;
      out.reads_lowest = r.data.reads_lowest;
      out.reads_highest = r.data.reads_highest;
      out.writes = r.data.writes;
      out.at_boot = r.data.at_boot;
      out.from = r.from ? members(i, r.from->range) : ~Bits{0};
      out.bytes = r.bytes;
      out.running.fill(~Bits{0});
      out.installed.fill(~Bits{0});
      out.flashing.fill(~Bits{0});
      for (const model::Need& need : r.needs) {
        const std::size_t j = at(need.component);
        const Bits good = members(j, need.range);
        switch (need.when) {
          case model::When::active: out.running[j] &= good; break;
          case model::When::installed: out.installed[j] &= good; break;
          case model::When::during_flash: out.flashing[j] &= good, out.flashing_needs[j] = true; break;
        }
      }
    }
  }
}

std::optional<Moment> World::read(const model::State& state) const {
  if (state.parts.size() != at(count_)) return std::nullopt;
  Moment m;
  for (int i = 0; i < count_; ++i) {
    const model::Part& p = state.parts[at(i)];
    const Thing& thing = things_[at(i)];
    Piece& piece = m[at(i)];
    if (!thing.device) {
      for (const model::Index v : p.alive) {
        if (v < 0 || v >= thing.versions || (piece.alive >> v) != 0) return std::nullopt;
        piece.alive |= Bits{1} << v;
      }
      // A part says nothing that has no meaning for its kind.
      const bool bare = p.active == model::torn && p.fallback == model::none && p.staged == model::none && !p.trial && p.counter == 0 && p.epoch == 0;
      if (!bare) return std::nullopt;
      continue;
    }
    if (!p.alive.empty()) return std::nullopt;
    if (p.active == model::none) {  // of what is not there nothing else can be said
      if (p.fallback != model::none || p.staged != model::none || p.trial || p.counter != 0 || p.epoch != 0) return std::nullopt;
      piece.active = absent;
      continue;
    }
    const bool two = thing.kind != Kind::single;
    const auto slot = [&](model::Index v) { return v == model::none || (two && v >= 0 && v < thing.versions); };
    const bool runs = p.active >= 0 && p.active < thing.versions;
    if (!runs && (two || p.active != model::torn)) return std::nullopt;
    if (!slot(p.fallback) || !slot(p.staged) || (p.fallback != model::none && p.staged != model::none)) return std::nullopt;
    if (p.trial && p.fallback == model::none) return std::nullopt;
    piece.active = runs ? static_cast<std::int8_t>(p.active) : in_pieces;
    piece.fallback = static_cast<std::int8_t>(p.fallback);
    piece.staged = static_cast<std::int8_t>(p.staged);
    piece.trial = p.trial;
    piece.counter = p.counter;
    piece.epoch = p.epoch;
  }
  return m;
}

model::State World::write(const Moment& m) const {
  model::State out;
  for (int i = 0; i < count_; ++i) {
    const Piece& piece = m[at(i)];
    model::Part& p = out.parts.emplace_back();
    if (!things_[at(i)].device) {
      for (int v = 0; v < things_[at(i)].versions; ++v) {
        if (((piece.alive >> v) & 1) != 0) p.alive.push_back(v);
      }
      continue;
    }
    p.active = piece.active == absent ? model::none : piece.active == in_pieces ? model::torn : piece.active;
    p.fallback = piece.fallback;
    p.staged = piece.staged;
    p.trial = piece.trial;
    p.counter = piece.counter;
    p.epoch = piece.epoch;
  }
  return out;
}

// A bit beside those of the versions: who wants nothing of a component takes it, and no range has it.
constexpr Bits missing = Bits{1} << most_versions;

// What is there of each component is among what is wanted. What is torn is accepted; what the device does not have is not.
bool World::accepts(const Moment& m, const std::array<Bits, most_components>& wanted) const {
  for (int j = 0; j < count_; ++j) {
    const Piece& other = m[at(j)];
    Bits there = other.active >= 0 ? Bits{1} << other.active : 0;
    if (other.active == absent) there = missing;
    if (!things_[at(j)].device) there = other.alive;
    if ((there & ~wanted[at(j)]) != 0) return false;
  }
  return true;
}

bool World::safe(const Moment& m) const {
  for (int i = 0; i < count_; ++i) {
    const Thing& thing = things_[at(i)];
    const Piece& piece = m[at(i)];
    if (!thing.device) {
      for (int v = 0; v < thing.versions; ++v) {
        if (((piece.alive >> v) & 1) == 0) continue;
        const Version& version = thing.version[at(v)];
        if (!accepts(m, version.running) || !accepts(m, version.installed)) return false;
      }
      continue;
    }
    if (piece.active >= 0) {
      const Version& a = thing.version[at(piece.active)];
      if (!a.on_board || a.counter < piece.counter) return false;
      if (piece.epoch < a.reads_lowest || piece.epoch > a.reads_highest) return false;
      if (!accepts(m, a.running)) return false;
    }
    for (const int v : {piece.active, piece.fallback, piece.staged}) {
      if (v >= 0 && !accepts(m, thing.version[at(v)].installed)) return false;
    }
  }
  return true;
}

bool World::open(const Moment& m, int component, int version) const {
  const Thing& thing = things_[at(component)];
  if (thing.via >= 0 && m[at(thing.via)].active < 0) return false;
  const Version& v = thing.version[at(version)];
  for (int j = 0; j < count_; ++j) {
    if (v.flashing_needs[at(j)] && things_[at(j)].device && m[at(j)].active < 0) return false;
  }
  return accepts(m, v.flashing);
}

// Lets faults happen to the components from `first` on. (A revert changes its own component only and can happen to it
// once, so the order makes no difference.)
bool World::survives(const Moment& m, Owed owed, int first) const {
  if (!safe(m)) return false;
  if (owed.component >= 0 && !open(m, owed.component, owed.version)) return false;
  for (int i = 0; i < count_; ++i) {
    if (owed.away[at(i)] >= 0 && !open(m, i, owed.away[at(i)])) return false;
  }
  for (int i = first; i < count_; ++i) {
    const Piece& now = m[at(i)];
    const Kind kind = things_[at(i)].kind;
    if (now.fallback < 0 || !(kind == Kind::ab_late || (kind == Kind::ab_trial && now.trial))) continue;
    Moment back = m;
    Piece& piece = back[at(i)];
    piece.active = now.fallback;
    piece.fallback = piece.staged = -1;
    piece.trial = false;
    Owed more = owed;
    more.away[at(i)] = now.active;
    if (!survives(back, more, i + 1)) return false;
  }
  return true;
}

bool World::survives(const Moment& moment) const { return survives(moment, {}, 0); }

Row World::moments(const Moment& before, const model::Step& step) const {
  Row out;
  Moment m = before;
  const auto tick = [&] { out.push(m); };
  tick();

  Bits seen = 0;
  for (const model::Target& t : step.targets) {
    if (t.component < 0 || t.component >= count_ || t.version < 0 || t.version >= versions(t.component)) return {};
    if (((seen >> t.component) & 1) != 0 || m[at(t.component)].active == absent) return {};
    seen |= Bits{1} << t.component;
  }
  const auto together = [&](auto allowed) { return !step.targets.empty() && std::all_of(step.targets.begin(), step.targets.end(), allowed); };
  const auto boots = [](const Version& v, Piece& piece) {
    if (v.at_boot && v.writes) piece.epoch = *v.writes;
  };

  if (step.act == Act::confirm) {
    if (!together([&](const model::Target& t) { return m[at(t.component)].trial && m[at(t.component)].active == t.version; })) return {};
    for (const model::Target& t : step.targets) {
      Piece& piece = m[at(t.component)];
      piece.trial = false;
      if (kind(t.component) == Kind::ab_trial) piece.fallback = -1;
    }
    tick();
    return out;
  }
  if (step.act == Act::activate && together([&](const model::Target& t) { return things_[at(t.component)].device && kind(t.component) != Kind::single; })) {
    if (!together([&](const model::Target& t) { return m[at(t.component)].staged == t.version; })) return {};
    for (const model::Target& t : step.targets) {
      Piece& piece = m[at(t.component)];
      piece.fallback = piece.active;
      piece.active = piece.staged;
      piece.staged = -1;
      piece.trial = true;
    }
    tick();
    for (const model::Target& t : step.targets) boots(things_[at(t.component)].version[at(t.version)], m[at(t.component)]);
    tick();
    return out;
  }

  if (step.targets.size() != 1) return {};
  const int i = step.targets[0].component;
  const auto v = static_cast<std::int8_t>(step.targets[0].version);
  const Thing& thing = things_[at(i)];
  const Version& version = thing.version[at(v)];
  const Bits bit = Bits{1} << v;
  Piece& piece = m[at(i)];
  const bool comes_from_here = piece.active < 0 || ((version.from >> piece.active) & 1) != 0;
  switch (step.act) {
    case Act::stage:
      if (!thing.device || thing.kind == Kind::single || piece.trial) return {};
      if (piece.active != v && !comes_from_here) return {};
      if (!version.on_board || version.counter < piece.counter) return {};
      piece.fallback = -1;  // the first sector is erased
      piece.staged = -1;
      tick();
      piece.staged = v;     // the last byte is written
      tick();
      return out;
    case Act::activate:
      if (thing.kind != Kind::single || !comes_from_here) return {};
      piece.active = in_pieces;
      tick();
      piece.active = v;
      tick();
      boots(version, piece);
      tick();
      return out;
    case Act::finalise:
      if (!thing.device || piece.active != v || piece.trial || piece.staged >= 0) return {};
      piece.fallback = -1;
      tick();
      piece.counter = std::max(piece.counter, version.counter);
      tick();
      if (version.writes) piece.epoch = *version.writes;
      tick();
      return out;
    case Act::publish:
      if (thing.kind != Kind::app || (piece.alive & bit) != 0) return {};
      piece.alive |= bit;
      tick();
      return out;
    case Act::retire:
      if (thing.kind != Kind::app || (piece.alive & bit) == 0 || piece.alive == bit) return {};
      piece.alive &= ~bit;
      tick();
      return out;
    case Act::roll:
      if (thing.kind != Kind::service || piece.alive == bit) return {};
      piece.alive |= bit;
      tick();
      piece.alive = bit;
      tick();
      return out;
    case Act::confirm: break;
  }
  return {};
}

bool World::survives(const Row& row, const model::Step& step) const {
  Owed owed;
  const model::Target& t = step.targets[0];
  if (step.act == Act::stage || (step.act == Act::activate && kind(t.component) == Kind::single)) {
    owed.component = t.component;
    owed.version = t.version;
  }
  return std::all_of(row.begin(), row.end(), [&](const Moment& m) { return survives(m, owed, 0); });
}

bool World::reached(const Moment& m, const model::Goal& goal) const {
  for (int i = 0; i < count_; ++i) {
    const model::Index wanted = goal.versions[at(i)];
    if (wanted == model::none) continue;
    const Piece& piece = m[at(i)];
    if (things_[at(i)].device ? piece.active != wanted || piece.trial : piece.alive != Bits{1} << wanted) return false;
  }
  return true;
}

std::vector<model::Step> World::steps(const Moment& m) const {
  std::vector<model::Step> out;
  std::vector<model::Target> staged, on_trial;
  for (int i = 0; i < count_; ++i) {
    const Thing& thing = things_[at(i)];
    const Piece& piece = m[at(i)];
    for (int v = 0; v < thing.versions; ++v) {
      switch (thing.kind) {
        case Kind::ab_trial:
        case Kind::ab_late: out.push_back({Act::stage, {{i, v}}}); break;
        case Kind::single: out.push_back({Act::activate, {{i, v}}}); break;
        case Kind::app:
          out.push_back({Act::publish, {{i, v}}});
          out.push_back({Act::retire, {{i, v}}});
          break;
        case Kind::service: out.push_back({Act::roll, {{i, v}}}); break;
      }
    }
    if (!thing.device) continue;
    if (piece.staged >= 0) staged.push_back({i, piece.staged});
    if (piece.trial) on_trial.push_back({i, piece.active});
    if (piece.active >= 0) out.push_back({Act::finalise, {{i, piece.active}}});
  }
  const auto every_choice = [&](Act act, const std::vector<model::Target>& of) {
    for (unsigned chosen = 1; chosen < 1u << of.size(); ++chosen) {
      model::Step step{act, {}};
      for (std::size_t n = 0; n < of.size(); ++n) {
        if (((chosen >> n) & 1) != 0) step.targets.push_back(of[n]);
      }
      out.push_back(std::move(step));
    }
  };
  every_choice(Act::activate, staged);
  every_choice(Act::confirm, on_trial);
  return out;
}

model::Cost World::cost(const model::Step& step) const {
  model::Cost cost;
  for (const model::Target& t : step.targets) {
    const Thing& thing = things_[at(t.component)];
    const std::uint64_t bytes = thing.version[at(t.version)].bytes;
    switch (step.act) {
      case Act::stage: cost.bytes += bytes; break;
      case Act::activate:
        cost.reboots += thing.reboots;
        if (thing.kind == Kind::single) cost.bytes += bytes;
        break;
      case Act::finalise: ++cost.irreversible; break;
      case Act::publish:
      case Act::roll: ++cost.publications; break;
      case Act::confirm:
      case Act::retire: break;
    }
  }
  return cost;
}

}  // namespace lockstep::oracle
