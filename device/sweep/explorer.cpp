#include "device/sweep/explorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "device/boot/memory_flash.hpp"
#include "device/sweep/branching_flash.hpp"

namespace lockstep::sweep {
namespace {

// Contents of sectors, each kept once: a state is a row of small numbers.
class SectorPool {
 public:
  std::uint32_t number_of(Bytes sector) {
    const std::string_view text(reinterpret_cast<const char*>(sector.data()), sector.size());
    if (const auto known = numbers_.find(text); known != numbers_.end()) return known->second;
    const auto number = static_cast<std::uint32_t>(sectors_.size());
    const auto at = numbers_.emplace(std::string(text), number).first;
    sectors_.push_back(at->first);
    return number;
  }
  Bytes sector(std::uint32_t number) const { return std::as_bytes(std::span(sectors_[number])); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>> numbers_;
  std::vector<std::string_view> sectors_;  // into the map's keys, which do not move
};

using State = std::vector<std::uint32_t>;  // a sector's number for each sector

struct StateHash {
  std::size_t operator()(const State& s) const {
    std::size_t h = 14695981039346656037u;
    for (const std::uint32_t n : s) h = (h ^ n) * 1099511628211u;
    return h;
  }
};

using Cut = std::optional<boot::CutFlash::Last>;

// A state, how it was first reached, and what came of it.
struct Node {
  const State* state = nullptr;  // in the explorer's map
  std::size_t parent = 0;
  Operation operation{};  // of the parent's life, the one that was cut, or the last one
  Cut cut{};              // none: the parent's life went to its end
  unsigned cuts = 0;      // fewest cuts that lead here
  std::size_t next = 0;   // the state after a life without a cut
  std::optional<Life> life{};
};

class Explorer {
 public:
  Explorer(const Scenario& scenario, const Shape& shape, boot::Mode mode, unsigned most_cuts)
      : scenario_(scenario),
        most_cuts_(most_cuts),
        geometry_(shape.geometry()),
        layout_(shape.layout(mode)),
        images_(make_images(shape, mode, scenario.patched)),
        memory_(start_memory(scenario, shape, mode, images_)) {}

  Outcome run() {
    reach(state_of_memory(), {});
    // States by their number of cuts, so that each is lived with the fewest.
    while (!waiting_.empty() && outcome_.findings.size() < max_findings) {
      const std::size_t i = waiting_.front();
      waiting_.pop_front();
      if (!nodes_[i].life) live(i);
    }
    for (std::size_t i = 0; i < nodes_.size() && outcome_.findings.size() < max_findings; ++i) check_completes(i);
    outcome_.states = nodes_.size();
    return std::move(outcome_);
  }

 private:
  std::uint32_t sectors() const { return geometry_.size / geometry_.sector_size; }

  State state_of_memory() {
    State state(sectors());
    for (std::uint32_t n = 0; n < sectors(); ++n)
      state[n] = pool_.number_of(Bytes(memory_).subspan(n * geometry_.sector_size, geometry_.sector_size));
    return state;
  }

  void restore(const State& state) {
    for (std::uint32_t n = 0; n < sectors(); ++n)
      std::ranges::copy(pool_.sector(state[n]), memory_.begin() + n * geometry_.sector_size);
  }

  // The node of a state. One that is new, or reached with fewer cuts than before, remembers how, and waits to be lived.
  std::size_t reach(State state, Node how) {
    const auto [at, is_new] = known_.try_emplace(std::move(state), nodes_.size());
    const std::size_t index = at->second;
    if (is_new) nodes_.emplace_back();
    Node& node = nodes_[index];
    if (!is_new && (node.life || node.cuts <= how.cuts)) return index;
    how.state = &at->first;
    const bool by_cut = how.cut.has_value();
    node = std::move(how);
    if (by_cut) {
      waiting_.push_back(index);
    } else {
      waiting_.push_front(index);
    }
    return index;
  }

