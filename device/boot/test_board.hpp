// A small device for tests: flash in memory, one signing key, images made on the spot. Not part of any product.
#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "device/boot/boot_images.hpp"
#include "device/boot/memory_flash.hpp"
#include "host/base/crypto.hpp"
#include "protocols/mcuboot/build.hpp"

namespace lockstep::boot::testing {

// The real thing, but an answer it has given once is remembered: a sweep over all power cuts verifies the same few
// signatures thousands of times.
class RememberingCrypto final : public mcuboot::Crypto {
 public:
  bool sha256_begin() override { return real_.sha256_begin(); }
  bool sha256_update(Bytes bytes) override { return real_.sha256_update(bytes); }
  bool sha256_finish(mcuboot::Digest& out) override { return real_.sha256_finish(out); }
  bool p256_verify(const mcuboot::P256Point& point, const mcuboot::Digest& digest, Bytes signature) override {
    Buffer question(point.begin(), point.end());
    question.insert(question.end(), digest.begin(), digest.end());
    question.insert(question.end(), signature.begin(), signature.end());
    const auto known = answers_.find(question);
    if (known != answers_.end()) return known->second;
    return answers_[question] = real_.p256_verify(point, digest, signature);
  }

 private:
  MbedCrypto real_;
  std::map<Buffer, bool> answers_;
};

inline RememberingCrypto& crypto() {
  static RememberingCrypto one;
  return one;
}

inline const PrivateKey& signing_key() {
  static const PrivateKey key = *PrivateKey::generate();
  return key;
}

struct ImageSpec {
  mcuboot::Version version{1, 0, 0, 0};
  std::size_t payload_size = 2500;
  std::optional<std::uint32_t> security_counter{};
  std::optional<mcuboot::Uuid> vendor_id{}, class_id{};
  std::optional<mcuboot::Digest> revoked_key{};
  std::string payload_prefix{};                  // for an app descriptor
  const PrivateKey* key = &signing_key();
};

inline Buffer make_image(const ImageSpec& spec) {
  Buffer payload(spec.payload_size);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = std::byte((i * 7 + i / 256 + spec.version.major) & 0xff);
  const Bytes prefix = as_bytes(spec.payload_prefix);
  std::copy(prefix.begin(), prefix.end(), payload.begin());
  mcuboot::BuildOptions options{.version = spec.version, .header_size = 64};
  options.security_counter = spec.security_counter;
  options.vendor_id = spec.vendor_id;
  options.class_id = spec.class_id;
  options.revoked_key = spec.revoked_key;
  Buffer out(mcuboot::max_image_size(payload.size(), options));
  KeySigner signer(*spec.key);
  const auto size = mcuboot::build(payload, options, crypto(), signer, out);
  if (!size) throw std::runtime_error(std::string(mcuboot::text(size.error())));
  out.resize(*size);
  return out;
}

inline mcuboot::Digest hash_of(const Buffer& image) {
  mcuboot::MemorySource source(image);
  return mcuboot::inspect(source)->image_hash;
}

// Seven sectors for slot 0, one more for slot 1, two for the ratchet, four for the settings.
inline Layout small_layout(Mode mode, std::uint32_t sector) {
  return {.mode = mode,
          .slot0 = {0, 7 * sector},
          .slot1 = {7 * sector, 8 * sector},
          .ratchet = {15 * sector, 2 * sector},
          .settings = {17 * sector, 4 * sector}};
}

// The usual device has one image; of several, each has as much room again, and only image 0 settings. Members that take an
// `image` mean image 0 without it.
struct Board {
  explicit Board(Mode mode = Mode::swap, std::uint32_t write_align = 4, std::uint32_t sector = 1024,
                 std::uint32_t images = 1)
      : geometry{.size = images * 21 * sector, .sector_size = sector, .write_align = write_align},
        layout(small_layout(mode, sector)),
        layouts(1, layout),
        memory(geometry.size, erased_byte) {
    while (layouts.size() < images) layouts.push_back(behind(layouts.back(), 21 * sector));
  }
  Board(const Board& other) = default;
  Board& operator=(const Board&) = default;

  MemoryFlash flash() { return {geometry, memory}; }

  // Writes an image where a factory or an upload would: slot 1 in swap mode one sector up.
  void put(int slot, Bytes bytes, std::size_t image = 0) {
    MemoryFlash f = flash();
    const std::uint32_t offset = slot == 1 ? upgrade_offset(layout, geometry) : 0;
    require(slot_area(f, layout_of(image), slot).from(offset).program_padded(0, bytes));
  }
  void erase_slot(int slot) {
    MemoryFlash f = flash();
    require(slot_area(f, layout, slot).erase_range(0, (slot == 0 ? layout.slot0 : layout.slot1).size));
  }
  TrailerState trailer(int slot, std::size_t image = 0) {
    MemoryFlash f = flash();
    return *trailer_of(f, slot, image).read();
  }
  // Asks for slot 1's image as the agent does.
  void request(SwapType type, std::size_t image = 0) {
    MemoryFlash f = flash();
    Trailer t = trailer_of(f, 1, image);
    require(t.write_swap_info(type));
    if (type == SwapType::perm) require(t.write_image_ok());
    require(t.write_magic());
  }
  void confirm(std::size_t image = 0) {
    MemoryFlash f = flash();
    require(trailer_of(f, 0, image).write_image_ok());
  }
  Result<BootReport, Errc> boot_on(Flash& f, const PrivateKey& trusted = signing_key()) {
    const mcuboot::PublicKey keys[] = {trusted.public_key().mcuboot()};
    return boot::boot(f, layout, {.crypto = crypto(), .keys = keys});
  }
  Result<BootReport, Errc> boot() {
    MemoryFlash f = flash();
    return boot_on(f);
  }
  // The whole device: a report of each image, as far as the boot came.
  std::vector<BootReport> boot_all_on(Flash& f) {
    const mcuboot::PublicKey keys[] = {signing_key().public_key().mcuboot()};
    std::vector<BootReport> reports;
    for (std::size_t image = 0; image < layouts.size(); ++image) {
      const auto report = boot_image(f, all_layouts(), image, {.crypto = crypto(), .keys = keys});
      if (!report) break;
      reports.push_back(*report);
    }
    return reports;
  }
  std::vector<BootReport> boot_all() {
    MemoryFlash f = flash();
    return boot_all_on(f);
  }
  Trailer trailer_of(Flash& f, int slot, std::size_t image = 0) {
    return {slot_area(f, layout_of(image), slot), layout.slot0.size / geometry.sector_size};
  }
  std::span<const Layout> all_layouts() {
    layouts[0] = layout;
    return layouts;
  }
  const Layout& layout_of(std::size_t image) const { return image == 0 ? layout : layouts[image]; }

  Geometry geometry;
  Layout layout;
  std::vector<Layout> layouts;  // of all images; of image 0 `layout` counts
  Buffer memory;

 private:
  static Layout behind(Layout l, std::uint32_t distance) {
    for (Region* region : {&l.slot0, &l.slot1, &l.ratchet}) region->offset += distance;
    l.settings = {};
    return l;
  }
  static void require(const Result<void, FlashErrc>& done) {
    if (!done) throw std::runtime_error(std::string(text(done.error())));
  }
};

}  // namespace lockstep::boot::testing
