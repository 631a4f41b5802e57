#include "device/sweep/branching_flash.hpp"

#include <algorithm>

#include "device/boot/memory_flash.hpp"

namespace lockstep::sweep {

BranchingFlash::BranchingFlash(boot::Geometry geometry, MutableBytes memory, Branch branch)
    : Flash(geometry), memory_(memory), branch_(std::move(branch)) {}

Result<void, boot::FlashErrc> BranchingFlash::read(std::uint32_t address, MutableBytes into) {
  LOCKSTEP_CHECK(check_read(address, into.size()));
  std::copy_n(memory_.begin() + address, into.size(), into.begin());
  return {};
}

Result<void, boot::FlashErrc> BranchingFlash::program(std::uint32_t address, Bytes bytes) {
  LOCKSTEP_CHECK(check_program(address, bytes.size()));
  show_cuts({.number = ++count_, .is_erase = false, .address = address, .size = bytes.size()}, bytes);
  return boot::MemoryFlash(geometry(), memory_).program(address, bytes);
}

Result<void, boot::FlashErrc> BranchingFlash::erase(std::uint32_t address) {
  LOCKSTEP_CHECK(check_erase(address));
  show_cuts({.number = ++count_, .is_erase = true, .address = address, .size = geometry().sector_size}, {});
  return boot::MemoryFlash(geometry(), memory_).erase(address);
}

void BranchingFlash::show_cuts(const Operation& operation, Bytes bytes) {
  using Last = boot::CutFlash::Last;
  const std::uint32_t sector = geometry().sector_size;
  const std::uint32_t from = operation.address / sector * sector;
  const auto end = static_cast<std::uint32_t>((operation.address + operation.size + sector - 1) / sector * sector);
  const Bytes before = Bytes(memory_).subspan(from, end - from);
  branch_(operation, Last::skipped, from, before);
  for (const Last last : {Last::torn, Last::torn_late}) {
    scratch_.assign(before.begin(), before.end());
    boot::Geometry piece = geometry();
    piece.size = end - from;
    boot::MemoryFlash inner(piece, scratch_);
    boot::CutFlash cut(inner, 1, last);
    if (operation.is_erase) {
      (void)cut.erase(operation.address - from);
    } else {
      (void)cut.program(operation.address - from, bytes);
    }
    branch_(operation, last, from, scratch_);
  }
}

}  // namespace lockstep::sweep
