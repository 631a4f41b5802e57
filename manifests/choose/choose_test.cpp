#include "manifests/choose/choose.hpp"

#include "manifests/oracle/instance.hpp"
#include "manifests/oracle/random.hpp"
#include "manifests/plan/sample.hpp"

namespace lockstep::choose {
namespace {

using model::Index;
using model::Kind;
using model::none;
using plan::sample::Lab;
using plan::sample::range;
using Verdict = Choice::Verdict;

Lab thermostat() {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0 3.0.0").component("mobile-app", Kind::app, "4.0.0 5.0.0").component("radio", Kind::single, "1.0.0 2.0.0");
  lab.needs("app 3.0.0", "radio", ">=2.0.0").needs("radio 2.0.0", "mobile-app", ">=5.0.0").needs("app 1.0.0", "radio", "<2.0.0");
  lab.record("app 3.0.0").needs[0].at = {"three.xml", 7};
  lab.record("radio 2.0.0").needs[0].at = {"two.xml", 9};
  return lab;
}
Wish wish(Lab& lab) { return {.catalogue = &lab.catalogue(), .board = lab.problem().board, .now = {0, 0, 0}}; }

std::string set_text(Lab& lab, const Choice& choice) {
  std::string out;
  for (std::size_t i = 0; i < choice.versions.size(); ++i) out += (i == 0 ? "" : ", ") + lab.catalogue().name(static_cast<Index>(i), choice.versions[i]);
  return out;
}

TEST_CASE("without wishes the newest of everything that goes together is chosen, the first component weighing most") {
  Lab lab = thermostat();
  CHECK(set_text(lab, *choose(wish(lab))) == "app 3.0.0, mobile-app 5.0.0, radio 2.0.0");
  Wish w = wish(lab);
  w.pins.push_back({1, range("4.0.0"), "pin mobile-app=4.0.0"});
  CHECK(set_text(lab, *choose(w)) == "app 2.0.0, mobile-app 4.0.0, radio 1.0.0");
  lab.needs("app 2.0.0", "mobile-app", ">=5.0.0").needs("app 3.0.0", "mobile-app", "<5.0.0");
  CHECK(set_text(lab, *choose(wish(lab))) == "app 2.0.0, mobile-app 5.0.0, radio 2.0.0");
  w = wish(lab);
  w.order = {2, 1};
  w.holds.push_back({2, range(">=2.0.0"), "hold radio=>=2.0.0 by QA until 2026-12-01: battery drain"});
  CHECK(set_text(lab, *choose(w)) == "app 2.0.0, mobile-app 5.0.0, radio 1.0.0");
}

TEST_CASE("a hold without a range keeps what is there") {
  Lab lab = thermostat();
  Wish w = wish(lab);
  w.holds.push_back({0, std::nullopt, "hold app"});
  CHECK(set_text(lab, *choose(w)) == "app 1.0.0, mobile-app 5.0.0, radio 1.0.0");
}

TEST_CASE("only tested versions count when that is asked, and when none is left the derivation names lines, pins and holds") {
  Lab lab = thermostat();
  Wish w = wish(lab);
  w.tested = [](Index component, Index version) { return component != 0 || version != 2; };
  CHECK(set_text(lab, *choose(w)) == "app 2.0.0, mobile-app 5.0.0, radio 2.0.0");
  w.tested = {};
  w.pins.push_back({0, range(">=3.0.0"), "pin app=>=3.0.0"});
  w.holds.push_back({1, range(">=5.0.0"), "hold mobile-app=>=5.0.0 by support: slow on old phones"});
  const Choice choice = *choose(w);
  CHECK(choice.verdict == Verdict::none);
  std::string all;
  for (const std::string& line : derivation(choice)) all += line + '\n';
  CHECK(all == " 1. app 3.0.0 requires radio >=2.0.0 (three.xml:7)\n"
               " 2. radio 2.0.0 requires mobile-app >=5.0.0 (two.xml:9)\n"
               " 3. pin app=>=3.0.0\n"
               " 4. hold mobile-app=>=5.0.0 by support: slow on old phones\n"
               " 5. Together these leave no set; take any one away, and the others leave one.\n");
}

TEST_CASE("what is there may stay without evidence, and the derivation says that it is only there") {
  Lab lab = thermostat();
  Wish w = wish(lab);
  w.tested = [](Index component, Index) { return component == 1; };
  CHECK(set_text(lab, *choose(w)) == "app 1.0.0, mobile-app 5.0.0, radio 1.0.0");
  w.pins.push_back({0, range(">=2.0.0"), "pin app=>=2.0.0"});
  CHECK(derivation(*choose(w)) == std::vector<std::string>{
                                      " 1. only tested versions: app has 1.0.0 (it is there)", " 2. pin app=>=2.0.0",
                                      " 3. Together these leave no set; take any one away, and the others leave one."});
}

TEST_CASE("a banned version is not chosen, and the ban is cited with its own sentence") {
  Lab lab = thermostat();
  Wish w = wish(lab);
  w.bans.push_back({0, 2, "app 3.0.0 does not start on node-7 (three.xml:4)"});
  CHECK(set_text(lab, *choose(w)) == "app 2.0.0, mobile-app 5.0.0, radio 2.0.0");
  w.pins.push_back({0, range(">=3.0.0"), "pin app=>=3.0.0"});
  CHECK(choose(w)->causes == std::vector<std::string>{"pin app=>=3.0.0", "app 3.0.0 does not start on node-7 (three.xml:4)"});
}

TEST_CASE("what shall stay stays as long as the others do not need it newer") {
  Lab lab = thermostat();
  Wish w = wish(lab);
  w.stay = {1};
  CHECK(set_text(lab, *choose(w)) == "app 3.0.0, mobile-app 5.0.0, radio 2.0.0");
  w.holds.push_back({2, range("2.x"), "hold radio=2.x"});
  CHECK(set_text(lab, *choose(w)) == "app 2.0.0, mobile-app 4.0.0, radio 1.0.0");
}

TEST_CASE("sets with what cannot be reached are passed over, one after the other") {
  Lab lab = thermostat();
  Wish w = wish(lab);
  w.passed_over = {{{0, 2}, {2, 1}}};
  CHECK(set_text(lab, *choose(w)) == "app 2.0.0, mobile-app 5.0.0, radio 2.0.0");
  w.passed_over.push_back({{2, 1}});
  CHECK(set_text(lab, *choose(w)) == "app 2.0.0, mobile-app 5.0.0, radio 1.0.0");
  w.passed_over.push_back({});
  const Choice choice = *choose(w);
  CHECK(choice.verdict == Verdict::none);
  CHECK(choice.causes.empty());
}

TEST_CASE("software that nobody uses is asked nothing of") {
  Lab lab = thermostat();
  Wish w = wish(lab);
  w.now[1] = none;
  const Choice choice = *choose(w);
  REQUIRE(choice.verdict == Verdict::found);
  CHECK(choice.versions == std::vector<Index>{2, none, 1});
}

TEST_CASE("a wish that does not fit the catalogue is an error") {
  Lab lab = thermostat();
  Wish w = wish(lab);
  w.now = {0};
  CHECK(!choose(w));
  w = wish(lab);
  w.pins.push_back({9, range("*"), ""});
  CHECK(!choose(w));
}

// Every combination, looked at in the order of newness; `drop` names what is not asked for.
struct Brute {
  const Wish& wish;

