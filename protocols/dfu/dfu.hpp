// USB device firmware upgrade, version 1.1: the words that host and device exchange. The conversation itself is in
// device/dfu. Specification: "Universal Serial Bus Device Class Specification for Device Firmware Upgrade", 1.1.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/dfu/errc.hpp"

namespace lockstep::dfu {

inline constexpr std::uint8_t interface_class = 0xfe;  // application specific
inline constexpr std::uint8_t interface_subclass = 1;  // device firmware upgrade
inline constexpr std::uint8_t protocol_runtime = 1;
inline constexpr std::uint8_t protocol_dfu_mode = 2;
inline constexpr std::uint16_t version_1_1 = 0x0110;

// bRequest (table 3.2). The interface is the index; detach: the timeout in ms is the value; dnload, upload: the block.
enum class Request : std::uint8_t {
  detach = 0,
  dnload = 1,
  upload = 2,
  get_status = 3,
  clear_status = 4,
  get_state = 5,
  abort = 6,
};

// Section 6.1.2; names as the specification has them, without the prefix of the mode.
enum class State : std::uint8_t {
  app_idle = 0,             // runs its application
  app_detach = 1,           // asked to leave it, waits for a bus reset
  idle = 2,                 // in DFU mode, waits for requests
  dnload_sync = 3,          // has a block, waits to be asked for its status
  dnload_busy = 4,          // writes the block
  dnload_idle = 5,          // in a download, waits for the next block
  manifest_sync = 6,        // has all blocks, waits to be asked for its status
  manifest = 7,             // puts the new firmware into use
  manifest_wait_reset = 8,  // has done so, waits for a bus reset
  upload_idle = 9,          // in an upload
  error = 10,               // waits for clear_status
};
std::string_view text(State s);  // "dfuDNLOAD-IDLE"

enum class Status : std::uint8_t {
  ok = 0x00,
  target = 0x01,        // the file is not for this device
  file = 0x02,          // the file is for this device, but something is wrong with it
  write = 0x03,         // the memory could not be written
  erase = 0x04,         // the memory could not be erased
  check_erased = 0x05,  // the memory was not erased after all
  prog = 0x06,          // the memory could not be programmed
  verify = 0x07,        // what was written is not what was sent
  address = 0x08,       // outside of the memory
  not_done = 0x09,      // the download ended before the file did
  firmware = 0x0a,      // the firmware is damaged; there is only DFU mode
  vendor = 0x0b,        // the string of the status report says what
  usb_reset = 0x0c,     // an unexpected bus reset
  power_on_reset = 0x0d,  // an unexpected power-on reset
  unknown = 0x0e,
  stalled_packet = 0x0f,  // a request that does not fit the state
};
std::string_view text(Status s);  // one sentence

// bmAttributes of the functional descriptor.
namespace attribute {
inline constexpr std::uint8_t can_download = 1;
inline constexpr std::uint8_t can_upload = 2;
inline constexpr std::uint8_t manifestation_tolerant = 4;  // can still be talked to after the manifestation
inline constexpr std::uint8_t will_detach = 8;  // leaves and joins the bus by itself; the host need not reset it
}  // namespace attribute

struct FunctionalDescriptor {
  static constexpr std::size_t size = 9;
  static constexpr std::uint8_t descriptor_type = 0x21;
  std::uint8_t attributes = 0;
  std::uint16_t detach_timeout_ms = 0;
  std::uint16_t transfer_size = 0;  // bytes of the largest block
  std::uint16_t version = version_1_1;

  constexpr bool has(std::uint8_t attribute) const { return (attributes & attribute) != 0; }
  void encode(ByteWriter& w) const;
  // One descriptor. Those of DFU 1.0 may lack the version: it reads as 0x0100. Errc: bad_descriptor.
  static Result<FunctionalDescriptor, Errc> decode(Bytes one);
  friend bool operator==(const FunctionalDescriptor&, const FunctionalDescriptor&) = default;
};

// The answer to Request::get_status.
struct StatusReport {
  static constexpr std::size_t size = 6;
  static constexpr std::uint32_t max_poll_timeout_ms = 0xffffff;
  Status status = Status::ok;
  std::uint32_t poll_timeout_ms = 0;  // ask again after that long; more than max_poll_timeout_ms becomes that
  State state = State::idle;
  std::uint8_t string = 0;  // what Status::vendor means

  std::array<std::byte, size> encode() const;
  // Of exactly six bytes. Errc: bad_length, bad_status.
  static Result<StatusReport, Errc> decode(Bytes bytes);
  friend bool operator==(const StatusReport&, const StatusReport&) = default;
};

}  // namespace lockstep::dfu
