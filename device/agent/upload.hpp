// Takes an image in chunks into slot 1. One upload at a time; it lives in RAM, so a reset forgets it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "device/agent/platform.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::agent {

// Error codes of the SMP image group, as Zephyr's documentation numbers them (group 1, "err": {group, rc}).
enum class ImageRc : std::uint16_t {
  ok = 0,
  unknown = 1,
  flash_config_query_fail = 2,
  no_image = 3,
  no_free_slot = 9,
  flash_open_failed = 10,
  flash_read_failed = 11,
  flash_write_failed = 12,
  flash_erase_failed = 13,
  invalid_slot = 14,
  invalid_offset = 20,
  invalid_length = 21,
  invalid_image_header = 22,
  invalid_image_header_magic = 23,
  invalid_hash = 24,
  current_version_is_newer = 27,
  image_already_pending = 28,
  invalid_image_too_large = 30,
  invalid_image_data_overrun = 31,
  image_confirmation_denied = 32,
  image_setting_test_to_active_denied = 33,
};

// One upload request. Views belong to the caller.
struct Chunk {
  std::optional<std::uint32_t> offset;
  std::optional<std::uint32_t> length;  // of the whole image; only with offset 0
  Bytes sha{};                          // SHA-256 of the whole file, or a part of it; only with offset 0
  Bytes data{};
  std::uint32_t image = 0;
  bool upgrade = false;                 // take only a version above the running one
};

class Upload {
 public:
  explicit Upload(Platform& platform) : platform_(&platform) {}

  struct Answer {
    std::uint32_t offset = 0;   // what the device has; the sender goes on from here
    std::optional<bool> match;  // with the last chunk: the flash holds what `sha` promised
  };
  // Writes one chunk. A chunk for another offset than the expected one changes nothing and is answered with the
  // expected one. A first chunk that repeats length and sha of the upload under way goes on with it.
  Result<Answer, ImageRc> take(const Chunk& chunk);

  void forget();

 private:
  Result<Answer, ImageRc> begin(const Chunk& chunk);
  Result<void, ImageRc> prepare_slot(std::uint32_t length);
  Result<void, ImageRc> write(Bytes data);
  Result<bool, ImageRc> matches();

  Platform* platform_;
  bool active_ = false;
  std::uint32_t length_ = 0;   // of the whole image
  std::uint32_t offset_ = 0;   // bytes taken so far
  std::uint32_t written_ = 0;  // bytes in the flash; the rest waits in tail_
  std::array<std::byte, 32> sha_{};
  std::size_t sha_size_ = 0;
  std::array<std::byte, boot::max_write_align> tail_{};
};

}  // namespace lockstep::agent
