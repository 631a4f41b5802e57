// Takes an image in chunks into the slot that does not run, of the image number that the first chunk names. One upload at a time; it lives in RAM, so a reset
// forgets it, but an image that is already there whole is recognised by its SHA-256.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "device/agent/slot_writer.hpp"
#include "protocols/smp/image_group.hpp"

namespace lockstep::agent {

class Upload {
 public:
  explicit Upload(Platform& platform) : platform_(&platform), slots_(platform), writer_(platform) {}

  // Writes one chunk. One for another offset than the expected changes nothing and is answered with the expected
  // one. A first chunk that repeats the sha of the upload under way goes on with it.
  Result<smp::ImageUploadReply, ImageError> take(const smp::ImageUploadRequest& chunk);

  void forget() { active_ = false; }

 private:
  using Reply = Result<smp::ImageUploadReply, ImageError>;

  Result<void, ImageError> check_first(const smp::ImageUploadRequest& chunk);
  bool is_resumed_by(const smp::ImageUploadRequest& chunk) const;
  bool is_there_already(const smp::ImageUploadRequest& chunk, Slots& slots);
  Result<void, ImageError> begin(const smp::ImageUploadRequest& chunk);
  Result<void, ImageError> erase_slot();
  Reply write(Bytes data);
  Reply finish();
  std::optional<bool> matches(Slots& slots, std::uint32_t length, Bytes sha);

  Platform* platform_;
  Slots slots_;  // of the image under way
  SlotWriter writer_;
  std::uint32_t image_ = 0;
  bool active_ = false;
  std::uint32_t length_ = 0;  // of the whole image
  std::array<std::byte, 32> sha_{};
  std::size_t sha_size_ = 0;
};

}  // namespace lockstep::agent
