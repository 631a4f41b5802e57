#include "device/boot/decide.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace lockstep;
using namespace lockstep::boot;

namespace {

constexpr std::array magics{Magic::unset, Magic::good, Magic::bad};
constexpr std::array flags{Flag::unset, Flag::set, Flag::bad};

template <class F>
void for_each_trailer(F f) {
  for (const Magic magic : magics) {
    for (const Flag ok : flags) {
      for (const Flag done : flags) f(TrailerState{.magic = magic, .image_ok = ok, .copy_done = done});
    }
  }
}

// MCUboot docs/design.md, "New swaps (non-resumes)", said in another way than the table in decide.cpp.
SwapType by_the_book(const TrailerState& primary, const TrailerState& secondary) {
  if (secondary.magic == Magic::good && secondary.image_ok == Flag::unset) {
    return secondary.copy_done == Flag::set ? SwapType::revert : SwapType::test;
  }
  if (secondary.magic == Magic::good && secondary.image_ok == Flag::set) return SwapType::perm;
  const bool untested = primary.image_ok == Flag::unset && primary.copy_done == Flag::set;
  return primary.magic == Magic::good && untested ? SwapType::revert : SwapType::none;
}

}  // namespace

TEST_CASE("each of the 729 pairs of trailers is decided as MCUboot's tables have it") {
  for_each_trailer([](const TrailerState& s0) {
    for_each_trailer([&s0](const TrailerState& s1) { CHECK(decide(s0, s1, Mode::swap) == by_the_book(s0, s1)); });
  });
}

TEST_CASE("overwrite-only installs whatever slot 1 asks for and never goes back") {
  for_each_trailer([](const TrailerState& s0) {
    for_each_trailer([&s0](const TrailerState& s1) {
      const SwapType expected = s1.magic == Magic::good ? SwapType::perm : SwapType::none;
      CHECK(decide(s0, s1, Mode::overwrite_only) == expected);
    });
  });
}

TEST_CASE("ram-load and direct-xip never swap") {
  for (const Mode mode : {Mode::ram_load, Mode::direct_xip}) {
    for_each_trailer([mode](const TrailerState& s0) {
      for_each_trailer([&](const TrailerState& s1) { CHECK(decide(s0, s1, mode) == SwapType::none); });
    });
  }
}

// MCUboot boot/bootutil/src/loader.c, boot_select_or_erase() with MCUBOOT_DIRECT_XIP_REVERT: an image without a good
// magic, or one that was selected before and is not confirmed, is erased; a selected one gets copy done. We do not erase
// what nobody marked, and a torn copy done counts as one that is set.
TEST_CASE("each of the 27 trailers says of its image what MCUboot's direct-xip with revert makes of it") {
  for_each_trailer([](const TrailerState& s) {
    const bool erased_there = s.magic != Magic::good || (s.copy_done == Flag::set && s.image_ok != Flag::set);
    const Standing ours = standing(s);
    const bool torn_start = s.magic == Magic::good && s.copy_done == Flag::bad && s.image_ok != Flag::set;
    const bool out = ours == Standing::unmarked || ours == Standing::failed;
    CHECK(out == (erased_there || torn_start));
    CHECK((ours == Standing::unmarked) == (s.magic != Magic::good));
    const bool stays = ours == Standing::wanted || ours == Standing::confirmed;
    CHECK(stays == (s.magic == Magic::good && s.image_ok == Flag::set));
  });
}

TEST_CASE("a swap is resumed when slot 0 says it is under way and slot 1 no longer asks") {
  const TrailerState under_way{.magic = Magic::good, .swap_type = SwapType::test};
  const TrailerState asking{.magic = Magic::good};
  CHECK(is_interrupted_swap(under_way, {}));
  CHECK(is_interrupted_swap(under_way, {.magic = Magic::bad}));
  CHECK_FALSE(is_interrupted_swap(under_way, asking));

  TrailerState finished = under_way;
  finished.copy_done = Flag::set;
  CHECK_FALSE(is_interrupted_swap(finished, {}));
  CHECK_FALSE(is_interrupted_swap({.magic = Magic::good}, {}));  // a padded image from the factory
}

TEST_CASE("a permanent swap that is under way stays one while slot 1's trailer is being erased") {
  // A torn erase may leave the magic alone, which would read as the wish for a test.
  const TrailerState asking{.magic = Magic::good};
  CHECK(is_interrupted_swap({.magic = Magic::good, .image_ok = Flag::set, .swap_type = SwapType::perm}, asking));
  CHECK_FALSE(is_interrupted_swap({.magic = Magic::good, .swap_type = SwapType::perm}, asking));
}

TEST_CASE("a revert that is under way is resumed even while slot 1's trailer is being erased") {
  // Erased by half it could read as the wish to test an image that is not there.
  const TrailerState under_way{.magic = Magic::good, .swap_type = SwapType::revert};
  CHECK(is_interrupted_swap(under_way, {.magic = Magic::good}));
}
