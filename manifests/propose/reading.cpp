#include "manifests/propose/reading.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "manifests/explain/lines.hpp"
#include "manifests/propose/obstacles.hpp"

namespace lockstep::propose {
namespace {

using model::Index;
using model::none;

constexpr std::uint64_t most_nodes = 300'000;  // of the search for a set

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

}  // namespace

Outcome<> Reading::run() {
  wish_ = {.catalogue = &catalogue_, .board = problem_.board, .now = {}};
  wish_.nodes = most_nodes;
  for (std::size_t i = 0; i < size(); ++i) wish_.now.push_back(now(i));
  LOCKSTEP_CHECK(read_pins());
  LOCKSTEP_CHECK(read_holds());
  for (std::size_t i = 0; i < size(); ++i) LOCKSTEP_CHECK(must_leave_something(i));
  LOCKSTEP_CHECK(read_order());
  ban_what_the_report_rules_out();
  for (std::size_t i = 0; i < size(); ++i) {
    if (is_there(i) && !is_software(i)) ban_too_old(i);
    if (is_there(i)) ban_prereleases(i);
  }
  if (said_.tested) read_tested();
  for (std::size_t i = 0; i < size(); ++i) {
    if (!is_software(i) || scope_ == model::Scope::everything) continue;
    if (!is_spoken_of(i)) loose_.push_back(static_cast<Index>(i));
    wish_.stay.push_back(static_cast<Index>(i));
  }
  return {};
}

bool Reading::has_goal(std::size_t i) const {
  return is_there(i) && std::find(loose_.begin(), loose_.end(), static_cast<Index>(i)) == loose_.end();
}

Index Reading::now(std::size_t i) const {
  const model::Part& p = problem_.start.parts[i];
  if (!is_software(i)) return p.active;
  return p.alive.empty() ? none : p.alive.back();
}

bool Reading::is_spoken_of(std::size_t i) const {
  const auto same = [&](const auto& said) { return at(said.component) == i; };
  return std::any_of(wish_.pins.begin(), wish_.pins.end(), same) || std::any_of(wish_.holds.begin(), wish_.holds.end(), same);
}

Outcome<std::vector<Index>> Reading::components(const std::string& name, const std::string& cited) const {
  std::vector<Index> known, there;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < size(); ++i) {
    labels.push_back(label(i));
    if (label(i) == name || catalogue_.components[i].name == name) known.push_back(static_cast<Index>(i));
  }
  if (known.empty()) {
    const auto meant = closest(name, labels);
    return fail(ErrorKind::not_found, fmt::format("{}: there is no component {}", cited, in_quotes(name)),
                meant ? fmt::format("did you mean {}?", *meant) : "there are " + explain::listed(labels));
  }
  std::copy_if(known.begin(), known.end(), std::back_inserter(there), [&](Index i) { return is_there(at(i)); });
  if (!there.empty()) return there;
  if (is_software(at(known[0]))) {
    return fail(ErrorKind::invalid, fmt::format("{}: no version of {} is known to be in use with {}", cited, name, who_),
                "say which is, or leave this out");
  }
  return fail(ErrorKind::invalid, fmt::format("{}: {} has no {}", cited, who_, name),
              "say which version of it is there, or leave this out");
}

Outcome<> Reading::read_pins() {
  for (const Word& word : said_.pins) {
    const std::string name = "pin " + word.text();
    LOCKSTEP_TRY(all, components(word.component, name));
    for (const Index i : all) wish_.pins.push_back({i, word.range.value_or(version::Range()), name});
  }
  return {};
}

Outcome<> Reading::read_holds() {
  for (const Word& word : said_.holds) {
    const std::string name = "hold " + word.text();
    LOCKSTEP_TRY(all, components(word.component, name));
    for (const Index i : all) {
      if (!word.range) LOCKSTEP_CHECK(must_be_one(at(i), name));
      wish_.holds.push_back({i, word.range, name});
      for (Index v = 0; v < std::ssize(versions(at(i))); ++v) {
        const bool held = word.range ? word.range->contains(versions(at(i))[at(v)].version) : v != wish_.now[at(i)];
        if (held) bans_.push_back({i, v, name});
      }
    }
  }
  return {};
}

// Several versions of software cannot all stay in a set of one version each.
Outcome<> Reading::must_be_one(std::size_t i, const std::string& name) const {
  if (!is_software(i) || problem_.start.parts[i].alive.size() == 1) return {};
  return fail(ErrorKind::invalid, fmt::format("{}: several versions of {} are in use with {}", name, label(i), who_),
              fmt::format("pin the one that shall stay, as in {}={}", label(i), versions(i)[at(wish_.now[i])].version.text()));
}

