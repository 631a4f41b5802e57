#include "manifests/model/problem.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "manifests/model/passage.hpp"
#include "manifests/model/unknowns.hpp"

namespace lockstep::model {
namespace {

// Everything that is wrong, as one error of the first kind.
class Objections {
 public:
  void add(ErrorKind kind, std::string what, std::string_view remedy) {
    if (lines_.empty()) kind_ = kind;
    if (!remedy.empty()) what += "; " + std::string(remedy);
    lines_.push_back(std::move(what));
  }
  bool any() const { return !lines_.empty(); }
  Fail<Error> take() const { return fail(kind_, fmt::format("{}", fmt::join(lines_, "\n"))); }

 private:
  ErrorKind kind_ = ErrorKind::invalid;
  std::vector<std::string> lines_;
};

// The digest decides, where it is known: a version can lie.
Index by_hash(const Component& component, const resolve::Installed& installed) {
  if (!installed.image_hash) return none;
  const auto found = std::find_if(component.versions.begin(), component.versions.end(),
                                  [&](const Record& r) { return r.image_hash == installed.image_hash; });
  return found == component.versions.end() ? none : static_cast<Index>(found - component.versions.begin());
}

class Maker {
 public:
  // `target`: null for no goal.
  Maker(const Catalogue& catalogue, const Report& report, const release::Release* target, Scope scope)
      : catalogue_(catalogue), report_(report), target_(target), scope_(scope) {
    problem_.catalogue = &catalogue;
    problem_.start.parts.resize(catalogue.components.size());
    problem_.goal.versions.resize(catalogue.components.size(), none);
  }

  Outcome<Problem> run() {
    read_board();
    for (std::size_t i = 0; i < catalogue_.components.size(); ++i) read_component(i);
    check_all_seen();
    for (const resolve::SoftwareInUse& use : report_.in_use) read_use(use);
    if (target_ != nullptr) set_goal(*target_);
    if (objections_.any()) return objections_.take();

    const Unknowns unknowns(catalogue_, report_, problem_.start, who());
    problem_.bans = unknowns.bans();
    if (target_ != nullptr) ban_for_board(*target_);
    for (std::string& what : unknowns.missing()) {
      objections_.add(ErrorKind::invalid, std::move(what), "say which version of it is there");
    }
    if (objections_.any()) return objections_.take();
    return std::move(problem_);
  }

 private:
  std::string who() const { return report_.device.name.empty() ? "the device" : report_.device.name; }
  Part& part(std::size_t i) { return problem_.start.parts[i]; }

  const resolve::Installed* installed(std::string_view component) const {
    const auto& all = report_.device.components;
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& i) { return i.component == component; });
    return found == all.end() ? nullptr : &*found;
  }
  const Slots* slots(std::string_view component) const {
    const auto found = std::find_if(report_.slots.begin(), report_.slots.end(),
                                    [&](const Slots& s) { return s.component == component; });
    return found == report_.slots.end() ? nullptr : &*found;
  }

  void read_board() {
    const resolve::DeviceState& d = report_.device;
    if (d.board.empty()) {
      objections_.add(ErrorKind::invalid, fmt::format("the board of {} is not known", who()), "say which one it is");
      return;
    }
    problem_.board.board = d.board;
    const auto revision = version::parse_revision(d.revision);
    if (!revision) {
      objections_.add(ErrorKind::invalid,
                      d.revision.empty() ? fmt::format("the revision of {}'s board is not known", who())
                                         : fmt::format("the revision {} of {}'s board cannot be compared", d.revision, who()),
                      "say it in numbers such as 2 or 2.1");
      return;
    }
    problem_.board.revision = *revision;
  }

  void read_component(std::size_t i) {
    const Component& c = catalogue_.components[i];
    Part& p = part(i);
    if (!on_device(c.kind)) return;
    p.active = none;
    const Slots* s = slots(c.name);
    const resolve::Installed* has = installed(c.name);
    if (s != nullptr && s->torn) {
      if (c.kind != Kind::single || has != nullptr) {
        objections_.add(ErrorKind::conflict, fmt::format("{} of {} is reported as torn, but {}", c.name, who(),
                                                         has != nullptr ? "with a version, too" : "it has two slots"), "");
      }
      p.active = torn;
      p.epoch = Unknowns::epoch(c, torn, s->epoch);
    }
    if (has == nullptr) return;
    read_active(c, *has, p);
    p.counter = has->security_counter.value_or(0);
    if (s != nullptr) {
      read_slots(c, *s, p);
    } else if (c.kind == Kind::ab_late) {
      objections_.add(ErrorKind::invalid,
                      fmt::format("the other slot of {} on {} is not known, and it may start at any time", c.name, who()),
                      fmt::format("report what is in it, or that nothing is (--fallback {}=none)", c.name));
    }
    p.epoch = Unknowns::epoch(c, p.active, s == nullptr ? std::nullopt : s->epoch);
  }

