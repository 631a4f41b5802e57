// Group 1, image management: state, upload, erase, slot information.
// Specification: Zephyr Project documentation, "Application/software image management group".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocols/smp/bounded_list.hpp"
#include "protocols/smp/message.hpp"

namespace lockstep::smp {

// Error codes of this group in `err{group 1, rc}` (img_mgmt_err_code_t); text(ServerError) knows them all.
namespace image_rc {
inline constexpr std::int32_t unknown = 1;
inline constexpr std::int32_t no_image = 3;
inline constexpr std::int32_t hash_not_found = 8;
inline constexpr std::int32_t no_free_slot = 9;
inline constexpr std::int32_t flash_open_failed = 10;
inline constexpr std::int32_t flash_read_failed = 11;
inline constexpr std::int32_t flash_write_failed = 12;
inline constexpr std::int32_t flash_erase_failed = 13;
inline constexpr std::int32_t invalid_slot = 14;
inline constexpr std::int32_t invalid_offset = 20;
inline constexpr std::int32_t invalid_length = 21;
inline constexpr std::int32_t invalid_image_header = 22;
inline constexpr std::int32_t invalid_image_header_magic = 23;
inline constexpr std::int32_t invalid_hash = 24;
inline constexpr std::int32_t current_version_is_newer = 27;
inline constexpr std::int32_t image_already_pending = 28;
inline constexpr std::int32_t image_too_large = 30;
inline constexpr std::int32_t image_data_overrun = 31;
inline constexpr std::int32_t confirmation_denied = 32;
inline constexpr std::int32_t test_of_active_denied = 33;
inline constexpr std::int32_t active_slot_not_known = 34;
}  // namespace image_rc

// One image as the device lists it. Flags that are absent are false.
struct ImageState {
  std::uint32_t image = 0;     // image number; absent means 0
  std::uint32_t slot = 0;
  std::string_view version{};  // as the device prints it: "1.2.3", "9.8.7.6", "1.2.3+4"; two images may be equal
  Bytes hash{};                // MCUboot's hash TLV, not the digest of the file; empty when not told
  bool bootable = false;
  bool pending = false;        // will be tried at the next boot
  bool confirmed = false;      // stays
  bool active = false;         // runs now
  bool permanent = false;      // pending for good
};

struct ImageStateReply {
  static constexpr std::size_t max_images = 8;
  BoundedList<ImageState, max_images> images{};  // may be empty
  std::optional<std::int64_t> split_status{};
  bool more = false;  // the device listed more than max_images; the rest was dropped

  void encode(cbor::Writer& w) const;
  static Result<ImageStateReply, Errc> decode(Bytes body);
};
// Asks which images are there.
struct ImageStateRequest {
  using Reply = ImageStateReply;
  static constexpr Command command{group::image, 0, Op::read};

  void encode(cbor::Writer& w) const;
  static Result<ImageStateRequest, Errc> decode(Bytes body);
};
// Marks the image with that hash: for a test boot, or (confirm) for good. Confirm without a hash means the running
// image. RAM-load and direct-xip builds answer Rc::not_supported.
struct ImageStateWriteRequest {
  using Reply = ImageStateReply;
  static constexpr Command command{group::image, 0, Op::write};
  Bytes hash{};  // left out when empty; a client may also send it null or empty
  bool confirm = false;

  void encode(cbor::Writer& w) const;
  static Result<ImageStateWriteRequest, Errc> decode(Bytes body);
};

struct ImageUploadReply {
  std::uint64_t offset = 0;     // member `off`: the byte that the server wants next; always follow it
  std::optional<bool> match{};  // with the last chunk: whether the digest of what was written is the `sha` given

  void encode(cbor::Writer& w) const;
  static Result<ImageUploadReply, Errc> decode(Bytes body);
};
// One chunk. `length`, `sha`, `image` and `upgrade` belong to the chunk at offset 0 only.
struct ImageUploadRequest {
  using Reply = ImageUploadReply;
  static constexpr Command command{group::image, 1, Op::write};
  std::uint32_t image = 0;               // left out when 0
  std::optional<std::uint64_t> length{}; // bytes of the whole file
  std::uint64_t offset = 0;
  Bytes sha{};                           // SHA-256 of the whole file: names the upload, so that it can be resumed
  Bytes data{};
  bool upgrade = false;                  // refuse a version that is not higher

  void encode(cbor::Writer& w) const;
  // Size of the encoded body when `data` has `data_size` bytes.
  std::size_t encoded_size(std::size_t data_size) const;
  static Result<ImageUploadRequest, Errc> decode(Bytes body);
};

// Erases a slot; without a number the one that is not running. Refused (bad state) when an image is pending there.
struct ImageEraseRequest {
  using Reply = EmptyReply;
  static constexpr Command command{group::image, 5, Op::write};
  std::optional<std::uint32_t> slot{};

  void encode(cbor::Writer& w) const;
  static Result<ImageEraseRequest, Errc> decode(Bytes body);
};

struct SlotInfo {
  std::uint32_t image = 0;
  std::uint32_t slot = 0;
  std::uint64_t size = 0;                         // bytes of the slot; 0 when not told
  std::optional<std::uint32_t> upload_image_id{}; // the `image` number that uploads into this slot
  std::optional<std::uint64_t> max_image_size{};  // of the image, repeated for each of its slots
};
struct SlotInfoReply {
  static constexpr std::size_t max_slots = 8;
  BoundedList<SlotInfo, max_slots> slots{};  // of all images, an image's slots side by side
  bool more = false;                         // there were more than max_slots

  void encode(cbor::Writer& w) const;
  static Result<SlotInfoReply, Errc> decode(Bytes body);
};
struct SlotInfoRequest {
  using Reply = SlotInfoReply;
  static constexpr Command command{group::image, 6, Op::read};

  void encode(cbor::Writer& w) const;
  static Result<SlotInfoRequest, Errc> decode(Bytes body);
};

}  // namespace lockstep::smp
