#include "device/qemu/host/flash_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "device/qemu/pages/flash_map.hpp"
#include "device/qemu/pages/pages.hpp"
#include "host/base/files.hpp"
#include "protocols/mcuboot/verify.hpp"

namespace lockstep::board {
namespace {

Bytes part(const Buffer& bytes, boot::Region region) { return Bytes(bytes).subspan(region.offset, region.size); }

std::optional<std::string> version_at(const Buffer& bytes, std::uint32_t offset) {
  mcuboot::MemorySource source(Bytes(bytes).subspan(offset));
  const auto image = mcuboot::inspect(source);
  if (!image) return std::nullopt;
  const mcuboot::Version& v = image->header.version;
  return fmt::format("{}.{}.{}+{}", v.major, v.minor, v.revision, v.build);
}

}  // namespace

FlashFile::FlashFile() : bytes_(flash_geometry.size, boot::erased_byte) {}

Outcome<FlashFile> FlashFile::load(const std::filesystem::path& path) {
  LOCKSTEP_TRY(bytes, read_file(path, flash_geometry.size + 1));
  if (bytes.size() != flash_geometry.size) {
    return fail(ErrorKind::invalid, fmt::format("{} has {} bytes; a board's flash has exactly {}", path.string(),
                                                bytes.size(), flash_geometry.size));
  }
  FlashFile file;
  file.bytes_ = std::move(bytes);
  return file;
}

MutableBytes FlashFile::erased(std::uint32_t offset, std::uint32_t size) {
  const MutableBytes place = MutableBytes(bytes_).subspan(offset, size);
  std::fill(place.begin(), place.end(), boot::erased_byte);
  return place;
}

Outcome<void> FlashFile::set_keys(const std::vector<PublicKey>& keys) {
  std::vector<mcuboot::P256Point> points;
  for (const PublicKey& key : keys) points.push_back(key.mcuboot().point);
  Buffer page(max_key_page_size);
  const auto size = encode_key_page(points, page);
  if (!size) return fail(ErrorKind::invalid, fmt::format("a board takes 1 to {} keys, not {}", max_keys, keys.size()));
  std::copy_n(page.begin(), *size, erased(key_page.offset, key_page.size).begin());
  return {};
}

Outcome<void> FlashFile::set_identity(const Identity& identity) {
  Buffer page(max_identity_page_size);
  const auto size = encode_identity_page({.board = identity.board,
                                          .revision = identity.revision,
                                          .serial = identity.serial,
                                          .product = identity.product},
                                         page);
  if (!size) {
    return fail(ErrorKind::invalid,
                fmt::format("an identity needs a board and a serial, and no text above {} bytes", max_text));
  }
  std::copy_n(page.begin(), *size, erased(identity_page.offset, identity_page.size).begin());
  return {};
}

Outcome<void> FlashFile::set_image(Bytes image, const std::vector<PublicKey>& keys) {
  std::vector<mcuboot::PublicKey> trusted;
  for (const PublicKey& key : keys) trusted.push_back(key.mcuboot());
  mcuboot::MemorySource source(image);
  MbedCrypto crypto;
  const auto info = mcuboot::verify_file(source, crypto, trusted);
  if (!info) return fail(ErrorKind::refused, fmt::format("the image would not boot: {}", mcuboot::text(info.error())));
  if (info->header.header_size != image_header_size) {
    return fail(ErrorKind::invalid, fmt::format("the image has a header of {} bytes; this board's firmwares run behind {}",
                                                info->header.header_size, image_header_size));
  }
  const std::uint32_t most = boot::max_image_size(flash_layout, flash_geometry);
  if (image.size() > most) {
    return fail(ErrorKind::invalid, fmt::format("the image has {} bytes; a slot takes {}", image.size(), most));
  }
  erased(flash_layout.slot1.offset, flash_layout.slot1.size);
  std::copy(image.begin(), image.end(), erased(flash_layout.slot0.offset, flash_layout.slot0.size).begin());
  return {};
}

FlashContents FlashFile::contents() const {
  FlashContents found;
  if (const auto page = decode_key_page(part(bytes_, key_page))) {
    for (const mcuboot::P256Point& point : page->points()) {
      Sha256Hasher spki;
      spki.update(std::as_bytes(std::span(mcuboot::spki_prefix)));
      spki.update(point);
      found.keys.push_back(spki.finish());
    }
  }
  if (const auto id = decode_identity_page(part(bytes_, identity_page))) {
    found.identity = Identity{.board = std::string(id->board),
                              .revision = std::string(id->revision),
                              .serial = std::string(id->serial),
                              .product = std::string(id->product)};
  }
  found.slot0 = version_at(bytes_, flash_layout.slot0.offset);
  found.slot1 = version_at(bytes_, flash_layout.slot1.offset);
  if (!found.slot1) {
    found.slot1 = version_at(bytes_, flash_layout.slot1.offset + boot::upgrade_offset(flash_layout, flash_geometry));
  }
  return found;
}

Outcome<void> FlashFile::save(const std::filesystem::path& path) const { return write_file(path, bytes_); }

Outcome<void> FlashFile::write_pages(int fd) const {
  for (const boot::Region page : {key_page, identity_page}) {
    const Bytes bytes = part(bytes_, page);
    if (::pwrite(fd, bytes.data(), bytes.size(), page.offset) != static_cast<ssize_t>(bytes.size())) {
      return fail(ErrorKind::io, "cannot write the pages of the flash");
    }
  }
  return {};
}

}  // namespace lockstep::board
