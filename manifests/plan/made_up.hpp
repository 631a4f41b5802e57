// Made-up products of any size, for measuring.
//
// Each product: a random tree of requirements and half as many extra ones, each in both directions as "peer at least x";
// with each release x rises with probability 0.08 to at most `lag` releases ago; one release in fifteen is a stepping
// stone. plain: A/B, files of equal size; bytes: sizes differ; mixed: also a component with a late fallback, one with a
// single slot, an app and a service.
#pragma once

#include <algorithm>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::plan::made_up {

using model::Index;
using model::Kind;

struct Size {
  std::size_t components = 6;
  std::size_t versions = 40;
  std::size_t lag = 6;
  int instances = 60;
};

inline version::Range at_least(std::size_t version) { return *version::Range::parse(">=" + std::to_string(version) + ".0.0"); }

class Maker {
 public:
  Maker(std::uint32_t seed, const Size& size, std::string_view kind) : random_(seed), size_(size), kind_(kind) {}

  model::Catalogue catalogue() {
    model::Catalogue out;
    constexpr Kind kinds[] = {Kind::ab_trial, Kind::ab_late, Kind::single, Kind::app, Kind::service};
    for (std::size_t i = 0; i < size_.components; ++i) {
      model::Component c{.name = "c" + std::to_string(i)};
      if (kind_ == "mixed" && i < std::size(kinds)) c.kind = kinds[i];
      std::size_t stone = 1;
      for (std::size_t v = 1; v <= size_.versions; ++v) {
        c.versions.push_back(record(v));
        if (model::on_device(c.kind)) c.versions.back().from = release::From{.range = at_least(stone)};
        if (below(1000) < 65) stone = v;
      }
      out.components.push_back(std::move(c));
    }
    for (std::size_t i = 1; i < size_.components; ++i) connect(out, i, below(i));
    for (std::size_t n = 0; n < size_.components / 2; ++n) {
      const std::size_t i = below(size_.components);
      const std::size_t j = below(size_.components);
      if (i != j) connect(out, i, j);
    }
    return out;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  model::Record record(std::size_t number) {
    model::Record r{.version = *version::parse(std::to_string(number) + ".0.0")};
    r.hardware.push_back({.board = "node", .revisions = {}});
    r.bytes = kind_ == "plain" ? 100'000 : 100'000 + number * 1000 + below(5000);
    return r;
  }
  void connect(model::Catalogue& out, std::size_t i, std::size_t j) {
    need(out, i, j);
    need(out, j, i);
  }
  void need(model::Catalogue& out, std::size_t i, std::size_t j) {
    std::size_t minimum = 1;
    for (std::size_t v = 1; v <= size_.versions; ++v) {
      if (below(100) < 8) minimum = std::max(minimum, v - std::min(v - 1, below(size_.lag) + 1));
      if (minimum > 1) {
        out.components[i].versions[v - 1].needs.push_back({.component = static_cast<Index>(j), .range = at_least(minimum)});
      }
    }
  }

  std::mt19937 random_;
  Size size_;
  std::string_view kind_;
};

inline model::Problem oldest_to_newest(const model::Catalogue& catalogue) {
  model::Problem p{.catalogue = &catalogue, .board = {"node", *version::parse("1.0.0")}};
  for (const model::Component& c : catalogue.components) {
    model::Part part;
    if (model::on_device(c.kind)) part.active = 0;
    if (!model::on_device(c.kind)) part.alive = {0};
    p.start.parts.push_back(part);
    p.goal.versions.push_back(static_cast<Index>(c.versions.size()) - 1);
  }
  return p;
}

// The value below which this part of them lies.
template <class T>
T part_of(std::vector<T> values, double part) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

}  // namespace lockstep::plan::made_up
