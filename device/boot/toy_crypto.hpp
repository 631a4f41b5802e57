// A checksum in place of SHA-256 and a first byte in place of a signature, for tests that boot millions of times:
// damage is noticed, a forged image too, and it costs nearly nothing. Not part of any product.
#pragma once

#include <algorithm>

#include "protocols/mcuboot/build.hpp"

namespace lockstep::boot::testing {

class ToyCrypto final : public mcuboot::Crypto {
 public:
  bool sha256_begin() override { return state_ = 14695981039346656037u, true; }
  bool sha256_update(Bytes bytes) override {
    for (const std::byte b : bytes) state_ = (state_ ^ std::to_integer<std::uint64_t>(b)) * 1099511628211u;
    return true;
  }
  bool sha256_finish(mcuboot::Digest& out) override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::byte(state_ >> (i % 8 * 8) & 0xff);
    return true;
  }
  bool p256_verify(const mcuboot::P256Point&, const mcuboot::Digest&, Bytes signature) override {
    return signature.size() == 8 && signature[0] == std::byte{1};
  }

 private:
  std::uint64_t state_ = 0;
};

// Signs so that ToyCrypto accepts it, or not.
class ToySigner final : public mcuboot::Signer {
 public:
  explicit ToySigner(bool trusted = true) : mark_(trusted ? std::byte{1} : std::byte{2}) {}
  std::size_t sign(const mcuboot::Digest&, MutableBytes out) override {
    std::fill_n(out.begin(), 8, mark_);
    return 8;
  }

 private:
  std::byte mark_;
};

}  // namespace lockstep::boot::testing
