// A board whose processor can be made to skip an instruction: what a glitch on its supply or clock does.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "device/qemu/host/faults/gdb_remote.hpp"
#include "host/base/buffer.hpp"
#include "host/base/temp_dir.hpp"

namespace lockstep::board {

// The instruction at `address` is not executed at its `execution`-th time, counted from 1.
struct Skip {
  std::uint32_t address = 0;
  std::uint64_t execution = 1;
};

struct Ending {
  enum class Kind {
    halted,  // the boot code refused for good and sleeps
    ran,     // the processor was given to what lies in the flash
    hung,    // neither, within the time
    locked,  // the processor gave up: a fault in its fault handler (QEMU ends then; hardware waits for a reset)
  };
  Kind kind = Kind::hung;
  bool skipped = false;     // the instruction was met
  std::uint32_t pc = 0;     // where the processor was at the end
};

class DebuggedBoard {
 public:
  // Powers a board with an erased flash; it stands before its first instruction. With `count` executed instructions
  // are counted. Throws std::runtime_error.
  explicit DebuggedBoard(std::filesystem::path boot_elf, bool count = false);
  ~DebuggedBoard();
  DebuggedBoard(const DebuggedBoard&) = delete;
  DebuggedBoard& operator=(const DebuggedBoard&) = delete;

  // What the flash holds, from its first byte, at the beginning of each run.
  void set_flash(Bytes bytes);
  // The same for the boot code's RAM, which a reset does not clear. Without it a boot finds what the last one left.
  void set_ram(Bytes bytes);
  // One boot from reset.
  Ending run(std::chrono::milliseconds within, const std::optional<Skip>& skip = std::nullopt);
  Buffer ram();  // the boot code's, as it is now

  // How often each instruction was executed since the last call, by address; empty unless asked for at the start.
  std::vector<std::uint64_t> executions();
  Bytes flash() const { return {flash_, flash_size_}; }

 private:
  void power_on();
  void find_halts();
  Ending boot(std::chrono::milliseconds within, const std::optional<Skip>& skip);
  void restore();
  bool meet(const Skip& skip, std::chrono::milliseconds within);
  void pass_over(std::uint32_t address);
  void power_off();

  std::filesystem::path boot_elf_;
  bool count_;
  TempDir folder_;
  pid_t pid_ = -1;
  std::byte* flash_ = nullptr;
  std::size_t flash_size_ = 0;
  Buffer wanted_flash_;
  Buffer ram_;
  std::vector<std::uint32_t> halts_;  // where the processor sleeps when the boot code refuses
  std::optional<GdbRemote> gdb_;
};

}  // namespace lockstep::board
