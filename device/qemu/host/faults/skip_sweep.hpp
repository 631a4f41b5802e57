// Skips each instruction of the boot code's decision once, and looks whether a firmware that must not run then does.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lockstep::board {

struct SkipOptions {
  std::filesystem::path boot_elf;
  std::filesystem::path firmwares;      // folder with thermostat-1.0.bin
  std::uint32_t every = 1;              // take one instruction in so many
  std::uint32_t every_arithmetic = 40;  // the same in the arithmetic of hash and curve, which decides nothing
  std::uint32_t every_costly = 1;       // a further thinning where each boot verifies a signature
  std::string function;                 // take only those of functions whose name begins so; empty: all
  unsigned threads = 2;                 // boards at work at once
};

struct SkipFinding {
  std::string image;        // what was wrong with it
  std::string instruction;  // address and function
  std::uint32_t pc = 0;     // where the processor was then
};

struct SkipCount {
  std::string image;
  std::uint32_t executed = 0;  // instructions that the boot meets
  std::uint32_t skipped = 0;   // of these, tried
  std::uint32_t halted = 0, hung = 0, locked = 0, ran = 0;  // as Ending::Kind
};

struct SkipReport {
  std::vector<SkipCount> counts;  // one for each bad image
  std::vector<SkipFinding> findings;
};

// Throws std::runtime_error when the boards do not work, or already run a bad image without a fault. `progress` is
// called from several threads with the number of boots done and to do.
SkipReport sweep_skips(const SkipOptions& options, const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace lockstep::board
