// For tests: signed images of an application that the simulated device can "run".
#pragma once

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "device/agent/app_descriptor.hpp"
#include "host/base/buffer.hpp"
#include "host/base/crypto.hpp"
#include "host/update/verified_image.hpp"
#include "protocols/mcuboot/build.hpp"

namespace lockstep::update::test {

inline const PrivateKey& signing_key() {
  static const PrivateKey key = *PrivateKey::generate();
  return key;
}

// A signed image of `payload_size` bytes whose application behaves as `flags` (AppDescriptor) say.
inline Buffer signed_app(mcuboot::Version version, std::uint32_t flags = 0, std::size_t payload_size = 6000,
                         const PrivateKey& key = signing_key()) {
  agent::AppDescriptor app;
  app.flags = flags;
  std::strcpy(app.name, "thermostat");
  const mcuboot::VersionText text(version);
  std::ranges::copy(text.view(), app.version);
  Buffer payload(payload_size);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<std::byte>(i * 31 + version.major);
  std::memcpy(payload.data() + 256, &app, sizeof app);

  const mcuboot::BuildOptions options{.version = version, .header_size = 512};
  MbedCrypto crypto;
  KeySigner signer(key);
  Buffer file(mcuboot::max_image_size(payload.size(), options));
  file.resize(*mcuboot::build(payload, options, crypto, signer, file));
  return file;
}

inline VerifiedImage verified(const Buffer& file) {
  const mcuboot::PublicKey key = signing_key().public_key().mcuboot();
  return *VerifiedImage::verify(file, std::span(&key, 1));
}

}  // namespace lockstep::update::test
