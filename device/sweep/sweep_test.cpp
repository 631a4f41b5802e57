#include <doctest/doctest.h>

#include "device/boot/memory_flash.hpp"
#include "device/sweep/branching_flash.hpp"
#include "device/sweep/random_faults.hpp"

using namespace lockstep;
using namespace lockstep::sweep;

namespace {

std::string first_of(const Outcome& outcome) { return outcome.findings.empty() ? "" : outcome.findings.front(); }

}  // namespace

TEST_CASE("each operation shows the flash untouched, half done and nearly done, and is then done") {
  const boot::Geometry geometry{.size = 512, .sector_size = 256, .write_align = 4};
  Buffer memory(geometry.size, std::byte{0});
  std::vector<std::size_t> erased;  // bytes of the sector that read as erased, at each cut
  BranchingFlash flash(geometry, memory, [&](const Operation& op, boot::CutFlash::Last, std::uint32_t from, Bytes sectors) {
    CHECK(op.number == 1);
    CHECK(op.is_erase);
    CHECK(from == 256);
    erased.push_back(static_cast<std::size_t>(std::ranges::count(sectors, boot::erased_byte)));
  });
  REQUIRE(flash.erase(256));
  CHECK(erased == std::vector<std::size_t>{0, 128, 224});
  CHECK(memory[255] == std::byte{0});
  CHECK(memory[256] == boot::erased_byte);
  CHECK(memory[511] == boot::erased_byte);
}

TEST_CASE("an operation is named by what it touches") {
  const Shape shape{1024, 8, 7};
  const boot::Layout layout = shape.layout(boot::Mode::swap);
  const auto name = [&](std::uint32_t address, std::size_t size) { return place_name(layout, shape.geometry(), address, size); };
  CHECK(name(0, 1024) == "slot 0, sector 0");
  CHECK(name(7 * 1024 - 16, 16) == "slot 0, magic");
  CHECK(name(7 * 1024 - 24, 8) == "slot 0, image ok");
  CHECK(name(7 * 1024 - 32, 8) == "slot 0, copy done");
  CHECK(name(7 * 1024 - 1024, 1024) == "slot 0, sector 6");
  CHECK(name(7 * 1024 + 1024, 512) == "slot 1, sector 1");
  CHECK(name(layout.ratchet.offset, 8) == "security counter");
}

TEST_CASE("a cut at every operation of each scenario in each mode leaves a device that boots and can be updated") {
  const Shape shape{256, 4, 8};
  for (const Scenario& scenario : all_scenarios()) {
    for (const boot::Mode mode : scenario.modes) {
      CAPTURE(scenario.name);
      CAPTURE(boot::text(mode));
      const Outcome outcome = explore(scenario, shape, mode, 1);
      CHECK(first_of(outcome) == "");
      CHECK(outcome.cuts > 10);
      CHECK(outcome.states > 10);
    }
  }
}

TEST_CASE("random cuts and write errors leave such a device too, and the same seed is the same run") {
  for (std::uint64_t seed = 1'000'000; seed < 1'000'100; ++seed) {
    CAPTURE(seed);
    CHECK(first_of(run_with_faults(seed)) == "");
  }
  CHECK(run_with_faults(7).cuts == run_with_faults(7).cuts);
}
