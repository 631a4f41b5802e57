#include "device/qemu/host/faults/debugged_board.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "device/qemu/host/faults/boot_memory.hpp"
#include "device/qemu/host/faults/plugins.hpp"
#include "device/qemu/host/flash_file.hpp"
#include "device/qemu/host/qemu.hpp"
#include "device/qemu/pages/flash_map.hpp"
#include "host/base/files.hpp"

namespace lockstep::board {
namespace {

constexpr std::uint16_t wait_for_interrupt = 0xBF30;                  // WFI, T1 (Armv7-M ARM A7.7.261)
constexpr std::uint16_t back_to_it = 0xE7FD;                         // B to the halfword before, T2 (A7.7.12)

bool is_in_flash(std::uint32_t address) { return address - an385.flash_base < flash_geometry.size; }

std::uint32_t word(Bytes bytes, std::size_t offset) { return ByteReader(bytes.subspan(offset, 4)).u32le(); }

// Behind a skipped instruction of an IT block the block goes on: ITSTATE is bits 26:25 and 15:10 of xPSR
// (Armv7-M ARM A7.3.2).
std::uint32_t advance_it_block(std::uint32_t xpsr) {
  std::uint32_t state = (xpsr >> 25 & 3u) | (xpsr >> 8 & 0xFCu);
  state = (state & 7u) == 0 ? 0 : (state & 0xE0u) | (state << 1 & 0x1Fu);
  return (xpsr & ~(3u << 25 | 0xFCu << 8)) | (state & 3u) << 25 | (state & 0xFCu) << 8;
}

// Where the firmwares in the flash would begin to run: whichever is swapped into slot 0, or is there.
std::vector<std::uint32_t> entries(Bytes flash) {
  std::vector<std::uint32_t> found;
  const std::uint32_t slot1 = flash_layout.slot1.offset;
  for (const std::uint32_t image : {flash_layout.slot0.offset, slot1, slot1 + flash_geometry.sector_size}) {
    const std::uint32_t reset_vector = word(flash, image + image_header_size + 4) & ~1u;  // the lowest bit says Thumb
    if (is_in_flash(reset_vector) && std::ranges::find(found, reset_vector) == found.end()) found.push_back(reset_vector);
  }
  return found;
}

std::byte* map(const std::filesystem::path& path, std::size_t size) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  void* const mapped = fd < 0 ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd >= 0) ::close(fd);
  if (mapped == MAP_FAILED) throw std::runtime_error("cannot map " + path.string());
  return static_cast<std::byte*>(mapped);
}

}  // namespace

DebuggedBoard::DebuggedBoard(std::filesystem::path boot_elf, bool count)
    : boot_elf_(std::move(boot_elf)), count_(count), flash_size_(flash_geometry.size) {
  if (!FlashFile().save(folder_ / "flash.img")) throw std::runtime_error("cannot write a flash");
  flash_ = map(folder_ / "flash.img", flash_size_);
  power_on();
}

void DebuggedBoard::power_on() {
  const auto socket = folder_ / "gdb";
  std::filesystem::remove(socket);
  PowerOn power{.flash = folder_ / "flash.img", .boot_elf = boot_elf_, .uart0 = folder_ / "uart0"};
  power.more = {"-S", "-chardev", fmt::format("socket,id=gdb,path={},server=on,wait=off", socket.string()),
                "-gdb", "chardev:gdb"};
  if (count_) {
    power.more.insert(power.more.end(), {"-plugin", fmt::format("{},base=0,size={},counts={}", executions_plugin().string(),
                                                               rom_size, (folder_ / "counts").string())});
  }
  const std::string log = (folder_ / "qemu.log").string();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ == 0) {
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);  // QEMU says much when a processor locks up
    ::dup2(fd, STDERR_FILENO);
    const Error error = become_qemu(power);
    std::fprintf(stderr, "%s; %s\n", error.what.c_str(), error.next.c_str());
    ::_exit(127);
  }
  try {
    gdb_.emplace(socket);
  } catch (const std::runtime_error& error) {
    const auto said = read_file(log);
    throw std::runtime_error(fmt::format("{}: {}", error.what(), said ? as_text(*said) : ""));
  }
  halts_.clear();
  find_halts();
}

