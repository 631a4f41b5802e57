#include <fmt/format.h>

#include <algorithm>

#include "manifests/plan_file/cost.hpp"
#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::plan_file {
namespace {

Fail<Error> wrong(std::string_view path, std::string what) {
  return fail(ErrorKind::invalid, std::string(path) + ": " + std::move(what));
}
std::string item(std::string_view path, std::size_t index) { return fmt::format("{}[{}]", path, index); }

Outcome<> check_sources(const Document& d, std::span<const release::Release> releases) {
  for (std::size_t i = 0; i < d.releases.size(); ++i) {
    const Source& s = d.releases[i];
    const auto found = std::find_if(releases.begin(), releases.end(),
                                    [&](const auto& r) { return r.version.text() == s.version; });
    if (found == releases.end()) {
      return fail(ErrorKind::not_found, fmt::format("{}: the plan was made from {} {}, which is missing here",
                                                    item("$.releases", i), d.product, s.version),
                  "give the manifest with sha256 " + s.sha256.short_hex() + "…");
    }
    if (found->sha256 != s.sha256) {
      return fail(ErrorKind::conflict, fmt::format("{}: the plan was made from {} {} with sha256 {}, but {} has {}",
                                                   item("$.releases", i), d.product, s.version, s.sha256.short_hex(),
                                                   found->file, found->sha256.short_hex()),
                  "give the manifest that the plan was made from, or make a new plan");
    }
  }
  return {};
}

// The goal is what the release that is named brings; a plan to nothing in particular would be good without a step.
Outcome<> check_goal(const Document& d, std::span<const release::Release> releases) {
  if (d.target == newest_target) {
    const bool says_nothing = std::all_of(d.goal.begin(), d.goal.end(), [](const std::string& wanted) { return wanted.empty(); });
    return says_nothing ? wrong("$.goal", "it names no version") : Outcome<>();
  }
  const auto release = std::find_if(releases.begin(), releases.end(), [&](const auto& r) { return r.version.text() == d.target; });
  if (release == releases.end()) return wrong("$.target", fmt::format("{} {} is none of the releases given", d.product, d.target));
  for (const release::Firmware& brought : release->firmware) {
    for (std::size_t i = 0; i < d.goal.size(); ++i) {
      if (d.components[i].label != brought.component) continue;
      const auto wanted = version::parse(d.goal[i]);
      if (wanted && *wanted == brought.version) continue;
      return wrong("$.goal." + brought.component, fmt::format("{} {} brings {} {}, and the plan ends with {}", d.product, d.target, brought.component,
                                                              brought.version.text(), d.goal[i].empty() ? "whatever is there" : d.goal[i]));
    }
  }
  return {};
}

class Binder {
 public:
  Binder(const Document& d, model::Catalogue catalogue) : d_(d) { out_.catalogue = std::move(catalogue); }

  Outcome<Certificate> run() {
    if (d_.product != out_.catalogue.product) {
      return wrong("$.product", fmt::format("the plan is for {}, the releases are of {}", d_.product,
                                            out_.catalogue.product));
    }
    const auto revision = version::parse(d_.revision);
    if (!revision) return wrong("$.revision", revision.error().what);
    out_.plan.board = {d_.board, *revision};
    LOCKSTEP_CHECK(add_bare());
    LOCKSTEP_CHECK(match_components());
    LOCKSTEP_TRY(start, state("$.start", d_.start));
    out_.plan.start = std::move(start);
    LOCKSTEP_CHECK(read_goal());
    for (std::size_t i = 0; i < d_.steps.size(); ++i) LOCKSTEP_CHECK(read_step(item("$.steps", i), d_.steps[i]));
    if (total_ != d_.cost) return wrong("$.cost", "it is not the sum of what the steps cost");
    return std::move(out_);
  }

 private:
  // What was on the device and in use, as the report of the device brought it into the planner's catalogue.
  Outcome<> add_bare() {
    model::Catalogue& catalogue = out_.catalogue;
    for (std::size_t i = 0; i < d_.components.size(); ++i) {
      const std::string& label = d_.components[i].label;
      const Part& p = d_.start[i];
      const std::string place = "$.start." + label;
      for (const std::string* text : {&p.active, &p.fallback, &p.staged}) {
        if (text->empty()) continue;
        LOCKSTEP_TRY(version, version::parse(*text));
        const model::Sighting seen{out_.plan.board.board, out_.plan.board.revision, text == &p.active ? p.counter : 0};
        const auto added = add_installed(catalogue, label, version, seen);
        if (!added) return Fail(added.error().in(place));
      }
      const std::size_t sign = label.find('@');
      for (const std::string& text : p.in_use) {
        LOCKSTEP_TRY(version, version::parse(text));
        const auto added = add_in_use(catalogue, label.substr(0, sign),
                                      sign == label.npos ? "" : label.substr(sign + 1), version);
        if (!added) return Fail(added.error().in(place));
      }
    }
    return {};
  }

