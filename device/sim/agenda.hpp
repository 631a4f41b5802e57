// What is due when, for all devices of a fleet.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "device/sim/fleet_wire.hpp"
#include "device/sim/node.hpp"

namespace lockstep::sim {

struct Due {
  enum class What : std::uint8_t {
    node,     // Node::tick
    power,    // comes back
    contact,  // the schedule changes
    request,  // arrives at the device
    answer,   // arrives at who asked
  };

  Time at{};
  std::uint32_t device = 0;
  What what = What::node;
  FleetWire::Peer peer{};  // of a request and an answer, as the two below
  Buffer message{};
  std::optional<std::uint64_t> wrong_bit{};
  std::uint64_t order = 0;  // set by add()
};

// The earliest first; of the same time the one that was added first.
class Agenda {
 public:
  void add(Due due) {
    due.order = next_order_++;
    heap_.push_back(std::move(due));
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  std::optional<Time> next() const { return heap_.empty() ? std::nullopt : std::optional(heap_.front().at); }
  // Only when there is something.
  Due take() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    Due out = std::move(heap_.back());
    heap_.pop_back();
    return out;
  }

 private:
  static bool later(const Due& a, const Due& b) { return std::pair(a.at, a.order) > std::pair(b.at, b.order); }

  std::vector<Due> heap_;
  std::uint64_t next_order_ = 0;
};

}  // namespace lockstep::sim
