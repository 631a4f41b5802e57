// The text of manifests/model/state.hpp once more, as a machine that moves by tiny writes and to which faults happen.
// Written to be compared with, so it shares nothing with manifests/check and manifests/plan: ranges become bit sets,
// a step becomes the row of moments that it passes, and every combination of faults is simply tried.
// Small products only: at most 4 components of at most 7 versions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::oracle {

inline constexpr int most_components = 4;
inline constexpr int most_versions = 7;
using Bits = std::uint32_t;  // a set of versions of one component

// Whether a catalogue is small enough.
bool fits(const model::Catalogue& catalogue);

// What is active when no version is.
inline constexpr std::int8_t in_pieces = -1;  // torn; software, too
inline constexpr std::int8_t absent = -2;     // the device does not have it

// model::Part, flat.
struct Piece {
  std::int8_t active = in_pieces;
  std::int8_t fallback = -1;
  std::int8_t staged = -1;
  bool trial = false;
  std::uint32_t counter = 0;
  std::uint32_t epoch = 0;
  Bits alive = 0;

  friend bool operator==(const Piece&, const Piece&) = default;
};
using Moment = std::array<Piece, most_components>;  // those that the catalogue does not have stay as they are

// The moments that a step passes, from the one before it to the one after it; empty when it cannot be done there.
class Row {
 public:
  void push(const Moment& m) { moments_[count_++] = m; }
  bool empty() const { return count_ == 0; }
  const Moment* begin() const { return moments_.data(); }
  const Moment* end() const { return moments_.data() + count_; }
  const Moment& back() const { return moments_[count_ - 1]; }

 private:
  std::array<Moment, 4> moments_;
  std::size_t count_ = 0;
};

class World {
 public:
  // The catalogue must be small enough (fits()); copied.
  World(const model::Catalogue& catalogue, const model::Board& board);

  int components() const { return count_; }
  int versions(int component) const { return things_[at(component)].versions; }
  model::Kind kind(int component) const { return things_[at(component)].kind; }

  // Nothing for a state that no device can be in.
  std::optional<Moment> read(const model::State& state) const;
  model::State write(const Moment& moment) const;

  // Safe and live, now and after any faults.
  bool survives(const Moment& moment) const;

  Row moments(const Moment& before, const model::Step& step) const;
  // Whether all faults at all moments of this step end well.
  bool survives(const Row& row, const model::Step& step) const;
  bool reached(const Moment& moment, const model::Goal& goal) const;

  // Every step that can be done at this moment, good or bad.
  std::vector<model::Step> steps(const Moment& moment) const;
  model::Cost cost(const model::Step& step) const;

 private:
  struct Version {
    bool on_board = false;
    std::uint32_t counter = 0, reads_lowest = 0, reads_highest = 0;
    std::optional<std::uint32_t> writes;
    bool at_boot = false;
    Bits from = 0;
    std::uint64_t bytes = 0;
    std::array<Bits, most_components> running{}, installed{}, flashing{};  // what it accepts of each component
    std::array<bool, most_components> flashing_needs{};
  };
  struct Thing {
    model::Kind kind = model::Kind::single;
    bool device = false;
    int versions = 0;
    int via = -1;
    std::uint64_t reboots = 1;
    std::array<Version, most_versions> version{};
  };
  struct Owed {  // what must be writable: the target of the step, and again the versions that went away
    int component = -1, version = -1;
    std::array<std::int8_t, most_components> away{-1, -1, -1, -1};
  };

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  bool accepts(const Moment& m, const std::array<Bits, most_components>& wanted) const;
  bool safe(const Moment& m) const;
  bool open(const Moment& m, int component, int version) const;
  bool survives(const Moment& m, Owed owed, int first) const;

  int count_ = 0;
  std::array<Thing, most_components> things_{};
};

}  // namespace lockstep::oracle
