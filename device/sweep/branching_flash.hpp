// A flash in memory that shows, at each program and erase, what the flash would hold if the power had failed there.
#pragma once

#include <functional>

#include "device/boot/flash.hpp"
#include "host/base/buffer.hpp"

namespace lockstep::sweep {

// One operation, before it is done.
struct Operation {
  std::uint32_t number = 0;  // from 1, since the flash was made
  bool is_erase = false;
  std::uint32_t address = 0;
  std::size_t size = 0;
};

class BranchingFlash final : public boot::Flash {
 public:
  // Called for each operation with the sectors that it touches as they would be after a cut: untouched, torn, torn
  // late (boot::CutFlash::Last). `from` is the address of the first byte of `sectors`.
  using Branch = std::function<void(const Operation&, boot::CutFlash::Last, std::uint32_t from, Bytes sectors)>;

  // `memory` is borrowed and has geometry.size bytes.
  BranchingFlash(boot::Geometry geometry, MutableBytes memory, Branch branch);

  Result<void, boot::FlashErrc> read(std::uint32_t address, MutableBytes into) override;
  Result<void, boot::FlashErrc> program(std::uint32_t address, Bytes bytes) override;
  Result<void, boot::FlashErrc> erase(std::uint32_t address) override;

  std::uint32_t operations() const { return count_; }

 private:
  void show_cuts(const Operation& operation, Bytes bytes);

  MutableBytes memory_;
  Branch branch_;
  Buffer scratch_;
  std::uint32_t count_ = 0;
};

}  // namespace lockstep::sweep
