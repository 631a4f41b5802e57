// What a device says about itself, as values: the words of host/session and of every floor above.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lockstep::session {

// Who the device is (SMP group 64, command 0). Empty texts were not reported.
struct Identity {
  std::string board = {};     // kind of board, as in a release's <hardware board="...">
  std::string revision = {};  // of the board
  std::string serial = {};    // unique per device
  std::string product = {};

  bool operator==(const Identity&) const = default;
};

// How the device is (SMP group 64, command 1).
struct Health {
  bool healthy = false;
  std::string detail = {};  // the device's own words
};

// Which patches the device takes in place of an image (SMP group 64, command 2); host/delta makes them so.
struct PatchLimits {
  std::uint32_t delta_window = 0;   // bytes that a window's delta encoding may have
  std::uint32_t target_window = 0;  // bytes of the image that a window may make
};

// One image in one slot, as the image group's state list tells it.
struct ImageSlot {
  std::uint32_t image = 0;
  std::uint32_t slot = 0;
  std::string version = {};
  std::string hash = {};  // of the hash TLV, lower-case hex; empty when the device does not tell it
  bool bootable = false;
  bool pending = false;    // will run after the next reset
  bool confirmed = false;  // stays after the next reset
  bool active = false;     // runs now
  bool permanent = false;  // pending, without a way back

  bool operator==(const ImageSlot&) const = default;
};

// One image of a device, and what it is (SMP group 64, command 4).
struct ImageComponent {
  std::uint32_t image = 0;
  std::string name = "app";  // as a release's <component name="...">

  bool operator==(const ImageComponent&) const = default;
};

// The OS group's parameters: the device's reassembly buffer.
struct Params {
  std::uint32_t buffer_size = 0;  // bytes
  std::uint32_t buffer_count = 0;
};

struct BootloaderInfo {
  std::string name = {};                  // "MCUboot"
  std::optional<std::int32_t> mode = {};  // MCUboot's number of the boot mode
  bool no_downgrade = false;
};

// Everything there is to know about the images of a device. What a device cannot tell is absent, never
// guessed.
struct Inventory {
  std::vector<ImageSlot> images = {};  // may be empty: an empty device in recovery lists none
  std::optional<Params> params = {};
  std::optional<BootloaderInfo> bootloader = {};

  // The slot whose image runs now, of that image number, or nullptr.
  const ImageSlot* running(std::uint32_t image) const;
  const ImageSlot* running() const { return running(0); }
  // The slot that holds the image with this hash (lower-case hex), the running one first; or nullptr.
  const ImageSlot* find(const std::string& hash) const;
};

}  // namespace lockstep::session
