#include "device/boot/decide.hpp"

#include <array>
#include <optional>

namespace lockstep::boot {
namespace {

constexpr std::nullopt_t any = std::nullopt;

struct Row {
  std::optional<Magic> magic0, magic1;
  std::optional<Flag> ok0, ok1;
  std::optional<Flag> done0, done1;
  SwapType result;
};

// clang-format off
constexpr std::array<Row, 4> swap_table{{
  //           magic              image ok           copy done
  //        slot 0  slot 1      slot 0  slot 1     slot 0  slot 1       result
  /* I   */ {any,   Magic::good, any,   Flag::unset, any,   Flag::set,  SwapType::revert},
  /* II  */ {any,   Magic::good, any,   Flag::unset, any,   any,        SwapType::test},
  /* III */ {any,   Magic::good, any,   Flag::set,   any,   any,        SwapType::perm},
  /* IV  */ {Magic::good, any,   Flag::unset, any,   Flag::set, any,    SwapType::revert},
}};
constexpr std::array<Row, 1> overwrite_table{{
  /* VI  */ {any,   Magic::good, any,   any,         any,   any,        SwapType::perm},
}};
// clang-format on

struct StandingRow {
  std::optional<Magic> magic;
  std::optional<Flag> ok, done;
  Standing result;
};
// clang-format off
constexpr std::array<StandingRow, 4> in_place_table{{
  //           magic        image ok    copy done    standing
  /* VII  */ {Magic::good, Flag::set,  Flag::unset, Standing::wanted},
  /* VIII */ {Magic::good, Flag::set,  any,         Standing::confirmed},
  /* IX   */ {Magic::good, any,        Flag::unset, Standing::trial},
  /* X    */ {Magic::good, any,        any,         Standing::failed},
}};
// clang-format on

template <class T>
constexpr bool fits(const std::optional<T>& wanted, T actual) {
  return !wanted || *wanted == actual;
}

constexpr bool fits(const Row& row, const TrailerState& s0, const TrailerState& s1) {
  return fits(row.magic0, s0.magic) && fits(row.magic1, s1.magic) && fits(row.ok0, s0.image_ok) &&
         fits(row.ok1, s1.image_ok) && fits(row.done0, s0.copy_done) && fits(row.done1, s1.copy_done);
}

template <std::size_t N>
constexpr SwapType look_up(const std::array<Row, N>& table, const TrailerState& s0, const TrailerState& s1) {
  for (const Row& row : table) {
    if (fits(row, s0, s1)) return row.result;
  }
  return SwapType::none;  // state V
}

}  // namespace

bool is_interrupted_swap(const TrailerState& slot0, const TrailerState& slot1) {
  if (slot0.magic != Magic::good || slot0.copy_done == Flag::set || slot0.swap_type == SwapType::none) return false;
  // A revert's trailer in slot 0 is complete as soon as its magic is good, and so is that of a permanent swap with its
  // image ok: slot 1's may be torn to its magic alone, and would read as the wish for a test. For a test a good magic
  // in slot 1 means that nothing was moved yet: it is set up again.
  const bool permanent = slot0.swap_type == SwapType::perm && slot0.image_ok == Flag::set;
  return slot0.swap_type == SwapType::revert || permanent || slot1.magic != Magic::good;
}

SwapType decide(const TrailerState& slot0, const TrailerState& slot1, Mode mode) {
  switch (mode) {
    case Mode::swap: return look_up(swap_table, slot0, slot1);
    case Mode::overwrite_only: return look_up(overwrite_table, slot0, slot1);
    case Mode::direct_xip:
    case Mode::ram_load: return SwapType::none;
  }
  return SwapType::none;
}

Standing standing(const TrailerState& slot) {
  for (const StandingRow& row : in_place_table) {
    if (fits(row.magic, slot.magic) && fits(row.ok, slot.image_ok) && fits(row.done, slot.copy_done)) return row.result;
  }
  return Standing::unmarked;  // XI
}

}  // namespace lockstep::boot