  void live(std::size_t index) {
    restore(*nodes_[index].state);
    State now = *nodes_[index].state;  // follows the memory
    BranchingFlash flash(geometry_, memory_, [&](const Operation& op, boot::CutFlash::Last last, std::uint32_t from, Bytes bytes) {
      if (last == boot::CutFlash::Last::skipped) refresh(now, changed_from_, changed_size_);
      last_ = op;
      changed_from_ = from;
      changed_size_ = static_cast<std::uint32_t>(bytes.size());
      if (nodes_[index].cuts == most_cuts_) return;
      ++outcome_.cuts;
      State cut = now;
      for (std::uint32_t at = 0; at < bytes.size(); at += geometry_.sector_size)
        cut[(from + at) / geometry_.sector_size] = pool_.number_of(bytes.subspan(at, geometry_.sector_size));
      reach(std::move(cut), {.parent = index, .operation = op, .cut = last, .cuts = nodes_[index].cuts + 1});
    });
    changed_size_ = 0;
    last_ = {};
    auto life = begin_life(flash, layout_, images_);
    if (!life) return find(index, fmt::format("nothing boots: {}", boot::text(life.error())) + behind_last());
    if (const auto wrong = complaint(scenario_, layout_, images_, *life)) return find(index, *wrong + behind_last());
    if (!life->confirmed && !can_go_back()) {
      return find(index, "the image on test cannot go back to the one before it" + behind_last());
    }
    Application application(flash, layout_, life->slot);
    scenario_.act(application, *life, images_);
    life->operations = flash.operations();
    nodes_[index].life = *life;
    const std::size_t next = reach(state_of_memory(), {.parent = index, .operation = last_, .cuts = nodes_[index].cuts});
    nodes_[index].next = next;
  }

  // The memory as the last operation left it, seen when the next one begins.
  void refresh(State& state, std::uint32_t from, std::uint32_t size) {
    for (std::uint32_t at = from; at < from + size; at += geometry_.sector_size)
      state[at / geometry_.sector_size] = pool_.number_of(Bytes(memory_).subspan(at, geometry_.sector_size));
  }

  bool can_go_back() {
    Buffer copy = memory_;
    boot::MemoryFlash flash(geometry_, copy);
    const auto life = begin_life(flash, layout_, images_);
    return life && life->ran == &scenario_.from(images_);
  }

  // Without further cuts the host gets what it wants in a few lives, and what was confirmed stays.
  void check_completes(std::size_t index) {
    constexpr int patience = 8;
    const Life* before = nullptr;
    std::size_t at = index;
    for (int lives = 0; lives < patience; ++lives) {
      if (!nodes_[at].life) return;  // found already
      const Life& now = *nodes_[at].life;
      const Image* to = &scenario_.to(images_);
      if (before != nullptr && before->ran == to && before->confirmed && now.ran != to)
        return find(at, fmt::format("{} was confirmed and {} runs", to->name, now.ran->name));
      if (scenario_.reached(before, now, images_)) return;
      before = &now;
      at = nodes_[at].next;
    }
    find(at, fmt::format("not completed {} lives after the last cut: {} runs, {}", patience, before->ran->name,
                         before->confirmed ? "confirmed" : "on test"));
  }

  std::string behind_last() const { return last_.number == 0 ? "" : fmt::format(", behind operation {}", describe(last_)); }

  std::string describe(const Operation& op) const {
    return fmt::format("{}: {} {}", op.number, op.is_erase ? "erase" : "program",
                       place_name(layout_, geometry_, op.address, op.size));
  }

  void find(std::size_t index, std::string what) {
    std::string way;
    for (std::size_t at = index; at != 0; at = nodes_[at].parent) {
      const Node& node = nodes_[at];
      if (!node.cut) {
        const bool quiet = node.operation.number == 0;
        way.insert(0, quiet ? "\n    a life without an operation"
                            : fmt::format("\n    a life without a cut, to operation {}", describe(node.operation)));
        continue;
      }
      constexpr std::string_view kinds[] = {"before", "half way through", "near the end of"};
      way.insert(0, fmt::format("\n    cut {} operation {}", kinds[static_cast<int>(*node.cut)], describe(node.operation)));
    }
    outcome_.findings.push_back(std::move(what) + way);
  }

  const Scenario& scenario_;
  unsigned most_cuts_;
  boot::Geometry geometry_;
  boot::Layout layout_;
  Images images_;
  Buffer memory_;
  SectorPool pool_;
  std::vector<Node> nodes_;
  std::unordered_map<State, std::size_t, StateHash> known_;  // its keys do not move
  std::deque<std::size_t> waiting_;
  Operation last_{};  // of the life under way
  std::uint32_t changed_from_ = 0;  // the sectors that it touched
  std::uint32_t changed_size_ = 0;
  Outcome outcome_;
};

}  // namespace

Outcome explore(const Scenario& scenario, const Shape& shape, boot::Mode mode, unsigned most_cuts) {
  return Explorer(scenario, shape, mode, most_cuts).run();
}

}  // namespace lockstep::sweep