// Pins and holds of one component, before anything else is asked: what leaves nothing by itself is a slip of the pen.
Outcome<> Reading::must_leave_something(std::size_t i) const {
  std::vector<std::string> cited, known;
  std::vector<Index> left;
  for (Index v = 0; v < std::ssize(versions(i)); ++v) {
    if (versions(i)[at(v)].bare && v != wish_.now[i]) continue;
    known.push_back(versions(i)[at(v)].version.text());
    left.push_back(v);
  }
  const std::vector<Index> all = left;
  const auto version_of = [&](Index v) -> const version::Version& { return versions(i)[at(v)].version; };
  for (const choose::Pin& pin : wish_.pins) {
    if (at(pin.component) != i) continue;
    const auto outside = [&](Index v) { return !pin.range.contains(version_of(v)); };
    if (std::all_of(all.begin(), all.end(), outside)) {
      return fail(ErrorKind::invalid, fmt::format("{} fits no version of {}", pin.name, label(i)),
                  known.empty() ? "give the release that brings one" : "there are " + explain::listed(known));
    }
    std::erase_if(left, outside);
    cited.push_back(pin.name);
  }
  if (cited.empty()) return {};
  for (const choose::Hold& hold : wish_.holds) {
    if (at(hold.component) != i) continue;
    const auto held = [&](Index v) { return hold.range ? hold.range->contains(version_of(v)) : v != wish_.now[i]; };
    if (std::erase_if(left, held) != 0) cited.push_back(hold.name);
  }
  if (!left.empty()) return {};
  return fail(ErrorKind::invalid,
              fmt::format("{} contradict each other: together they leave no version of {}", explain::listed(cited), label(i)),
              "take one of them away, or change its range; there are " + explain::listed(known));
}

Outcome<> Reading::read_order() {
  std::vector<Index> first;
  for (const std::string& name : said_.first) {
    LOCKSTEP_TRY(all, components(name, "first " + name));
    first.insert(first.end(), all.begin(), all.end());
  }
  for (const bool software : {false, true}) {
    const auto is_of_these = [&](Index i) { return is_software(at(i)) == software; };
    std::copy_if(first.begin(), first.end(), std::back_inserter(wish_.order), is_of_these);
    for (std::size_t i = 0; i < size(); ++i) {
      if (is_there(i) && is_software(i) == software) wish_.order.push_back(static_cast<Index>(i));
    }
  }
  return {};
}

void Reading::ban_what_the_report_rules_out() {
  for (const model::Ban& ban : problem_.bans) {
    if (catalogue_.record(ban.component, ban.version).bare) continue;
    wish_.bans.push_back({ban.component, ban.version, ban_text(catalogue_, ban)});
  }
}

void Reading::ban_too_old(std::size_t i) {
  const model::Part& p = problem_.start.parts[i];
  for (Index v = 0; v < std::ssize(versions(i)); ++v) {
    const model::Record& r = versions(i)[at(v)];
    if (r.bare || v == p.active || r.security_counter >= p.counter) continue;
    wish_.bans.push_back({static_cast<Index>(i), v,
                          fmt::format("{} does not start on {} any more: its security counter is {}, the device's {} ({})",
                                      catalogue_.name(static_cast<Index>(i), v), who_, r.security_counter, p.counter, r.at.text())});
  }
}

// Nobody gets an unfinished version by accident.
void Reading::ban_prereleases(std::size_t i) {
  for (Index v = 0; v < std::ssize(versions(i)); ++v) {
    const model::Record& r = versions(i)[at(v)];
    const auto admits = [&](const choose::Pin& pin) { return at(pin.component) == i && pin.range.contains(r.version); };
    if (r.bare || r.version.prerelease.empty() || v == wish_.now[i]) continue;
    if (std::any_of(wish_.pins.begin(), wish_.pins.end(), admits)) continue;
    const std::string why = catalogue_.name(static_cast<Index>(i), v) + " is a prerelease, and no pin asks for it";
    wish_.bans.push_back({static_cast<Index>(i), v, why});
    bans_.push_back({static_cast<Index>(i), v, why});
  }
}

// Evidence is about what is written to a device.
void Reading::read_tested() {
  wish_.tested = [this](Index component, Index version) {
    const model::Component& c = catalogue_.components[at(component)];
    return !model::on_device(c.kind) || std::any_of(said_.tested->begin(), said_.tested->end(), [&](const Tested& t) {
      return t.component == c.name && t.version == c.versions[at(version)].version;
    });
  };
  for (std::size_t i = 0; i < size(); ++i) {
    for (Index v = 0; v < std::ssize(versions(i)) && is_there(i); ++v) {
      if (v == wish_.now[i] || versions(i)[at(v)].bare || wish_.tested(static_cast<Index>(i), v)) continue;
      bans_.push_back({static_cast<Index>(i), v, "only tested versions are asked for, and there is no evidence for this one"});
    }
  }
}

}  // namespace lockstep::propose
