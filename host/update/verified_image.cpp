#include "host/update/verified_image.hpp"

#include "host/base/crypto.hpp"
#include "host/base/text.hpp"
#include "protocols/mcuboot/source.hpp"
#include "protocols/mcuboot/verify.hpp"

namespace lockstep::update {

Outcome<VerifiedImage> VerifiedImage::verify(std::vector<std::byte> file,
                                             std::span<const mcuboot::PublicKey> keys) {
  VerifiedImage image;
  image.bytes_ = std::make_shared<const std::vector<std::byte>>(std::move(file));
  mcuboot::MemorySource source(image.bytes());
  MbedCrypto crypto;
  const auto info = mcuboot::verify_file(source, crypto, keys);
  if (!info)
    return fail(ErrorKind::refused,
                "the image is not fit for a device: " + std::string(mcuboot::text(info.error())));
  image.hash_ = to_hex(info->image_hash);
  image.version_ = mcuboot::VersionText(info->header.version).view();
  return image;
}

}  // namespace lockstep::update