  bool allowed(const std::vector<Index>& set, const std::vector<std::string>* only) const {
    const auto counts = [&](const std::string& name) { return only == nullptr || std::find(only->begin(), only->end(), name) != only->end(); };
    for (const model::Ban& b : wish.bans) {
      if (set[static_cast<std::size_t>(b.component)] == b.version && counts(b.reason)) return false;
    }
    for (const auto& part : wish.passed_over) {
      const auto is_in_set = [&](const model::Target& t) { return set[static_cast<std::size_t>(t.component)] == t.version; };
      if (std::all_of(part.begin(), part.end(), is_in_set)) return false;
    }
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (wish.now[i] == none) continue;
      const model::Component& c = wish.catalogue->components[i];
      const model::Record& r = c.versions[static_cast<std::size_t>(set[i])];
      const std::string name = wish.catalogue->name(static_cast<Index>(i), set[i]);
      if (model::on_device(c.kind)) {
        bool fits = false;
        for (const auto& h : r.hardware) fits = fits || (h.board == wish.board.board && h.revisions.contains(wish.board.revision));
        if (!fits && counts(name + " is not for " + wish.board.board + " revision " + wish.board.revision.text() + " (" + r.at.text() + ")")) return false;
      }
      for (const model::Need& need : r.needs) {
        if (need.when == model::When::during_flash) continue;
        const std::size_t j = static_cast<std::size_t>(need.component);
        const model::Component& other = wish.catalogue->components[j];
        if (wish.now[j] == none && !model::on_device(other.kind)) continue;
        const bool holds = wish.now[j] != none && need.range.contains(other.versions[static_cast<std::size_t>(set[j])].version);
        if (!holds && counts(name + " requires " + other.label() + ' ' + need.range.text() + " (" + need.at.text() + ")")) return false;
      }
      for (const Pin& p : wish.pins) {
        if (p.component == static_cast<Index>(i) && !p.range.contains(r.version) && counts(p.name)) return false;
      }
      for (const Hold& h : wish.holds) {
        if (h.component != static_cast<Index>(i)) continue;
        const bool bad = h.range ? h.range->contains(r.version) : set[i] != wish.now[i];
        if (bad && counts(h.name)) return false;
      }
      if (wish.tested && set[i] != wish.now[i] && !wish.tested(static_cast<Index>(i), set[i])) {
        const bool cited = only == nullptr || std::any_of(only->begin(), only->end(), [&](const std::string& line) {
          return line.starts_with("only tested versions: " + c.label() + " has ");
        });
        if (cited) return false;
      }
    }
    return true;
  }

