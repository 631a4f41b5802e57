#include "manifests/fleet/tracks.hpp"

#include <algorithm>

#include "manifests/plan/net.hpp"

namespace lockstep::fleet {
namespace {

using plan::at;
using plan::Net;
using plan::Verdict;

constexpr std::uint64_t most_codes = std::uint64_t{1} << 48;

class Grounder {
 public:
  Grounder(const Question& q, bool finalise) : q_(q), catalogue_(q.relations->catalogue()), finalise_(finalise) {}

  std::optional<Verdict> run(Tracks& out) {
    model::Problem problem{.catalogue = &catalogue_, .goal = q_.goal, .stuck = q_.stuck};
    const std::size_t size = catalogue_.components.size();
    problem.start = beside(catalogue_, model::State{std::vector<model::Part>(size)}, q_.alive);
    for (const Walker& w : q_.walkers) {
      for (const model::Ban& ban : w.device->bans) {
        if (!model::on_device(catalogue_.components[at(ban.component)].kind)) problem.bans.push_back(ban);
      }
    }
    std::vector<Net> software;
    for (std::size_t i = 0; i < size; ++i) {
      if (model::on_device(catalogue_.components[i].kind)) continue;
      if (const auto verdict = add_net(problem, i, software)) return verdict;
    }
    for (const Walker& w : q_.walkers) {
      std::vector<Net> nets;
      if (const auto verdict = add_device(w, nets)) return verdict;
      const std::size_t own = nets.size();
      std::uint64_t codes = 1;
      for (const Net& net : nets) {
        codes *= net.nodes.size();
        if (codes > most_codes) return Verdict::gave_up;
      }
      nets.insert(nets.end(), software.begin(), software.end());
      out.walkers.push_back(track_of(std::move(nets), own, w.moves));
    }
    out.software = plan::make_group(std::move(software));
    return std::nullopt;
  }

 private:
  static Track track_of(std::vector<Net> nets, std::size_t own, bool moves) {
    Track out{.group = plan::make_group(std::move(nets)), .own = own, .moves = moves, .own_others = {}, .software_others = {}};
    for (const Nodes& others : out.group.others) {
      const auto middle = std::lower_bound(others.begin(), others.end(), own);
      out.own_others.emplace_back(others.begin(), middle);
      out.software_others.emplace_back(middle, others.end());
    }
    return out;
  }

  std::optional<Verdict> add_device(const Walker& w, std::vector<Net>& nets) {
    const model::Problem problem{.catalogue = &catalogue_, .board = w.device->board,
                                 .start = beside(catalogue_, w.device->state, q_.alive), .goal = w.device->goal,
                                 .bans = w.device->bans, .stuck = q_.stuck};
    for (std::size_t i = 0; i < catalogue_.components.size(); ++i) {
      if (!model::on_device(catalogue_.components[i].kind)) continue;
      if (!w.moves) {
        nets.push_back(still(i, w.device->state.parts[i]));
      } else if (const auto verdict = add_net(problem, i, nets)) {
        return verdict;
      }
    }
    return std::nullopt;
  }

  std::optional<Verdict> add_net(const model::Problem& problem, std::size_t i, std::vector<Net>& nets) {
    const plan::Grounding grounding{.problem = &problem, .relations = q_.relations, .finalise = finalise_};
    Net net;
    switch (plan::make_net(grounding, i, q_.kept[i], net)) {
      case plan::Grounded::ok: break;
      case plan::Grounded::start_is_bad:
      case plan::Grounded::no_way: return Verdict::none;
      case plan::Grounded::too_large: return Verdict::gave_up;
    }
    nets.push_back(std::move(net));
    return std::nullopt;
  }

  // What does not move.
  Net still(std::size_t i, const model::Part& part) const {
    return {.component = i, .nodes = {part}, .rests = {plan::Trace(*q_.relations, i).rest(part).print()}, .rest = {0}, .prints = {},
            .edges = {}, .first = {0, 0}, .goal = {true}, .start = 0};
  }

  const Question& q_;
  const model::Catalogue& catalogue_;
  bool finalise_;
};

}  // namespace

std::uint64_t Track::code(const Nodes& nodes) const {
  std::uint64_t out = 0;
  for (std::size_t i = own; i-- > 0;) out = out * group.nets[i].nodes.size() + nodes[i];
  return out;
}

Nodes Track::nodes(std::uint64_t code, const Nodes& software) const {
  Nodes out(own);
  for (std::size_t i = 0; i < own; ++i) {
    const std::uint64_t size = group.nets[i].nodes.size();
    out[i] = static_cast<std::uint32_t>(code % size);
    code /= size;
  }
  out.insert(out.end(), software.begin(), software.end());
  return out;
}

std::uint64_t Track::codes() const {
  std::uint64_t out = 1;
  for (std::size_t i = 0; i < own; ++i) out *= group.nets[i].nodes.size();
  return out;
}

bool Track::stands(const Nodes& nodes) const {
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (!fits(group.rests[i], group.nets[i].rest[nodes[i]], group.others[i], nodes)) return false;
  }
  return true;
}

bool Track::is_goal(const Nodes& nodes) const {
  for (std::size_t i = 0; i < own; ++i) {
    if (!group.nets[i].goal[nodes[i]]) return false;
  }
  return true;
}

std::optional<Verdict> make_tracks(const Question& question, bool finalise, Tracks& out) {
  return Grounder(question, finalise).run(out);
}

}  // namespace lockstep::fleet
