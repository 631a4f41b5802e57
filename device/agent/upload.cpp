#include "device/agent/upload.hpp"

#include <algorithm>

namespace lockstep::agent {

namespace image_rc = smp::image_rc;

Upload::Reply Upload::take(const smp::ImageUploadRequest& chunk) {
  if (chunk.offset == 0) {
    if (const auto fine = check_first(chunk); !fine) return Fail(fine.error());
    if (is_resumed_by(chunk)) return smp::ImageUploadReply{.offset = writer_.taken()};
    Slots slots(*platform_, static_cast<int>(chunk.image));
    if (slots.in_use(slots.upload_slot())) return Fail(image_rc::no_free_slot);
    if (is_there_already(chunk, slots)) return smp::ImageUploadReply{.offset = *chunk.length, .match = true};
    LOCKSTEP_CHECK(begin(chunk));
  } else if (!active_) {
    return smp::ImageUploadReply{.offset = 0};  // forgotten by a reset: begin anew
  } else if (chunk.offset != writer_.taken()) {
    return smp::ImageUploadReply{.offset = writer_.taken()};
  }
  if (chunk.data.size() > length_ - writer_.taken()) return Fail(image_rc::image_data_overrun);
  Reply reply = write(chunk.data);
  if (!reply) forget();
  return reply;
}

// What can be said of a first chunk without touching anything, in the order of Zephyr's img_mgmt_upload_inspect.
// The image itself is not verified here: the bootloader does that.
Result<void, ImageError> Upload::check_first(const smp::ImageUploadRequest& chunk) {
  if (chunk.data.size() < mcuboot::min_header_size) return Fail(image_rc::invalid_image_header);
  if (!chunk.length) return Fail(image_rc::invalid_length);
  if (ByteReader(chunk.data).u32le() != mcuboot::header_magic) return Fail(image_rc::invalid_image_header_magic);
  if (chunk.sha.size() > sha_.size()) return Fail(image_rc::invalid_hash);
  if (chunk.image >= static_cast<std::uint32_t>(platform_->images())) return Fail(image_rc::no_free_slot);
  Slots slots(*platform_, static_cast<int>(chunk.image));
  const auto limit = boot::max_image_size(slots.layout(), platform_->flash().geometry());
  if (*chunk.length > limit) return Fail(image_rc::image_too_large);
  if (chunk.data.size() > *chunk.length) return Fail(image_rc::image_data_overrun);
  if (!chunk.upgrade) return {};
  mcuboot::MemorySource source(chunk.data);
  const auto header = mcuboot::read_header(source);
  const auto running = slots.image(slots.active_slot());
  const bool newer = header && running && header->version > running->header.version;
  if (!newer) return Fail(image_rc::current_version_is_newer);
  return {};
}

bool Upload::is_resumed_by(const smp::ImageUploadRequest& chunk) const {
  return active_ && chunk.image == image_ && !chunk.sha.empty() && chunk.length == length_ &&
         std::equal(chunk.sha.begin(), chunk.sha.end(), sha_.begin(), sha_.begin() + static_cast<long>(sha_size_));
}

// Saves a whole upload when a lost answer or a reset made the sender start anew.
bool Upload::is_there_already(const smp::ImageUploadRequest& chunk, Slots& slots) {
  std::array<std::byte, mcuboot::min_header_size> header;
  boot::FlashArea area = slots.upload_area();
  if (!area.load(0, header) || !std::equal(header.begin(), header.end(), chunk.data.begin())) return false;
  return matches(slots, static_cast<std::uint32_t>(*chunk.length), chunk.sha).value_or(false);
}

Result<void, ImageError> Upload::begin(const smp::ImageUploadRequest& chunk) {
  forget();
  image_ = chunk.image;
  slots_ = Slots(*platform_, static_cast<int>(image_));
  length_ = static_cast<std::uint32_t>(*chunk.length);
  writer_.begin(static_cast<int>(image_));
  sha_size_ = chunk.sha.size();
  std::copy(chunk.sha.begin(), chunk.sha.end(), sha_.begin());
  LOCKSTEP_CHECK(erase_slot());
  active_ = true;
  return {};
}

// Trailer first, so that nothing asks for what is about to vanish.
Result<void, ImageError> Upload::erase_slot() {
  platform_->before_erase();
  if (!slots_.trailer(slots_.upload_slot()).erase()) return Fail(image_rc::flash_erase_failed);
  return slots_.erase_for_upload(0, length_);
}

Upload::Reply Upload::write(Bytes data) {
  LOCKSTEP_CHECK(writer_.append(data));
  if (writer_.taken() == length_) return finish();
  return smp::ImageUploadReply{.offset = writer_.taken()};
}

Upload::Reply Upload::finish() {
  LOCKSTEP_CHECK(writer_.finish());
  forget();
  return smp::ImageUploadReply{.offset = length_, .match = matches(slots_, length_, Bytes(sha_).first(sha_size_))};
}

// Whether the first `length` bytes of the slot have that SHA-256; nothing when the sender gave no whole one.
std::optional<bool> Upload::matches(Slots& slots, std::uint32_t length, Bytes sha) {
  if (platform_->crypto() == nullptr || sha.size() != sha_.size()) return std::nullopt;
  const auto digest = slots.digest(slots.upload_area(), length);
  return digest && std::equal(sha.begin(), sha.end(), digest->begin());
}

}  // namespace lockstep::agent
