#include "host/jobs/patch_maker.hpp"

#include <doctest/doctest.h>

namespace lockstep::jobs {
namespace {

Buffer patched(const Buffer& base, const Buffer& patch) {
  auto image = delta::apply_patch(base, patch);
  REQUIRE(image);
  return *std::move(image);
}

TEST_CASE("the devices of a fleet get one patch, made once; another device's limits make another") {
  const Buffer base = to_buffer(as_bytes(std::string(5000, 'a')));
  const Buffer target = to_buffer(as_bytes(std::string(5000, 'a') + "new"));
  RecentPatches patches;
  const RecentPatches::Wanted wanted{"base", "target", {}};
  const Buffer first = patches.get(wanted, base, target);
  CHECK(patched(base, first) == target);
  CHECK(patches.get(wanted, base, target) == first);
  CHECK(patches.made() == 1);
  const RecentPatches::Wanted narrow{"base", "target", {.target = 1024, .delta = 512}};
  CHECK(patched(base, patches.get(narrow, base, target)) == target);
  CHECK(patches.made() == 2);
}

TEST_CASE("patches that nobody asked for lately are forgotten") {
  const Buffer image(100);
  RecentPatches patches;
  const auto ask = [&](std::size_t n) { patches.get({std::to_string(n), "target", {}}, image, image); };
  for (std::size_t n = 0; n <= RecentPatches::kept; ++n) ask(n);
  ask(1);
  CHECK(patches.made() == RecentPatches::kept + 1);
  ask(0);
  CHECK(patches.made() == RecentPatches::kept + 2);
}

}  // namespace
}  // namespace lockstep::jobs