  std::optional<std::vector<Index>> newest(const std::vector<std::string>* only = nullptr) const {
    std::vector<std::size_t> order;
    for (const Index i : wish.order) order.push_back(static_cast<std::size_t>(i));
    for (std::size_t i = 0; i < wish.now.size(); ++i) {
      if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
    }
    std::vector<Index> set(wish.now.size(), none);
    const auto go = [&](const auto& self, std::size_t n) -> bool {
      if (n == order.size()) return allowed(set, only);
      const std::size_t i = order[n];
      if (wish.now[i] == none) return self(self, n + 1);
      const bool stays = std::find(wish.stay.begin(), wish.stay.end(), static_cast<Index>(i)) != wish.stay.end();
      set[i] = wish.now[i];
      if (stays && self(self, n + 1)) return true;
      for (Index v = static_cast<Index>(wish.catalogue->components[i].versions.size()); v-- > 0;) {
        set[i] = v;
        if (self(self, n + 1)) return true;
      }
      return false;
    };
    if (!go(go, 0)) return std::nullopt;
    return set;
  }
};

TEST_CASE("2,500 random wishes: the same newest set as by trying all, and each derivation is true and smallest") {
  int found = 0, refused = 0;
  std::size_t longest = 0;
  for (std::uint64_t seed = 1; seed <= 2'500; ++seed) {
    oracle::Shape shape{.fewest_components = 2, .most_components = 4, .most_versions = 5, .hopeless = 1.0};
    shape.raise = 0.9, shape.most_lag = 1, shape.other_board = 0.2;
    const oracle::Instance in = oracle::draw(seed, shape);
    oracle::Random random(seed);
    Wish w{.catalogue = &in.catalogue, .board = in.board};
    const std::size_t size = in.catalogue.components.size();
    const auto any_version = [&](std::size_t i) { return in.catalogue.components[i].versions[static_cast<std::size_t>(random.below(in.catalogue.components[i].versions.size()))].version.text(); };
    for (std::size_t i = 0; i < size; ++i) {
      w.now.push_back(random.chance(0.05) ? none : random.below(in.catalogue.components[i].versions.size()));
    }
    if (random.chance(0.5)) w.order = {random.below(size)};
    for (std::size_t i = 0; i < size; ++i) {
      if (w.now[i] == none) continue;
      const auto component = static_cast<Index>(i);
      const std::string name = std::to_string(i);
      if (random.chance(0.25)) w.pins.push_back({component, range((random.chance(0.5) ? ">=" : "<=") + any_version(i)), "pin " + name});
      if (random.chance(0.15)) w.holds.push_back({component, range(">=" + any_version(i)), "hold " + name});
      if (random.chance(0.05)) w.holds.push_back({component, std::nullopt, "hold all " + name});
      if (random.chance(0.15)) w.bans.push_back({component, random.below(in.catalogue.components[i].versions.size()), "ban " + name});
      if (random.chance(0.2)) w.stay.push_back(component);
    }
    while (random.chance(0.2)) {
      const auto any = [&](Index i) { return model::Target{i, random.below(in.catalogue.components[static_cast<std::size_t>(i)].versions.size())}; };
      w.passed_over.push_back({any(0), any(random.below(size))});
    }
    if (random.chance(0.25)) w.tested = [seed](Index c, Index v) { return (seed / 3 + static_cast<std::uint64_t>(3 * c + 5 * v)) % 4 != 0; };
    CAPTURE(seed);
    const auto choice = choose(w);
    REQUIRE(choice);
    const Brute brute{w};
    const auto truth = brute.newest();
    REQUIRE((choice->verdict == Verdict::found) == truth.has_value());
    if (truth) {
      CHECK(choice->versions == *truth);
      ++found;
      continue;
    }
    ++refused;
    longest = std::max(longest, choice->causes.size());
    if (!w.passed_over.empty()) continue;
    CHECK(!choice->causes.empty());
    CHECK(!brute.newest(&choice->causes));
    for (std::size_t n = 0; n < choice->causes.size(); ++n) {
      std::vector<std::string> fewer = choice->causes;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(n));
      CAPTURE(choice->causes[n]);
      CHECK(brute.newest(&fewer));
    }
  }
  MESSAGE(found << " found, " << refused << " refused, the longest derivation has " << longest << " causes");
  CHECK(refused > 100);
}

}  // namespace
}  // namespace lockstep::choose
