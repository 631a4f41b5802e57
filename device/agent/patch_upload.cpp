#include "device/agent/patch_upload.hpp"

#include <algorithm>

namespace lockstep::agent {

namespace image_rc = smp::image_rc;

namespace {

ImageError rc_of(delta::Errc e) {
  switch (e) {
    case delta::Errc::read_failed: return image_rc::flash_read_failed;
    case delta::Errc::write_failed: return image_rc::flash_write_failed;
    case delta::Errc::outside: return image_rc::image_data_overrun;
    case delta::Errc::window_too_large: return image_rc::image_too_large;
    case delta::Errc::none:
    case delta::Errc::too_short:
    case delta::Errc::bad_magic:
    case delta::Errc::unsupported:
    case delta::Errc::bad_header:
    case delta::Errc::bad_number:
    case delta::Errc::bad_window:
    case delta::Errc::bad_instruction:
    case delta::Errc::bad_address:
    case delta::Errc::bad_checksum: break;
  }
  return image_rc::invalid_image_header;
}

}  // namespace

bool PatchUpload::wants(const smp::ImageUploadRequest& chunk) const {
  return chunk.offset == 0 ? delta::is_vcdiff(chunk.data) : active_;
}

PatchUpload::Reply PatchUpload::take(const smp::ImageUploadRequest& chunk) {
  if (chunk.offset == 0) return take_first(chunk);
  if (chunk.offset != offset()) return smp::ImageUploadReply{.offset = offset()};
  if (chunk.data.size() > length_ - offset()) return Fail(image_rc::image_data_overrun);
  return in_header_ ? take_header(chunk.data) : feed(chunk.data);
}

PatchUpload::Reply PatchUpload::take_first(const smp::ImageUploadRequest& chunk) {
  LOCKSTEP_CHECK(check(chunk));
  if (is_resumed_by(chunk)) return smp::ImageUploadReply{.offset = offset()};
  length_ = static_cast<std::uint32_t>(*chunk.length);
  sha_size_ = chunk.sha.size();
  std::copy(chunk.sha.begin(), chunk.sha.end(), sha_.begin());
  upgrade_ = chunk.upgrade;
  header_used_ = 0;
  active_ = in_header_ = true;
  return take_header(chunk.data);
}

// First chunks are small, so the header may need more than one.
PatchUpload::Reply PatchUpload::take_header(Bytes data) {
  const std::size_t n = std::min(data.size(), header_bytes_.size() - header_used_);
  std::copy_n(data.begin(), n, header_bytes_.begin() + static_cast<std::ptrdiff_t>(header_used_));
  const std::size_t before = header_used_;
  header_used_ += n;
  const auto file = delta::read_file_header(Bytes(header_bytes_).first(header_used_));
  const bool may_come = n == data.size() && header_used_ < length_;
  if (!file && file.error() == delta::Errc::too_short && may_come) return smp::ImageUploadReply{.offset = offset()};
  forget();
  if (!file) return Fail(rc_of(file.error()));
  const auto header = delta::PatchHeader::decode(file->app_header);
  if (!header) return Fail(rc_of(header.error()));
  header_ = *header;
  return begin(data.subspan(file->size - before), file->size);
}

// Nothing is written before everything that the header says has been checked.
PatchUpload::Reply PatchUpload::begin(Bytes behind_header, std::uint32_t header_size) {
  const auto limit = boot::max_image_size(platform_->layout(), platform_->flash().geometry());
  if (header_.target_size > limit) return Fail(image_rc::image_too_large);
  if (header_.target_size < mcuboot::min_header_size) return Fail(image_rc::invalid_length);
  if (slots_.in_use(slots_.upload_slot())) return Fail(image_rc::no_free_slot);
  boot::FlashArea base = slots_.area(platform_->active_slot());
  if (slots_.digest(base, header_.base_size) != header_.base) return Fail(image_rc::hash_not_found);
  // Whole already: the answer to the last chunk was lost.
  if (slots_.digest(slots_.upload_area(), header_.target_size) == header_.target) {
    return smp::ImageUploadReply{.offset = length_, .match = true};
  }
  const Bytes sha = Bytes(sha_).first(sha_size_);
  if (const auto record = images_.journal().find(sha, length_)) {
    LOCKSTEP_CHECK(go_on(*record));
    return smp::ImageUploadReply{.offset = offset()};
  }
  LOCKSTEP_CHECK(begin_anew(sha, header_size));
  return feed(behind_header);
}

Result<void, ImageError> PatchUpload::check(const smp::ImageUploadRequest& chunk) const {
  if (!chunk.length || *chunk.length > UINT32_MAX) return Fail(image_rc::invalid_length);
  if (chunk.sha.size() > sha_.size()) return Fail(image_rc::invalid_hash);
  if (chunk.data.size() > *chunk.length) return Fail(image_rc::image_data_overrun);
  return {};
}

bool PatchUpload::is_resumed_by(const smp::ImageUploadRequest& chunk) const {
  return active_ && !chunk.sha.empty() && chunk.length == length_ &&
         std::equal(chunk.sha.begin(), chunk.sha.end(), sha_.begin(), sha_.begin() + static_cast<long>(sha_size_));
}

// The trailer first, so that nothing asks for what is about to vanish; with it goes the journal of an earlier patch.
Result<void, ImageError> PatchUpload::begin_anew(Bytes sha, std::uint32_t header_size) {
  platform_->before_erase();
  if (!slots_.trailer(slots_.upload_slot()).erase()) return Fail(image_rc::flash_erase_failed);
  LOCKSTEP_CHECK(slots_.erase_for_upload(0, header_.target_size));
  if (!images_.journal().begin(sha, length_)) return Fail(image_rc::flash_write_failed);
  images_.start(header_.base_size, 0);
  decoder_.start({header_.target_size, patch_target_window}, header_size, 0);
  active_ = true;
  return {};
}

// After a reset: what was written behind the last finished sector may be torn, and is made again.
Result<void, ImageError> PatchUpload::go_on(const PatchJournal::Record& record) {
  LOCKSTEP_CHECK(slots_.erase_for_upload(slots_.upload_offset() + record.finished, header_.target_size));
  images_.start(header_.base_size, record.finished);
  decoder_.start({header_.target_size, patch_target_window}, record.patch_offset, record.target_offset);
  active_ = true;
  return {};
}

PatchUpload::Reply PatchUpload::feed(Bytes data) {
  if (const auto fed = decoder_.feed(data); !fed) {
    forget();
    // After a fault of the flash the journal stays true. A bad patch is bad from its first byte on.
    const bool is_fault = fed.error() == delta::Errc::read_failed || fed.error() == delta::Errc::write_failed;
    if (!is_fault) LOCKSTEP_CHECK(discard());
    return Fail(rc_of(fed.error()));
  }
  if (decoder_.taken() == length_) return finish();
  return smp::ImageUploadReply{.offset = offset()};
}

PatchUpload::Reply PatchUpload::finish() {
  forget();
  if (!images_.finish()) return Fail(image_rc::flash_write_failed);
  const bool whole = decoder_.between_windows() && decoder_.made() == header_.target_size;
  const bool match = whole && slots_.digest(slots_.upload_area(), header_.target_size) == header_.target;
  const bool refused = match && upgrade_ && !is_newer();
  if (!match || refused) LOCKSTEP_CHECK(discard());
  if (refused) return Fail(image_rc::current_version_is_newer);
  return smp::ImageUploadReply{.offset = length_, .match = match};
}

// The journal goes too: trying again from there would end the same way.
Result<void, ImageError> PatchUpload::discard() {
  platform_->before_erase();
  if (!slots_.trailer(slots_.upload_slot()).erase()) return Fail(image_rc::flash_erase_failed);
  if (!slots_.upload_area().erase_sector(0)) return Fail(image_rc::flash_erase_failed);
  return {};
}

bool PatchUpload::is_newer() {
  boot::FlashArea area = slots_.upload_area();
  const auto header = mcuboot::read_header(area);
  const auto running = slots_.image(platform_->active_slot());
  return header && running && header->version > running->header.version;
}

}  // namespace lockstep::agent