  Outcome<> match_components() {
    for (std::size_t i = 0; i < d_.components.size(); ++i) {
      const Component& c = d_.components[i];
      const model::Index known = out_.catalogue.find(c.label);
      const std::string place = item("$.components", i);
      if (known == model::none) return wrong(place, "no release knows " + c.label);
      if (out_.catalogue.components[static_cast<std::size_t>(known)].kind != c.kind) {
        return wrong(place, fmt::format("{} is {} in the plan and {} in the releases", c.label, release::text(c.kind),
                                        release::text(out_.catalogue.components[static_cast<std::size_t>(known)].kind)));
      }
      index_.push_back(known);
    }
    for (const model::Component& c : out_.catalogue.components) {
      const auto same = [&](const Component& mine) { return mine.label == c.label(); };
      if (std::none_of(d_.components.begin(), d_.components.end(), same)) {
        return wrong("$.components", "the releases have " + c.label() +
                                         ", about which the plan says nothing; make a new plan");
      }
    }
    return {};
  }

  const model::Component& component(std::size_t i) const {
    return out_.catalogue.components[static_cast<std::size_t>(index_[i])];
  }

  Outcome<model::Index> version(std::string_view path, std::size_t i, const std::string& text) const {
    if (text.empty()) return model::none;
    LOCKSTEP_TRY(version, version::parse(text));
    const model::Index found = component(i).find(version);
    if (found == model::none) return wrong(path, fmt::format("no release has {} {}", component(i).label(), text));
    return found;
  }

  Outcome<model::State> state(std::string_view path, const State& from) const {
    model::State out;
    out.parts.resize(out_.catalogue.components.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      const Part& p = from[i];
      const std::string place = fmt::format("{}.{}", path, d_.components[i].label);
      model::Part& part = out.parts[static_cast<std::size_t>(index_[i])];
      if (on_device(component(i).kind)) {
        LOCKSTEP_TRY(active, version(place, i, p.active));
        LOCKSTEP_TRY(fallback, version(place, i, p.fallback));
        LOCKSTEP_TRY(staged, version(place, i, p.staged));
        part = {.active = p.torn ? model::torn : active, .fallback = fallback, .staged = staged, .trial = p.trial,
                .counter = p.counter, .epoch = p.epoch, .alive = {}};
        continue;
      }
      for (const std::string& text : p.in_use) {
        LOCKSTEP_TRY(alive, version(place, i, text));
        part.alive.push_back(alive);
      }
    }
    return out;
  }

  Outcome<> read_goal() {
    out_.plan.goal.versions.resize(out_.catalogue.components.size(), model::none);
    for (std::size_t i = 0; i < d_.goal.size(); ++i) {
      LOCKSTEP_TRY(wanted, version("$.goal", i, d_.goal[i]));
      out_.plan.goal.versions[static_cast<std::size_t>(index_[i])] = wanted;
    }
    return {};
  }

  Outcome<> read_step(const std::string& path, const Step& from) {
    model::Step step{.act = from.act, .targets = {}};
    for (std::size_t t = 0; t < from.targets.size(); ++t) {
      const std::string place = item(path + ".targets", t);
      LOCKSTEP_TRY(wanted, version(place, from.targets[t].component, from.targets[t].version));
      const model::Kind kind = component(from.targets[t].component).kind;
      if (brings(from.act, kind) && component(from.targets[t].component).versions[static_cast<std::size_t>(wanted)].bare) {
        return wrong(place, fmt::format("a step brings {} {}, which no release describes",
                                        component(from.targets[t].component).label(), from.targets[t].version));
      }
      step.targets.push_back({index_[from.targets[t].component], wanted});
    }
    const model::Cost cost = cost_of(out_.catalogue, step);
    if (cost.reboots != from.reboots || cost.bytes != from.bytes) {
      return wrong(path, fmt::format("it costs {} reboots and {} bytes, not {} and {}", cost.reboots,
                                     cost.bytes, from.reboots, from.bytes));
    }
    add(total_, cost);
    LOCKSTEP_TRY(after, state(path + ".after", from.after));
    out_.plan.steps.push_back(std::move(step));
    out_.plan.after.push_back(std::move(after));
    return {};
  }

  // Steps after which a version is somewhere where it was not. Activating what was staged at the start is none of them.
  static bool brings(model::Act act, model::Kind kind) {
    if (act == model::Act::activate) return kind == model::Kind::single;
    return act == model::Act::stage || act == model::Act::publish || act == model::Act::roll;
  }

  const Document& d_;
  Certificate out_;
  std::vector<model::Index> index_;  // of the document's components in the catalogue
  model::Cost total_;
};

}  // namespace

Outcome<Certificate> read(const Document& document, std::span<const release::Release> releases) {
  LOCKSTEP_CHECK(check_sources(document, releases));
  LOCKSTEP_TRY(catalogue, model::make_catalogue(releases));
  LOCKSTEP_TRY(certificate, Binder(document, std::move(catalogue)).run());
  LOCKSTEP_CHECK(check_goal(document, releases));
  return certificate;
}

}  // namespace lockstep::plan_file
