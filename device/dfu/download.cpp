#include "device/dfu/download.hpp"

#include <algorithm>

#include "protocols/smp/image_group.hpp"

namespace lockstep::dfu {

using namespace std::string_view_literals;  // length known without strlen
namespace image_rc = smp::image_rc;

namespace {

// The agent's refusals in DFU's words.
Verdict verdict_of(agent::ImageError e) {
  switch (e) {
    case image_rc::flash_write_failed: return {Status::write};
    case image_rc::flash_erase_failed: return {Status::erase};
    case image_rc::current_version_is_newer: return {Status::file};
    case image_rc::image_already_pending:
    case image_rc::no_free_slot: return {Status::vendor, VendorError::slot_in_use};
    default: return {Status::unknown};
  }
}

constexpr std::uint32_t kib(std::uint32_t bytes) { return (bytes + 1023) / 1024; }
constexpr std::uint32_t up_to_sector(std::uint32_t bytes, std::uint32_t sector) {
  return (bytes + sector - 1) / sector * sector;
}

}  // namespace

std::string_view text(VendorError e) {
  switch (e) {
    case VendorError::none: return "no error"sv;
    case VendorError::slot_in_use: return "an image waits for its boot or its confirmation"sv;
    case VendorError::slot_taken: return "another upload took the slot"sv;
  }
  return "unknown error"sv;
}

void Download::begin() {
  begun_ = false;
  next_block_ = 0;
  accepted_ = least_size_ = erased_end_ = 0;
}

Verdict Download::accept(std::uint16_t block, Bytes data) {
  if (block != next_block_) return {Status::address};
  const std::uint32_t limit = boot::max_image_size(platform_->layout(), platform_->flash().geometry());
  if (data.size() > limit - accepted_) return {Status::address};
  const Verdict verdict = begun_ ? lost_slot() : accept_first(data);
  if (!verdict.is_fine()) return verdict;
  ++next_block_;
  accepted_ += static_cast<std::uint32_t>(data.size());
  return {};
}

Verdict Download::accept_first(Bytes data) {
  mcuboot::MemorySource source(data);
  const auto header = mcuboot::read_header(source);
  if (!header) {
    const bool is_other = header.error() == mcuboot::Errc::bad_magic || header.error() == mcuboot::Errc::too_short;
    return {is_other ? Status::target : Status::file};
  }
  const std::uint64_t least = std::uint64_t{header->header_size} + header->payload_size + header->protected_tlv_size +
                              mcuboot::tlv_info_size;
  if (least > boot::max_image_size(platform_->layout(), platform_->flash().geometry())) return {Status::address};
  if (slots_.in_use(slots_.upload_slot())) return {Status::vendor, VendorError::slot_in_use};
  least_size_ = static_cast<std::uint32_t>(least);
  slot_number_ = platform_->take_upload_slot();
  writer_.begin();
  begun_ = true;
  return {};
}

Verdict Download::lost_slot() const {
  if (platform_->has_upload_slot(slot_number_)) return {};
  return {Status::vendor, VendorError::slot_taken};
}

Verdict Download::accept_end() const {
  if (!begun_ || accepted_ < least_size_) return {Status::not_done};
  return lost_slot();
}

// Sectors are erased as the image reaches them: its size is known for certain only at its end. The trailer goes
// first, so that nothing asks for what is about to vanish.
Verdict Download::write(Bytes data) {
  if (const Verdict lost = lost_slot(); !lost.is_fine()) return lost;
  if (writer_.taken() == 0) {
    platform_->before_erase();
    if (!slots_.trailer(slots_.upload_slot()).erase()) return {Status::erase};
  }
  const auto end = writer_.taken() + static_cast<std::uint32_t>(data.size());
  if (const auto done = slots_.erase_for_upload(erased_end_, end); !done) return verdict_of(done.error());
  erased_end_ = std::max(erased_end_, up_to_sector(slots_.upload_offset() + end, platform_->flash().geometry().sector_size));
  if (const auto done = writer_.append(data); !done) return verdict_of(done.error());
  return {};
}

Verdict Download::manifest() {
  if (const Verdict lost = lost_slot(); !lost.is_fine()) return lost;
  if (const auto done = writer_.finish(); !done) return verdict_of(done.error());
  if (const Verdict bad = check_image(); !bad.is_fine()) return bad;
  if (platform_->layout().mode == boot::Mode::ram_load) return {};  // the newest runs; trailers say nothing
  if (const auto done = slots_.set_next(slots_.upload_slot(), false); !done) return verdict_of(done.error());
  return {};
}

Verdict Download::check_image() {
  boot::FlashArea area = slots_.upload_area();
  const auto image = mcuboot::inspect(area);
  if (!image) return {image.error() == mcuboot::Errc::read_failed ? Status::unknown : Status::file};
  if (image->total_size > writer_.taken()) return {Status::not_done};
  if (platform_->crypto() != nullptr && !has_right_hash(*image)) return {Status::verify};
  return {};
}

// Whether the bytes are those that the image's hash names. Who signed them is the bootloader's question.
bool Download::has_right_hash(const mcuboot::ImageInfo& image) {
  return slots_.digest(slots_.upload_area(), image.hashed_size) == image.image_hash;
}

std::uint32_t Download::trailer_sectors() const {
  const boot::Geometry& g = platform_->flash().geometry();
  const std::uint32_t sectors = platform_->layout().slot0.size / g.sector_size;
  return boot::trailer_region(g, sectors) / g.sector_size;
}

std::uint32_t Download::write_ms(std::size_t bytes) const {
  const std::uint32_t sector = platform_->flash().geometry().sector_size;
  const auto n = static_cast<std::uint32_t>(bytes);
  agent::Slots slots = slots_;
  const std::uint32_t end = up_to_sector(slots.upload_offset() + writer_.taken() + n, sector);
  std::uint32_t sectors = end > erased_end_ ? (end - erased_end_) / sector : 0;
  if (writer_.taken() == 0) sectors += trailer_sectors();
  return sectors * timing_.erase_sector_ms + kib(n) * timing_.program_kib_ms;
}

std::uint32_t Download::manifest_ms() const {
  return trailer_sectors() * timing_.erase_sector_ms + timing_.program_kib_ms + kib(writer_.taken()) * timing_.check_kib_ms;
}

}  // namespace lockstep::dfu