  void read_active(const Component& c, const resolve::Installed& has, Part& p) {
    p.active = by_hash(c, has);
    if (p.active != none) return;
    p.active = version_of(c, has.version);
    if (p.active == none || !has.image_hash) return;
    const Record& r = c.versions[static_cast<std::size_t>(p.active)];
    if (!r.image_hash) return;
    objections_.add(ErrorKind::conflict,
                    fmt::format("{} runs {} {} with the image hash {}, but that version has {} ({})", who(), c.name,
                                r.version.text(), has.image_hash->hex(), r.image_hash->hex(), r.at.text()),
                    "two builds need two versions: bring it to a described one by hand");
  }

  void read_slots(const Component& c, const Slots& s, Part& p) {
    if (!has_two_slots(c.kind)) {
      if (s.trial || s.fallback || s.staged) {
        objections_.add(ErrorKind::conflict,
                        fmt::format("{} of {} has one slot, but another or a trial is reported", c.name, who()),
                        c.declared ? "" : "say its kind in a release");
      }
      return;
    }
    p.trial = s.trial;
    if (s.staged) p.staged = version_of(c, *s.staged);
    // An ab_trial bootloader does not go back to what is in the other slot once the active image is confirmed.
    if (s.fallback && (s.trial || c.kind == Kind::ab_late)) p.fallback = version_of(c, *s.fallback);
    if (s.trial && !s.fallback) {
      objections_.add(ErrorKind::conflict,
                      fmt::format("{} on {} is on trial, but what it would go back to is not known", c.name, who()),
                      "report the other slot, or confirm it first");
    }
    if (p.fallback != none && p.staged != none) {
      objections_.add(ErrorKind::conflict,
                      fmt::format("{} on {} has two slots, but a third image is reported as staged", c.name, who()), "");
    }
  }

  Index version_of(const Component& c, const version::Version& version) {
    const Index found = c.find(version);
    if (found == none) unseen(c.label() + ' ' + version.text());
    return found;
  }

  void unseen(const std::string& what) {
    objections_.add(ErrorKind::invalid, fmt::format("{} of {} is not in the catalogue", what, who()),
                    "add the report to it, or make it with a release that describes this");
  }

  void check_all_seen() {
    const auto check = [&](const std::string& name) {
      const Index i = catalogue_.find(name);
      if (i == none || !on_device(catalogue_.components[static_cast<std::size_t>(i)].kind)) unseen(name);
    };
    for (const resolve::Installed& i : report_.device.components) check(i.component);
    for (const Slots& s : report_.slots) {
      if (s.torn || installed(s.component) != nullptr) {
        check(s.component);
      } else {
        objections_.add(ErrorKind::invalid, fmt::format("something is said about the slots of {} on {}, but not what it runs", s.component, who()),
                        "name its version, too, or correct the name");
      }
    }
  }

  void read_use(const resolve::SoftwareInUse& use) {
    const std::vector<Index> places = software_components(catalogue_, use.component, use.platform, use.version);
    if (places.empty()) return unseen(use.component);
    for (const Index i : places) {
      const Index v = version_of(catalogue_.components[static_cast<std::size_t>(i)], use.version);
      std::vector<Index>& alive = part(static_cast<std::size_t>(i)).alive;
      const auto place = std::lower_bound(alive.begin(), alive.end(), v);
      if (v != none && (place == alive.end() || *place != v)) alive.insert(place, v);
    }
    if (std::find(report_.unused.begin(), report_.unused.end(), use.component) != report_.unused.end()) {
      objections_.add(ErrorKind::conflict, fmt::format("{} is reported as not used with {} and as used", use.component, who()), "");
    }
  }

