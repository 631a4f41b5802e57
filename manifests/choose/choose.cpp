#include "manifests/choose/choose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

#include "manifests/model/passage.hpp"
#include "manifests/model/smallest_conflict.hpp"

namespace lockstep::choose {
namespace {

using model::Index;
using model::none;
using Versions = std::bitset<model::max_versions>;
using Domains = std::vector<Versions>;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

// Something that a set must obey, and that a derivation may cite: version `who` of component `i` (any: all of them) goes
// only with `allowed` of component `j`.
struct Rule {
  std::size_t i = 0;
  Index who = none;
  std::size_t j = 0;
  Versions allowed;
  std::string text;
};
using Rules = std::vector<const Rule*>;

class Chooser {
 public:
  explicit Chooser(const Wish& wish) : wish_(wish), catalogue_(*wish.catalogue), left_(wish.nodes) {
    for (std::size_t i = 0; i < catalogue_.components.size(); ++i) {
      Versions all;
      const auto& versions = catalogue_.components[i].versions;
      for (std::size_t v = 0; v < versions.size() && is_there(i); ++v) {
        // What nobody describes may stay, but nothing moves to it.
        all[v] = !versions[v].bare || static_cast<Index>(v) == wish.now[i];
      }
      domains_.push_back(all);
      if (is_there(i)) add_rules(i);
    }
    for (const Pin& pin : wish.pins) restrict(at(pin.component), members(at(pin.component), pin.range), pin.name);
    for (const Hold& hold : wish.holds) add_hold(hold);
    for (const model::Ban& ban : wish.bans) rules_.push_back({at(ban.component), ban.version, at(ban.component), {}, ban.reason});
    order();
  }

  Choice run() {
    Rules all;
    for (const Rule& r : rules_) all.push_back(&r);
    Choice out;
    out.verdict = solve(all, &out.versions);
    if (out.verdict != Choice::Verdict::none || !wish_.passed_over.empty()) return out;
    const auto can = [this](const Rules& some) { return possible(some); };
    const Rules causes = possible({}) ? model::smallest_conflict(Rules(), all, can) : Rules();
    for (const Rule* r : causes) out.causes.push_back(r->text);
    if (left_ == 0) out.causes.clear(), out.verdict = Choice::Verdict::gave_up;
    return out;
  }

 private:
  bool is_there(std::size_t i) const { return wish_.now[i] != none; }

  Versions members(std::size_t j, const version::Range& range) const {
    Versions out;
    const auto& versions = catalogue_.components[j].versions;
    for (std::size_t v = 0; v < versions.size(); ++v) out[v] = range.contains(versions[v].version);
    return out;
  }

  void restrict(std::size_t i, const Versions& allowed, std::string text) { rules_.push_back({i, none, i, allowed, std::move(text)}); }

  void add_hold(const Hold& hold) {
    const std::size_t i = at(hold.component);
    Versions allowed;
    if (hold.range) allowed = ~members(i, *hold.range);
    else if (wish_.now[i] >= 0) allowed.set(at(wish_.now[i]));
    restrict(i, allowed, hold.name);
  }

  // What the manifests say about each version, and evidence.
  void add_rules(std::size_t i) {
    const model::Component& c = catalogue_.components[i];
    Versions tested;
    tested.set();
    for (std::size_t v = 0; v < c.versions.size(); ++v) {
      const model::Record& r = c.versions[v];
      const auto self = static_cast<Index>(v);
      if (wish_.tested && !r.bare && self != wish_.now[i] && !wish_.tested(static_cast<Index>(i), self)) tested.reset(v);
      const bool fits = !model::on_device(c.kind) || model::runs_on(r, wish_.board);
      const std::string name = catalogue_.name(static_cast<Index>(i), self);
      if (!fits) rules_.push_back({i, self, i, {}, fmt::format("{} is not for {} revision {}{}", name, wish_.board.board, wish_.board.revision.text(), cited(r.at))});
      for (const model::Need& need : r.needs) {
        const std::size_t j = at(need.component);
        if (need.when == model::When::during_flash || (!is_there(j) && !model::on_device(catalogue_.components[j].kind))) continue;
        rules_.push_back({i, self, j, members(j, need.range), fmt::format("{} requires {} {}{}", name, catalogue_.components[j].label(),
                                                                         need.range.text(), cited(need.at))});
      }
    }
    if (!tested.all()) restrict(i, tested, "only tested versions: " + tested_text(i, tested));
  }
  std::string tested_text(std::size_t i, const Versions& tested) const {
    const model::Component& c = catalogue_.components[i];
    std::string out;
    for (std::size_t v = 0; v < c.versions.size(); ++v) {
      if (!tested[v] || (c.versions[v].bare && static_cast<Index>(v) != wish_.now[i])) continue;
      out += (out.empty() ? "" : ", ") + c.versions[v].version.text();
      if (static_cast<Index>(v) == wish_.now[i]) out += " (it is there)";
    }
    return c.label() + (out.empty() ? " has none" : " has " + out);
  }
  static std::string cited(const model::Place& at) { return at.file.empty() ? "" : " (" + at.text() + ")"; }

  void order() {
    const auto add = [&](Index i) {
      if (is_there(at(i)) && std::find(order_.begin(), order_.end(), at(i)) == order_.end()) order_.push_back(at(i));
    };
    for (const Index i : wish_.order) add(i);
    for (std::size_t i = 0; i < domains_.size(); ++i) add(static_cast<Index>(i));
  }

