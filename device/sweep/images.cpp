#include "device/sweep/images.hpp"

#include <stdexcept>

#include "device/boot/toy_crypto.hpp"
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

}  // namespace

Images make_images(const Shape& shape, boot::Mode mode) {
  const std::size_t room = boot::max_image_size(shape.layout(mode), shape.geometry());
  return {.first = make({.name = "1.0.0", .major = 1, .counter = 1, .file_size = room * 2 / 3}),
          .second = make({.name = "2.0.0", .major = 2, .counter = 2, .file_size = room}),
          .third = make({.name = "3.0.0", .major = 3, .counter = 2, .file_size = room / 2}),
          .forged = make({.name = "4.0.0 (forged)", .major = 4, .counter = 2, .file_size = room / 2, .trusted = false}),
          .stale = make({.name = "9.0.0 (counter 1)", .major = 9, .counter = 1, .file_size = room / 2})};
}

}  // namespace lockstep::sweep
