#include "manifests/plan/group.hpp"

#include <algorithm>
#include <numeric>

namespace lockstep::plan {
namespace {

// All that a net ever shows and asks.
Footprint whole(const Net& net) {
  Footprint out = net.rests.front();
  const auto add = [&](const Footprint& p) {
    out.shows |= p.shows;
    for (std::size_t j = 0; j < out.asks.size(); ++j) out.asks[j] &= p.asks[j];
  };
  for (const Footprint& p : net.rests) add(p);
  for (const Footprint& p : net.prints) add(p);
  return out;
}

}  // namespace

Guards::Guards(const std::vector<Net>& nets, std::size_t self, const std::vector<Footprint>& prints)
    : blocked_(nets.size(), 0) {
  for (const Net& net : nets) {
    offset_.push_back(stride_);
    stride_ += (net.nodes.size() + 63) / 64;
  }
  words_.resize(stride_ * prints.size(), 0);
  std::vector<bool> fits;
  for (std::size_t row = 0; row < prints.size(); ++row) {
    for (std::size_t j = 0; j < nets.size(); ++j) {
      if (j == self) continue;
      std::uint64_t* words = &words_[row * stride_ + offset_[j]];
      fits.clear();
      for (const Footprint& rest : nets[j].rests) {
        fits.push_back(fit(prints[row], nets[self].component, rest, nets[j].component));
      }
      for (std::size_t n = 0; n < nets[j].nodes.size(); ++n) {
        if (fits[nets[j].rest[n]]) {
          words[n / 64] |= std::uint64_t{1} << (n % 64);
        } else {
          blocked_[j] += 1;
        }
      }
    }
  }
  for (std::size_t j = 0; j < nets.size(); ++j) {
    if (!prints.empty()) blocked_[j] /= static_cast<double>(prints.size() * nets[j].nodes.size());
  }
}

Group make_group(std::vector<Net> nets) {
  Group group;
  group.nets = std::move(nets);
  group.others.resize(group.size());
  for (std::size_t i = 0; i < group.size(); ++i) {
    group.rests.emplace_back(group.nets, i, group.nets[i].rests);
    group.moves.emplace_back(group.nets, i, group.nets[i].prints);
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    for (std::uint32_t j = 0; j < group.size(); ++j) {
      if (j != i && (group.rests[i].blocked(j) > 0 || group.moves[i].blocked(j) > 0)) group.others[i].push_back(j);
    }
  }
  return group;
}

std::vector<std::vector<Net>> split(std::vector<Net> nets) {
  std::vector<Footprint> wholes;
  for (const Net& net : nets) wholes.push_back(whole(net));
  std::vector<std::size_t> group(nets.size());
  std::iota(group.begin(), group.end(), std::size_t{0});
  for (std::size_t i = 0; i < nets.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (group[i] == group[j] || fit(wholes[i], nets[i].component, wholes[j], nets[j].component)) continue;
      const std::size_t low = std::min(group[i], group[j]);
      const std::size_t high = std::max(group[i], group[j]);
      std::replace(group.begin(), group.end(), high, low);
    }
  }
  std::vector<std::vector<Net>> out;
  for (std::size_t g = 0; g < nets.size(); ++g) {
    std::vector<Net> members;
    for (std::size_t i = 0; i < nets.size(); ++i) {
      if (group[i] == g) members.push_back(std::move(nets[i]));
    }
    if (!members.empty()) out.push_back(std::move(members));
  }
  return out;
}

}  // namespace lockstep::plan
