// An image that the host has checked. The executor takes nothing else, so no unchecked byte can reach a
// device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::mcuboot {
struct PublicKey;
}

namespace lockstep::update {

class VerifiedImage {
 public:
  // Checks structure, size, SHA-256 and the ECDSA P-256 signature by one of `keys`, as the bootloader will.
  // ErrorKind::refused with the reason when any of it does not hold.
  static Outcome<VerifiedImage> verify(std::vector<std::byte> file, std::span<const mcuboot::PublicKey> keys);

  // The whole file; lives as long as any copy of this object.
  Bytes bytes() const { return *bytes_; }
  // Of the hash TLV, lower-case hex: what the device will report.
  const std::string& hash() const { return hash_; }
  const std::string& version() const { return version_; }

 private:
  VerifiedImage() = default;

  // Shared, because a copy travels from the artefact store through a worker to the upload, and images are
  // large.
  std::shared_ptr<const std::vector<std::byte>> bytes_;
  std::string hash_;
  std::string version_;
};

}  // namespace lockstep::update
