// One DFU download: an MCUboot image in blocks, into the slot that does not run, where an SMP upload ends too. Looking
// and writing are apart: a block is accepted while the host waits, and written when it has been told for how long.
#pragma once

#include <cstdint>
#include <string_view>

#include "device/agent/slot_writer.hpp"
#include "protocols/dfu/dfu.hpp"

namespace lockstep::dfu {

// How long the board's flash takes at most, from its data sheet: what the host is told to wait.
struct Timing {
  std::uint32_t erase_sector_ms = 50;
  std::uint32_t program_kib_ms = 10;
  std::uint32_t check_kib_ms = 1;  // reading and hashing
};

// What Status::vendor stands for.
enum class VendorError : std::uint8_t {
  none,
  slot_in_use,  // another image waits for the next boot, or the running one is on test: confirm it first
  slot_taken,   // another upload began in the meantime, and the slot is its now
};
std::string_view text(VendorError e);
inline constexpr std::uint8_t vendor_errors = 2;

// Why not; Status::ok: nothing against it.
struct Verdict {
  Status status = Status::ok;
  VendorError vendor = VendorError::none;
  constexpr bool is_fine() const { return status == Status::ok; }
};

class Download {
 public:
  Download(agent::Platform& platform, const Timing& timing)
      : platform_(&platform), slots_(platform), writer_(platform), timing_(timing) {}

  void begin();  // the next block is the first one

  // Whether a block can be taken. Nothing is touched.
  // * target: the first block begins with no MCUboot header   * file: with one of an image that no device can run
  // * address: the image does not fit the slot, or the block is not the next one
  // * vendor: slot_in_use, slot_taken
  Verdict accept(std::uint16_t block, Bytes data);
  // Whether so much has come that the end may be here, by the image's header. * not_done, and the vendor errors.
  Verdict accept_end() const;

  // Writes an accepted block. * erase, write: the flash failed
  Verdict write(Bytes data);
  // Looks at the whole image and marks it for a test at the next boot.
  // * write, erase: the flash failed  * file: no sound image, or never to be run, as it is not newer (direct-xip)
  // * not_done: the end is missing    * verify: what lies in the flash has not the hash that the image says
  // * vendor: slot_in_use, slot_taken
  Verdict manifest();

  // Upper bounds for the two of them.
  std::uint32_t write_ms(std::size_t bytes) const;
  std::uint32_t manifest_ms() const;

 private:
  Verdict accept_first(Bytes data);
  Verdict lost_slot() const;
  Verdict check_image();
  bool has_right_hash(const mcuboot::ImageInfo& image);
  std::uint32_t trailer_sectors() const;

  agent::Platform* platform_;
  agent::Slots slots_;
  agent::SlotWriter writer_;
  Timing timing_;
  bool begun_ = false;              // the first block was accepted
  std::uint16_t next_block_ = 0;    // after 65535 comes 0
  std::uint32_t accepted_ = 0;      // bytes of all accepted blocks
  std::uint32_t least_size_ = 0;    // of the image, by its header
  std::uint32_t erased_end_ = 0;    // offset in the slot up to which it was erased
  std::uint32_t slot_number_ = 0;   // Platform::take_upload_slot
};

}  // namespace lockstep::dfu
