// How far a patch has come, in the flash, so that a power cut does not cost what is done. It lies in the room that the
// trailer of the slot leaves free in its sectors; erasing the trailer, as every new upload does, erases it too.
//
//   identity: SHA-256 of the patch file (32) | its size (4) | CRC-32 of both (4)
//   record:   patch offset (4) | target offset (4) | finished (4) | CRC-32 of the three (4)
//
// Each is one flash operation, padded to the write alignment and never written twice; one that a power cut tore has a
// wrong CRC and is passed over. A record is true for good: what it says is finished is never erased while the
// identity stands.
#pragma once

#include <cstdint>
#include <optional>

#include "device/agent/slots.hpp"

namespace lockstep::agent {

class PatchJournal {
 public:
  struct Record {
    std::uint32_t patch_offset = 0;   // where a window of the patch begins
    std::uint32_t target_offset = 0;  // ... and what it makes
    std::uint32_t finished = 0;       // bytes of the target that are in the flash: whole sectors, at least up to there
    friend bool operator==(const Record&, const Record&) = default;
  };

  explicit PatchJournal(Platform& platform) : platform_(&platform) {}

  // Names the patch in an erased journal. `sha` is the upload's; without one of 32 bytes, or without room, nothing is
  // kept and a reset means to begin again.
  Result<void, boot::FlashErrc> begin(Bytes sha, std::uint32_t length);
  // The furthest record of that patch. Nothing when there is none.
  std::optional<Record> find(Bytes sha, std::uint32_t length);
  // Keeps a record while there is room; afterwards a reset goes back to the last one that was kept.
  Result<void, boot::FlashErrc> append(const Record& record);

 private:
  static constexpr std::uint32_t identity_size = 40;
  static constexpr std::uint32_t record_size = 16;

  boot::FlashArea area();
  std::uint32_t padded(std::uint32_t size) const;
  bool is_named(Bytes sha, std::uint32_t length);

  Platform* platform_;
  std::uint32_t next_ = 0;  // where the next record goes; 0: no journal is kept
};

}  // namespace lockstep::agent
