#include "device/sweep/images.hpp"

#include <stdexcept>

#include "device/boot/toy_crypto.hpp"
#include "host/delta/patch.hpp"
#include "protocols/delta/patch_header.hpp"
#include "protocols/mcuboot/source.hpp"

namespace lockstep::sweep {
namespace {

using boot::testing::ToyCrypto;
using boot::testing::ToySigner;

struct Wish {
  const char* name;
  std::uint8_t major;
  std::uint32_t counter;
  std::size_t file_size;
  bool trusted = true;
};

Image make(const Wish& wish) {
  const mcuboot::BuildOptions options{
      .version = {wish.major, 0, 0, 0}, .header_size = 32, .security_counter = wish.counter};
  const std::size_t frame = mcuboot::max_image_size(0, options);
  if (wish.file_size <= frame) throw std::logic_error("the sweep's slots are too small for an image");
  Buffer payload(wish.file_size - frame);
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = std::byte((i * 7 + i / 256 + wish.major) & 0xff);
  Image image{.name = wish.name, .file = Buffer(wish.file_size), .counter = wish.counter};
  ToyCrypto crypto;
  ToySigner signer(wish.trusted);
  const auto size = mcuboot::build(payload, options, crypto, signer, image.file);
  if (!size) throw std::logic_error("the sweep's image cannot be built");
  image.file.resize(*size);
  mcuboot::MemorySource source(image.file);
  image.hash = mcuboot::inspect(source)->image_hash;
  return image;
}

mcuboot::Digest toy_digest(Bytes file) {
  ToyCrypto crypto;
  mcuboot::Digest digest;
  crypto.sha256_begin();
  crypto.sha256_update(file);
  crypto.sha256_finish(digest);
  return digest;
}

// A patch in many small windows, whose header names the images by the toy's digests instead of SHA-256.
Buffer make_toy_patch(const Image& base, const Image& target, std::uint32_t sector_size) {
  const Buffer real = delta::make_patch(base.file, target.file, {.target = sector_size / 2 + 64, .delta = sector_size / 2 + 96});
  const auto file_header = delta::read_file_header(real);
  if (!file_header) throw std::logic_error("the sweep's patch cannot be read");
  auto header = *delta::PatchHeader::decode(file_header->app_header);
  header.base = toy_digest(base.file);
  header.target = toy_digest(target.file);
  Buffer app_header(delta::PatchHeader::size), patch(file_header->size);
  ByteWriter app_writer(app_header);
  header.encode(app_writer);
  ByteWriter writer(patch);
  delta::write_file_header(writer, app_header);
  patch.insert(patch.end(), real.begin() + file_header->size, real.end());
  return patch;
}

}  // namespace

Images make_images(const Shape& shape, boot::Mode mode, bool with_patch) {
  const std::size_t room = boot::max_image_size(shape.layout(mode), shape.geometry());
  Images images{.first = make({.name = "1.0.0", .major = 1, .counter = 1, .file_size = room * 2 / 3}),
          .second = make({.name = "2.0.0", .major = 2, .counter = 2, .file_size = room}),
          .third = make({.name = "3.0.0", .major = 3, .counter = 2, .file_size = room / 2}),
          .forged = make({.name = "4.0.0 (forged)", .major = 4, .counter = 2, .file_size = room / 2, .trusted = false}),
          .stale = make({.name = "9.0.0 (counter 1)", .major = 9, .counter = 1, .file_size = room / 2}),
          .patch = {}};
  if (with_patch) images.patch = make_toy_patch(images.first, images.second, shape.sector_size);
  return images;
}

}  // namespace lockstep::sweep
