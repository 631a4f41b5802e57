// Takes a patch in place of an image: a VCDIFF file whose application header names the running image and the new one
// (protocols/delta/patch_header.hpp). It is applied while it arrives, into the slot that does not run; nothing of it is
// stored. Offsets of the upload count bytes of the patch. Marking and confirming work by the new image's hash as ever.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "device/agent/patch_images.hpp"
#include "protocols/delta/patch_header.hpp"
#include "protocols/smp/image_group.hpp"

namespace lockstep::agent {

// The windows that are taken; the capability reply says so.
inline constexpr std::uint32_t patch_delta_window = 3 * 1024;
inline constexpr std::uint32_t patch_target_window = 16 * 1024;

class PatchUpload {
 public:
  explicit PatchUpload(Platform& platform) : platform_(&platform), slots_(platform), images_(platform) {}
  PatchUpload(const PatchUpload&) = delete;  // the decoder points into it
  PatchUpload& operator=(const PatchUpload&) = delete;

  // Whether a chunk is a patch's: the first of one, or the next of the one under way.
  bool wants(const smp::ImageUploadRequest& chunk) const;

  // Takes one chunk; offsets are answered as Upload does. The header may need several. After a reset the answer to the
  // one that ends it is where to go on, when length and sha are those of before.
  // Refusals: those of an upload, and hash_not_found when the running image is not the one that the patch is for; then
  // nothing was written. With the last chunk `match` tells whether the new image has the digest that the patch names;
  // if not, or when the patch contradicts itself, the slot is left without an image.
  Result<smp::ImageUploadReply, ImageError> take(const smp::ImageUploadRequest& chunk);

  void forget() { active_ = in_header_ = false; }

 private:
  using Reply = Result<smp::ImageUploadReply, ImageError>;

  Reply take_first(const smp::ImageUploadRequest& chunk);
  Reply take_header(Bytes data);
  Reply begin(Bytes behind_header, std::uint32_t header_size);
  Result<void, ImageError> check(const smp::ImageUploadRequest& chunk) const;
  bool is_resumed_by(const smp::ImageUploadRequest& chunk) const;
  Result<void, ImageError> begin_anew(Bytes sha, std::uint32_t header_size);
  Result<void, ImageError> go_on(const PatchJournal::Record& record);
  Reply feed(Bytes data);
  Reply finish();
  Result<void, ImageError> discard();
  bool is_newer();

  Platform* platform_;
  Slots slots_;
  PatchImages images_;
  std::array<std::byte, patch_delta_window> window_{};
  delta::Decoder decoder_{window_, images_};
  std::uint32_t offset() const { return in_header_ ? static_cast<std::uint32_t>(header_used_) : decoder_.taken(); }

  std::array<std::byte, 96> header_bytes_{};  // of the file, until they are whole; 82 of ours
  std::size_t header_used_ = 0;
  delta::PatchHeader header_{};
  std::array<std::byte, 32> sha_{};
  std::size_t sha_size_ = 0;
  std::uint32_t length_ = 0;  // of the patch
  bool upgrade_ = false;      // a version that is not higher is refused, once it is known
  bool active_ = false;
  bool in_header_ = false;
};

// The promise of device/README.md, "Patches": 8 KiB in all, of which the stack takes the rest.
static_assert(sizeof(PatchUpload) <= 7 * 1024);

}  // namespace lockstep::agent
