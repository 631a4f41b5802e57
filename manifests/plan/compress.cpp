#include "manifests/plan/compress.hpp"

#include <algorithm>
#include <numeric>

namespace lockstep::plan {
namespace {

using model::When;

constexpr When whens[] = {When::active, When::installed, When::during_flash};

bool same_data(const release::Data& a, const release::Data& b) {
  return a.reads_lowest == b.reads_lowest && a.reads_highest == b.reads_highest && a.writes == b.writes &&
         a.at_boot == b.at_boot;
}

class Compressor {
 public:
  explicit Compressor(const Grounding& g)
      : g_(g), relations_(*g.relations), components_(relations_.catalogue().components) {
    for (std::size_t i = 0; i < components_.size(); ++i) {
      fixed_.push_back(fixed(i));
      kept_.push_back(reachable(i));
      shown_.push_back(shown(i));
      finalises_.push_back(gains_by_finalising(g, i));
      moves_data_.push_back(finalises_[i] || std::any_of(components_[i].versions.begin(), components_[i].versions.end(),
                                                      [](const model::Record& r) { return r.data.at_boot; }));
    }
  }

  std::vector<Views> run() {
    for (int round = 0; round < 3; ++round) {
      bool fewer = false;
      for (std::size_t i = 0; i < components_.size(); ++i) fewer = thin_out(i) || fewer;
      if (!fewer) break;
    }
    return std::move(kept_);
  }

 private:
  // What the start has and the goal wants.
  Views fixed(std::size_t i) const {
    Views out;
    const model::Part& part = g_.problem->start.parts[i];
    for (const Index v : {part.active, part.fallback, part.staged, g_.problem->goal.versions[i]}) {
      if (v >= 0) out.set(at(v));
    }
    for (const Index v : part.alive) out.set(at(v));
    return out;
  }

  // The versions that one can come to by `from` alone.
  Views reachable(std::size_t i) const {
    Views out = fixed_[i];
    if (g_.problem->start.parts[i].active == model::none && model::on_device(components_[i].kind)) return out;
    const bool any = !model::on_device(components_[i].kind) || g_.problem->start.parts[i].active == model::torn;
    Views rest;
    for (std::size_t v = 0; v < components_[i].versions.size(); ++v) {
      if (!out[v] && usable(g_, i, v) && counts(i, v)) rest.set(v);
    }
    for (bool more = true; more;) {
      more = false;
      for (std::size_t v = 0; v < components_[i].versions.size(); ++v) {
        if (!rest[v] || (!any && (relations_.from(i, v) & out).none())) continue;
        rest.reset(v);
        out.set(v);
        more = true;
      }
    }
    return out;
  }
  bool counts(std::size_t i, std::size_t v) const {
    return components_[i].versions[v].security_counter >= g_.problem->start.parts[i].counter;
  }

  // All that others can see of it.
  Views shown(std::size_t i) const {
    Views out = kept_[i];
    const model::Part& part = g_.problem->start.parts[i];
    if (!model::on_device(components_[i].kind)) return out;
    if (components_[i].kind == model::Kind::single) out.set(view(model::torn));
    if (part.active < 0) out.set(view(part.active));
    return out;
  }

  bool thin_out(std::size_t i) {
    const std::size_t count = components_[i].versions.size();
    const auto liked = liked_by(i);
    const Views before = kept_[i];
    // Of equal ones the smallest stays, and of these the newest.
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return components_[i].versions[a].bytes > components_[i].versions[b].bytes;
    });
    for (const std::size_t v : order) {
      if (!kept_[i][v] || fixed_[i][v]) continue;
      for (std::size_t u = count; u-- > 0;) {
        if (u == v || !kept_[i][u] || !stands_in(i, u, v, liked)) continue;
        kept_[i].reset(v);
        shown_[i].reset(v);
        break;
      }
    }
    return kept_[i] != before;
  }

  // For each version, who is content with it: one bit for each kept version of the others and each kind of requirement.
  using Bits = std::vector<std::uint64_t>;
  std::vector<Bits> liked_by(std::size_t i) const {
    std::size_t bits = 0;
    for (std::size_t j = 0; j < components_.size(); ++j) bits += j == i ? 0 : kept_[j].count() * std::size(whens);
    std::vector<Bits> out(components_[i].versions.size(), Bits((bits + 63) / 64, 0));
    std::size_t bit = 0;
    for (std::size_t j = 0; j < components_.size(); ++j) {
      for (std::size_t w = 0; j != i && w < components_[j].versions.size(); ++w) {
        if (!kept_[j][w]) continue;
        for (const When when : whens) {
          const Views& good = relations_.asks(when, j, w, i);
          for (std::size_t v = 0; v < out.size(); ++v) {
            if (good[v]) out[v][bit / 64] |= std::uint64_t{1} << (bit % 64);
          }
          ++bit;
        }
      }
    }
    return out;
  }

  bool stands_in(std::size_t i, std::size_t u, std::size_t v, const std::vector<Bits>& liked) const {
    const model::Record& a = components_[i].versions[u];
    const model::Record& b = components_[i].versions[v];
    if (!usable(g_, i, u) || !counts(i, u)) return false;
    if (g_.count_bytes && a.bytes > b.bytes) return false;
    if (finalises_[i] && a.security_counter != b.security_counter) return false;
    if (moves_data_[i] ? !same_data(a.data, b.data) : !a.data.reads(g_.problem->start.parts[i].epoch)) return false;
    if (model::on_device(components_[i].kind) && !comes_and_goes(i, u, v)) return false;
    for (std::size_t word = 0; word < liked[v].size(); ++word) {
      if ((liked[v][word] & ~liked[u][word]) != 0) return false;
    }
    for (std::size_t j = 0; j < components_.size(); ++j) {
      if (j == i) continue;
      for (const When when : whens) {
        if (!within(relations_.asks(when, i, v, j) & shown_[j], relations_.asks(when, i, u, j))) return false;
      }
    }
    return true;
  }

  bool comes_and_goes(std::size_t i, std::size_t u, std::size_t v) const {
    // From v to v and between the two becomes staying at u. In one slot that would lose what booting does to the data.
    Views into = relations_.from(i, v) & kept_[i];
    into.reset(v);
    if (components_[i].kind != model::Kind::single || !moves_data_[i]) into.reset(u);
    if (!within(into, relations_.from(i, u))) return false;
    for (std::size_t w = 0; w < components_[i].versions.size(); ++w) {
      if (w == u || w == v || !kept_[i][w]) continue;
      if (relations_.from(i, w)[v] && !relations_.from(i, w)[u]) return false;
    }
    return true;
  }

  const Grounding& g_;
  const Relations& relations_;
  const std::vector<model::Component>& components_;
  std::vector<Views> fixed_;
  std::vector<Views> kept_;
  std::vector<Views> shown_;
  std::vector<bool> finalises_;
  std::vector<bool> moves_data_;
};

}  // namespace

std::vector<Views> worth_keeping(const Grounding& grounding) { return Compressor(grounding).run(); }

}  // namespace lockstep::plan
