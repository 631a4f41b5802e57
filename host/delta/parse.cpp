#include "host/delta/parse.hpp"

#include <algorithm>
#include <array>

#include "protocols/delta/number.hpp"

namespace lockstep::delta {
namespace {

constexpr int chain_limit = 96;             // places that are looked at for each position
constexpr std::uint32_t good_match = 128;   // so long that nothing else is tried until its end
constexpr std::uint32_t short_match = 24;   // up to here each length is tried: a shorter copy may make the next cheaper
constexpr std::uint32_t unreached = UINT32_MAX;

// A place in the window and the cheapest way to it that is known. The last copies are part of it, because they
// decide what the next address costs. Cheaper ways that begin dearer are lost; that is the price of one way each.
struct Node {
  struct Copy {
    std::uint32_t address = 0;
    std::uint32_t at = 0;
  };
  std::uint32_t cost = unreached;
  std::uint32_t added = 0;  // bytes since the last copy or run
  Operation last{};         // that led here
  std::array<Copy, 4> copies{};
  std::size_t next_copy = 0;
};

class Parser {
 public:
  Parser(const Parts& parts, const Segment& segment)
      : parts_(parts), segment_(segment), own_(parts.window), nodes_(parts.window.size() + 1) {}

  std::vector<Operation> run() {
    nodes_[0].cost = 0;
    const auto end = static_cast<std::uint32_t>(parts_.window.size());
    for (std::uint32_t at = 0; at < end;) {
      const std::uint32_t longest = relax_from(at);
      const std::uint32_t next = longest >= good_match ? at + longest : at + 1;
      while (at < next) own_.insert(at++);
    }
    return walk_back();
  }

 private:
  Bytes rest(std::uint32_t at) const { return parts_.window.subspan(at); }
  Bytes in_segment(std::uint32_t address) const {
    return parts_.base.subspan(segment_.offset + address, segment_.size - address);
  }

  // Tries everything that can be made at `at`. How long the longest of it was.
  std::uint32_t relax_from(std::uint32_t at) {
    relax_add(at);
    std::uint32_t longest = relax_run(at);
    for (std::size_t i = 0; i < nodes_[at].copies.size(); ++i) longest = std::max(longest, relax_diagonal(at, i));
    longest = std::max(longest, relax_base(at));
    return std::max(longest, relax_own(at));
  }

  void relax_add(std::uint32_t at) {
    const Node& from = nodes_[at];
    // An opcode of its own, and a size when that does not fit into it (from 18 on).
    const std::uint32_t overhead = from.added == 0 || from.added == 17 ? 1 : 0;
    reach(at, {.kind = Kind::add, .at = at, .size = 1}, 1 + overhead);
  }

  std::uint32_t relax_run(std::uint32_t at) {
    const Bytes bytes = rest(at);
    const auto other = std::find_if(bytes.begin(), bytes.end(), [&](std::byte b) { return b != bytes[0]; });
    const auto size = static_cast<std::uint32_t>(other - bytes.begin());
    if (size < min_match) return 0;
    reach(at, {.kind = Kind::run, .at = at, .size = size}, static_cast<std::uint32_t>(2 + number_size(size)));
    return size;
  }

  // A copy that goes on as an earlier one would have: how code that was patched here and there looks.
  std::uint32_t relax_diagonal(std::uint32_t at, std::size_t i) {
    const Node::Copy copy = nodes_[at].copies[i];
    const std::uint32_t address = copy.address + (at - copy.at);
    if (copy.address >= segment_.size || address >= segment_.size) return 0;
    return relax_copies(at, address, common_prefix(in_segment(address), rest(at)));
  }

  std::uint32_t relax_base(std::uint32_t at) {
    std::uint32_t longest = 0;
    std::uint32_t place = parts_.index.first(rest(at));
    for (int i = 0; i < chain_limit && place != MatchIndex::none; ++i, place = parts_.index.before(place)) {
      if (place < segment_.offset || place >= segment_.offset + segment_.size) continue;
      const std::uint32_t size = common_prefix(in_segment(place - segment_.offset), rest(at));
      if (size <= longest) continue;
      longest = relax_copies(at, place - segment_.offset, size);
      if (longest >= good_match) break;
    }
    return longest;
  }

  std::uint32_t relax_own(std::uint32_t at) {
    std::uint32_t longest = 0;
    std::uint32_t place = own_.first(rest(at));
    for (int i = 0; i < chain_limit && place != MatchIndex::none; ++i, place = own_.before(place)) {
      const std::uint32_t size = common_prefix(rest(place), rest(at));
      if (size <= longest) continue;
      longest = relax_copies(at, segment_.size + place, size);
      if (longest >= good_match) break;
    }
    return longest;
  }

  std::uint32_t relax_copies(std::uint32_t at, std::uint32_t address, std::uint32_t longest) {
    if (longest < min_match) return 0;
    const std::uint32_t address_cost = cost_of_address(nodes_[at], address, segment_.size + at);
    const auto try_size = [&](std::uint32_t size) {
      const bool joined = nodes_[at].added >= 1 && nodes_[at].added <= 4 && size <= 6;  // an opcode for both
      const std::size_t cost = address_cost + (joined ? 0u : 1u) + (size > 18 ? number_size(size) : 0u);
      reach(at, {.kind = Kind::copy, .at = at, .size = size, .address = address}, static_cast<std::uint32_t>(cost));
    };
    for (std::uint32_t size = min_match; size < std::min(longest, short_match); ++size) try_size(size);
    try_size(longest);
    return longest;
  }

  static std::uint32_t cost_of_address(const Node& node, std::uint32_t address, std::uint32_t here) {
    std::size_t best = std::min(number_size(address), number_size(here - address));
    for (const Node::Copy& copy : node.copies) {
      if (address >= copy.address) best = std::min(best, number_size(address - copy.address));
    }
    return static_cast<std::uint32_t>(best);
  }

  void reach(std::uint32_t at, const Operation& operation, std::uint32_t cost) {
    const Node& from = nodes_[at];
    Node& to = nodes_[at + operation.size];
    if (from.cost + cost >= to.cost) return;
    to = from;
    to.cost = from.cost + cost;
    to.last = operation;
    to.added = operation.kind == Kind::add ? from.added + 1 : 0;
    if (operation.kind != Kind::copy) return;
    to.copies[to.next_copy] = {operation.address, at};
    to.next_copy = (to.next_copy + 1) % to.copies.size();
  }

  std::vector<Operation> walk_back() const {
    std::vector<Operation> operations;
    for (std::size_t at = parts_.window.size(); at > 0; at = nodes_[at].last.at) {
      Operation operation = nodes_[at].last;
      if (operation.kind == Kind::add && !operations.empty() && operations.back().kind == Kind::add) {
        operation.size += operations.back().size;
        operations.back() = operation;
      } else {
        operations.push_back(operation);
      }
    }
    std::reverse(operations.begin(), operations.end());
    return operations;
  }

  const Parts& parts_;
  Segment segment_;
  MatchIndex own_;  // of the window up to the place at hand
  std::vector<Node> nodes_;
};

}  // namespace

std::vector<Operation> parse(const Parts& parts, const Segment& segment) { return Parser(parts, segment).run(); }

}  // namespace lockstep::delta
