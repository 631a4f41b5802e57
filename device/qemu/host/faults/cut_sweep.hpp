// Cuts the board's power at every store into its flash, through one whole update and one whole revert, and looks
// whether it boots, does what the twin on the host does, and can still be updated.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lockstep::board {

struct CutOptions {
  std::filesystem::path bin;       // folder of lockstep-board
  std::filesystem::path cortex_m;  // the firmware's build: bin/boot.elf and the thermostats
  std::uint32_t every = 1;         // try one state in so many
  std::uint32_t real_cuts = 6;     // of each walk: QEMU killed at that store, instead of the flash as it was then
  unsigned threads = 2;            // boards at work at once, for each walk
};

// One walk through the flash: an update or a revert.
struct CutCount {
  std::string walk;
  std::size_t stores = 0;           // by the board's processor into its flash
  std::size_t bytes = 0;            // that they wrote
  std::size_t twin_bytes = 0;       // that the twin wrote
  std::size_t twin_operations = 0;  // programs and erases that they were
  std::size_t changing = 0;         // stores that changed the flash; only behind these it is another
  std::size_t sampled_out = 0;      // of these, inside the copy or erase of an image's sector
  std::size_t booted = 0;           // flashes tried
  std::size_t killed = 0;           // boards really killed at a store
};

struct CutReport {
  std::vector<CutCount> counts;
  std::vector<std::string> findings;  // what went wrong, and behind which store
};

// Throws std::runtime_error when the boards do not work. `progress` is called from several threads.
CutReport sweep_cuts(const CutOptions& options, const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace lockstep::board
