// The two slots as the delta decoder sees them: the running image to copy from, the other slot to write to. Nothing
// else can be reached through it, whatever a patch says.
#pragma once

#include <array>

#include "device/agent/patch_journal.hpp"
#include "protocols/delta/decoder.hpp"

namespace lockstep::agent {

class PatchImages final : public delta::Images {
 public:
  explicit PatchImages(Platform& platform) : platform_(&platform), slots_(platform), journal_(platform) {}

  PatchJournal& journal() { return journal_; }

  // Begins with a target of which `finished` bytes, a multiple of the sector size, are in the flash already. Writes
  // below are passed over; they are the same bytes again.
  void start(std::uint32_t base_size, std::uint32_t finished);
  // Writes what waits for the rest of a write unit.
  Result<void, boot::FlashErrc> finish();

  std::uint32_t base_size() override { return base_size_; }
  bool read_base(std::uint32_t offset, MutableBytes into) override;
  bool read_target(std::uint32_t offset, MutableBytes into) override;
  bool write(std::uint32_t offset, Bytes bytes) override;
  bool on_window(const Window& window) override;

 private:
  bool flush_units();

  Platform* platform_;
  Slots slots_;
  PatchJournal journal_;
  std::uint32_t base_size_ = 0;
  std::uint32_t in_flash_ = 0;   // bytes of the target that were programmed
  std::uint32_t recorded_ = 0;   // the last record's `finished`
  std::uint32_t waiting_ = 0;    // bytes in page_, which follow those in the flash
  std::array<std::byte, 256> page_{};
};

}  // namespace lockstep::agent