  bool possible(const Rules& rules) { return solve(rules, nullptr) == Choice::Verdict::found; }

  Choice::Verdict solve(const Rules& rules, std::vector<Index>* versions) {
    Domains domains = domains_;
    std::vector<std::vector<const Rule*>> of(domains.size());
    for (const Rule* r : rules) {
      if (r->who == none) {
        domains[r->i] &= r->allowed;
      } else if (r->i == r->j || !is_there(r->j)) {
        domains[r->i].reset(at(r->who));  // for another board, or it needs what is not there
      } else {
        of[r->i].push_back(r);
      }
    }
    std::vector<Index> chosen(domains.size(), none);
    const bool found = assign(0, domains, of, chosen);
    if (left_ == 0) return Choice::Verdict::gave_up;
    if (found && versions != nullptr) *versions = chosen;
    return found ? Choice::Verdict::found : Choice::Verdict::none;
  }

  // The rules that speak of a version are applied when it is chosen; those on what is chosen already narrow what may come.
  bool assign(std::size_t n, const Domains& domains, const std::vector<std::vector<const Rule*>>& of, std::vector<Index>& chosen) {
    if (left_ == 0) return false;
    --left_;
    if (n == order_.size()) return true;
    const std::size_t i = order_[n];
    const Index now = wish_.now[i];
    const bool stays = now >= 0 && std::find(wish_.stay.begin(), wish_.stay.end(), static_cast<Index>(i)) != wish_.stay.end();
    if (stays && take(n, at(now), domains, of, chosen)) return true;
    for (std::size_t v = catalogue_.components[i].versions.size(); v-- > 0;) {
      if (stays && static_cast<Index>(v) == now) continue;
      if (take(n, v, domains, of, chosen)) return true;
    }
    chosen[i] = none;
    return false;
  }
  bool take(std::size_t n, std::size_t v, const Domains& domains, const std::vector<std::vector<const Rule*>>& of,
            std::vector<Index>& chosen) {
    const std::size_t i = order_[n];
    if (!domains[i][v]) return false;
    Domains next = domains;
    next[i].reset();
    next[i].set(v);
    if (!narrow(next, of)) return false;
    chosen[i] = static_cast<Index>(v);
    return !is_passed_over(chosen) && assign(n + 1, next, of, chosen);
  }
  bool is_passed_over(const std::vector<Index>& chosen) const {
    return std::any_of(wish_.passed_over.begin(), wish_.passed_over.end(), [&](const std::vector<model::Target>& part) {
      return std::all_of(part.begin(), part.end(), [&](const model::Target& t) { return chosen[at(t.component)] == t.version; });
    });
  }

  // Drops versions that go with none that is left of another component; false when a component has none left.
  bool narrow(Domains& domains, const std::vector<std::vector<const Rule*>>& of) const {
    for (bool again = true; again;) {
      again = false;
      for (const std::size_t i : order_) {
        Versions& mine = domains[i];
        for (const Rule* r : of[i]) {
          if (!mine[at(r->who)]) continue;
          if ((domains[r->j] & r->allowed).none()) {
            mine.reset(at(r->who));
            again = true;
          } else if (mine.count() == 1 && (domains[r->j] & ~r->allowed).any()) {
            domains[r->j] &= r->allowed;
            again = true;
          }
        }
        if (mine.none()) return false;
      }
    }
    return true;
  }


  const Wish& wish_;
  const model::Catalogue& catalogue_;
  std::uint64_t left_;
  std::vector<Rule> rules_;
  Domains domains_;
  std::vector<std::size_t> order_;
};

}  // namespace

Outcome<Choice> choose(const Wish& wish) {
  const auto wrong = [](const char* what) { return fail(ErrorKind::invalid, what); };
  if (wish.catalogue == nullptr) return wrong("the wish has no catalogue");
  const auto& components = wish.catalogue->components;
  const auto has = [&](Index i) { return i >= 0 && at(i) < components.size(); };
  if (wish.now.size() != components.size()) return wrong("the wish does not fit the catalogue");
  for (const Index i : wish.order) {
    if (!has(i)) return wrong("the order names a component that there is not");
  }
  for (const model::Ban& b : wish.bans) {
    if (!has(b.component) || b.version < 0 || at(b.version) >= components[at(b.component)].versions.size())
      return wrong("a ban is on a version that there is not");
  }
  for (const Pin& p : wish.pins) {
    if (!has(p.component) || wish.now[at(p.component)] == none) return wrong("a pin is on a component that is not there");
  }
  for (const Hold& h : wish.holds) {
    if (!has(h.component) || wish.now[at(h.component)] == none) return wrong("a hold is on a component that is not there");
  }
  return Chooser(wish).run();
}

std::vector<std::string> derivation_lines(const Choice& choice) {
  std::vector<std::string> out = choice.causes;
  out.emplace_back(choice.causes.empty() ? "Some component has no version at all."
                                         : "Together these leave no set; take any one away, and the others leave one.");
  return out;
}

std::vector<std::string> derivation(const Choice& choice) {
  std::vector<std::string> out;
  for (const std::string& line : derivation_lines(choice)) out.push_back(fmt::format("{:2}. {}", out.size() + 1, line));
  return out;
}

}  // namespace lockstep::choose