  void set_goal(const release::Release& target) {
    for (const release::Firmware& f : target.firmware) {
      const Index i = aim(target, f.component, f.component, f.version, f.line);
      if (i == none || installed(f.component) != nullptr || part(static_cast<std::size_t>(i)).active == torn) continue;
      objections_.add(ErrorKind::refused,
                      fmt::format("{} brings {} {} ({}), but {} has no {}", target.name(), f.component, f.version.text(),
                                  target.at(f.line), who(), f.component),
                      "ok on a device that reports this component");
    }
    if (scope_ == Scope::device) return;
    for (const release::Software& s : target.software) {
      aim(target, s.platform.empty() ? s.component : s.component + '@' + s.platform, s.component, s.version, s.line);
    }
  }

  // A version that the target brings may run on this board because another release says so. Then it is banned, and a device
  // that has it already is not where the target leads.
  void ban_for_board(const release::Release& target) {
    if (fits(target.hardware, problem_.board)) return;
    std::string boards;
    for (const release::Hardware& h : target.hardware) {
      const std::string revisions = h.revisions.text();
      boards += (boards.empty() ? "" : " or ") + h.board + (revisions == "*" ? "" : ' ' + revisions);
    }
    const int line = target.hardware.empty() ? 0 : target.hardware.front().line;
    const std::string why = fmt::format("{} is for {} ({}), but {} is {} {}", target.name(), boards, target.at(line), who(),
                                        problem_.board.board, report_.device.revision);
    bool there = true;
    for (const release::Firmware& f : target.firmware) {
      const Index i = catalogue_.find(f.component);
      const Index v = problem_.goal.versions[static_cast<std::size_t>(i)];
      there = there && part(static_cast<std::size_t>(i)).active == v;
      if (runs_on(catalogue_.record(i, v), problem_.board)) problem_.bans.push_back({i, v, why});
    }
    if (there) objections_.add(ErrorKind::refused, why, "give it a release for its board");
  }

  // The component, or none when the catalogue does not have what the target brings.
  Index aim(const release::Release& target, const std::string& label, const std::string& name, const version::Version& version,
            int line) {
    const Index i = catalogue_.find(label);
    const Index v = i == none ? none : catalogue_.components[static_cast<std::size_t>(i)].find(version);
    if (v == none || catalogue_.record(i, v).bare) {
      objections_.add(ErrorKind::invalid, fmt::format("{} {} ({}) is not in the catalogue", name, version.text(),
                                                      target.at(line)), "make it with this release, too");
      return none;
    }
    Index& goal = problem_.goal.versions[static_cast<std::size_t>(i)];
    goal = std::max(goal, v);  // of several versions of a software the newest
    return i;
  }

  const Catalogue& catalogue_;
  const Report& report_;
  const release::Release* target_;
  Scope scope_;
  Problem problem_;
  Objections objections_;
};

}  // namespace

Outcome<> add_reported(Catalogue& catalogue, const Report& report) {
  Objections objections;
  const auto note = [&](const Outcome<>& added) {
    if (!added) objections.add(added.error().kind, added.error().what, added.error().next);
  };
  // A board that is not known fits nowhere; make_problem says so.
  Sighting seen{.board = report.device.board};
  if (auto revision = version::parse_revision(report.device.revision)) seen.revision = *std::move(revision);
  for (const Slots& s : report.slots) {
    for (const auto& version : {s.fallback, s.staged}) {
      if (version) note(add_installed(catalogue, s.component, *version, seen));
    }
  }
  for (const resolve::Installed& i : report.device.components) {
    const Index known = catalogue.find(i.component);
    if (known != none && by_hash(catalogue.components[static_cast<std::size_t>(known)], i) != none) continue;
    seen.counter = i.security_counter.value_or(0);
    note(add_installed(catalogue, i.component, i.version, seen));
  }
  for (const resolve::SoftwareInUse& use : report.in_use) {
    note(add_in_use(catalogue, use.component, use.platform, use.version));
  }
  if (objections.any()) return objections.take();
  return {};
}

Outcome<Problem> make_problem(const Catalogue& catalogue, const Report& report, const release::Release& target, Scope scope) {
  return Maker(catalogue, report, &target, scope).run();
}

Outcome<Problem> make_problem(const Catalogue& catalogue, const Report& report) {
  return Maker(catalogue, report, nullptr, Scope::device).run();
}

}  // namespace lockstep::model
