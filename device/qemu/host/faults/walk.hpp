// Records what a board stores into its flash while it goes through an update or a revert, beside its twin.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "device/qemu/host/rig/flash_maker.hpp"
#include "device/qemu/host/faults/store_log.hpp"
#include "device/qemu/host/faults/update_steps.hpp"
#include "device/qemu/host/rig/board_rig.hpp"

namespace lockstep::board {

struct Walk {
  enum class Kind {
    update,  // 1.0.0 runs; 2.0.0 is uploaded, tested and confirmed, and one more reset shows that it stays
    revert,  // 2.0.0 ran on test and nobody confirmed it; the power is switched on
  };
  Kind kind;
  Buffer before;              // the flash when the power is switched on
  std::vector<Store> stores;  // until the firmware is ready for good
  std::vector<WrittenByte> twin_written;
  std::size_t twin_operations = 0;
};
const char* text(Walk::Kind kind);

// One board with its images. Everything blocks, and throws std::runtime_error when the board does not work.
class Walker {
 public:
  // As BoardRig's.
  Walker(std::filesystem::path bin, std::filesystem::path cortex_m);

  Walk record(Walk::Kind kind);
  // Goes the walk again with the power cut behind the n-th store, counted from 1; the flash then.
  Buffer cut(const Walk& walk, std::size_t n);
  // Powers the board with this flash and brings it to 2.0.0; false when it refuses.
  bool completes(Bytes flash);

  const NewImage& image() const { return image_; }
  PublicKey key() const { return rig_.key(); }
  std::uint32_t buffer_size() const { return buffer_size_; }  // of the board's agent

 private:
  Buffer flash_before(Walk::Kind kind);
  bool power_on(Bytes flash, std::vector<std::string> plugin = {});
  Buffer power_off();

  BoardRig rig_;
  NewImage image_;
  std::uint32_t buffer_size_ = 0;
};

}  // namespace lockstep::board
