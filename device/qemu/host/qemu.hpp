// Powering a board: becoming its QEMU process.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "device/qemu/host/machine.hpp"
#include "host/base/error.hpp"

namespace lockstep::board {

struct PowerOn {
  Machine machine = an385;
  std::filesystem::path flash;               // exactly 16 MiB
  std::filesystem::path boot_elf;            // the boot code, the board's ROM
  std::filesystem::path uart0;               // Unix socket that QEMU listens on: SMP frames and log
  std::optional<std::filesystem::path> uart1;  // log only
  std::optional<std::uint16_t> udp;          // port on 127.0.0.1 that reaches the board's SMP port; none: no network
  bool wait = false;  // power on only when somebody reads the log: is connected to UART1, or to UART0 without UART1
  bool outlive_parent = false;               // keep running when the process that started this one ends
  std::vector<std::string> more;             // further arguments for QEMU
};

// The whole command line. ErrorKind::invalid: a socket path that is too long for the system.
Outcome<std::vector<std::string>> qemu_command(const PowerOn& board);

// Opens the flash file and locks it for this process and what it becomes, i.e. until the board is off. The descriptor
// stays open on purpose; it is returned. A board that was killed a moment ago may still be going down: waits 2 s.
// ErrorKind: not_found, io, invalid (not the flash's size), conflict (a board runs on this flash).
Outcome<int> lock_flash(const std::filesystem::path& flash);

// Replaces this process by QEMU, so that killing the process that the caller knows is the power cut and nothing can
// be left behind. Returns only on errors: not_found (no QEMU, no boot code), invalid, io, cancelled, conflict (the UDP
// port is in use).
Error become_qemu(const PowerOn& board);

}  // namespace lockstep::board
