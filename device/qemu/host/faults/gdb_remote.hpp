// The debugger's side of QEMU's gdb stub, as far as a fault injector needs it (GDB manual, "GDB Remote Serial
// Protocol"). Everything blocks and throws std::runtime_error when QEMU does not answer as it should, QemuGone when it
// is not there any more.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "host/base/buffer.hpp"

namespace lockstep::board {

// QEMU closed the connection: it ended.
struct QemuGone : std::runtime_error {
  QemuGone() : std::runtime_error("QEMU is gone") {}
};

class GdbRemote {
 public:
  // Numbers of the registers in GDB's feature org.gnu.gdb.arm.m-profile.
  enum class Register : unsigned { pc = 15, xpsr = 25 };

  // Connects to the stub that listens, or soon will, on this Unix socket. The processor is stopped.
  explicit GdbRemote(const std::filesystem::path& socket);
  ~GdbRemote();
  GdbRemote(const GdbRemote&) = delete;
  GdbRemote& operator=(const GdbRemote&) = delete;

  void set_breakpoint(std::uint32_t address);
  void clear_breakpoint(std::uint32_t address);
  std::uint32_t read(Register r);
  void write(Register r, std::uint32_t value);
  Buffer read_memory(std::uint32_t address, std::uint32_t size);
  void write_memory(std::uint32_t address, Bytes bytes);
  // The reset button. The processor stays stopped.
  void reset();
  void step();  // one instruction
  // Lets the processor run until it meets a breakpoint; stops it and says false when that takes longer.
  bool run(std::chrono::milliseconds within);

 private:
  std::string ask(std::string_view command);
  void expect_ok(std::string_view command);
  void send(std::string_view command);
  // One packet's text, acknowledged; empty when none came in time.
  std::string receive(std::chrono::milliseconds within);

  int fd_ = -1;
  std::string input_;
};

}  // namespace lockstep::board