// The compiler may have put the endless loop around WFI, in which the boot code ends, at several places.
void DebuggedBoard::find_halts() {
  const Buffer rom = gdb_->read_memory(0, rom_size);
  ByteReader code(rom);
  for (std::uint32_t address = 0; address + 2 < rom_size; address += 2) {
    if (code.u16le() != wait_for_interrupt || ByteReader(Bytes(rom).subspan(address + 2, 2)).u16le() != back_to_it) continue;
    halts_.push_back(address);
    gdb_->set_breakpoint(address);
  }
  if (halts_.empty()) throw std::runtime_error("the boot code has no place where it sleeps for ever");
}

DebuggedBoard::~DebuggedBoard() {
  power_off();
  ::munmap(flash_, flash_size_);
}

void DebuggedBoard::power_off() {
  gdb_.reset();
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void DebuggedBoard::set_flash(Bytes bytes) { wanted_flash_ = to_buffer(bytes); }
void DebuggedBoard::set_ram(Bytes bytes) { ram_ = to_buffer(bytes); }

void DebuggedBoard::restore() {
  if (std::memcmp(flash_, wanted_flash_.data(), wanted_flash_.size()) != 0) {
    std::memcpy(flash_, wanted_flash_.data(), wanted_flash_.size());
  }
  gdb_->reset();
  if (!ram_.empty()) gdb_->write_memory(ram_base, ram_);
}

// Runs up to the instruction; false when the boot ends without it.
bool DebuggedBoard::meet(const Skip& skip, std::chrono::milliseconds within) {
  for (std::uint64_t n = 1;; ++n) {
    gdb_->set_breakpoint(skip.address);
    const bool met = gdb_->run(within) && gdb_->read(GdbRemote::Register::pc) == skip.address;
    gdb_->clear_breakpoint(skip.address);
    if (!met || n == skip.execution) return met;
    gdb_->step();  // QEMU would stop at the same breakpoint again
  }
}

void DebuggedBoard::pass_over(std::uint32_t address) {
  const Buffer opcode = gdb_->read_memory(address, 2);
  gdb_->write(GdbRemote::Register::xpsr, advance_it_block(gdb_->read(GdbRemote::Register::xpsr)));
  gdb_->write(GdbRemote::Register::pc, address + instruction_size(ByteReader(opcode).u16le()));
}

Ending DebuggedBoard::run(std::chrono::milliseconds within, const std::optional<Skip>& skip) {
  try {
    return boot(within, skip);
  } catch (const QemuGone&) {
    if (!skip) throw;
    power_off();
    power_on();
    return {.kind = Ending::Kind::locked, .skipped = true};
  }
}

Ending DebuggedBoard::boot(std::chrono::milliseconds within, const std::optional<Skip>& skip) {
  restore();
  const std::vector<std::uint32_t> begins = entries(flash());
  for (const std::uint32_t address : begins) gdb_->set_breakpoint(address);
  Ending ending;
  if (skip) ending.skipped = meet(*skip, within);
  if (ending.skipped) pass_over(skip->address);
  if (!skip || ending.skipped) (void)gdb_->run(within);
  ending.pc = gdb_->read(GdbRemote::Register::pc);
  if (std::ranges::find(halts_, ending.pc) != halts_.end()) ending.kind = Ending::Kind::halted;
  else if (is_in_flash(ending.pc)) ending.kind = Ending::Kind::ran;
  for (const std::uint32_t address : begins) gdb_->clear_breakpoint(address);
  return ending;
}

Buffer DebuggedBoard::ram() { return gdb_->read_memory(ram_base, ram_size); }

std::vector<std::uint64_t> DebuggedBoard::executions() {
  const auto path = folder_ / "counts";
  if (!std::filesystem::exists(path)) return {};
  std::vector<std::uint64_t> counts(rom_size / 2);
  std::byte* const mapped = map(path, rom_size / 2 * sizeof counts[0]);
  std::memcpy(counts.data(), mapped, counts.size() * sizeof counts[0]);
  std::memset(mapped, 0, counts.size() * sizeof counts[0]);
  ::munmap(mapped, counts.size() * sizeof counts[0]);
  return counts;
}

}  // namespace lockstep::board
