// Where an image is read from: a file in memory, or a part of flash.
#pragma once

#include <algorithm>
#include <cstdint>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/mcuboot/errc.hpp"

namespace lockstep::mcuboot {

// Offset 0 is the first byte of the image header; size() may be larger than the image (a slot).
class Source {
 public:
  virtual std::uint32_t size() const { return 0; }
  // Fills `into` from `offset`. Errc::too_short when that reaches past size(), Errc::read_failed otherwise.
  virtual Result<void, Errc> read(std::uint32_t /*offset*/, MutableBytes /*into*/) {
    return Fail(Errc::read_failed);
  }

 protected:
  ~Source() = default;
};

// Bytes in memory, borrowed. At most 4 GiB are seen, which is what the image format can say.
class MemorySource final : public Source {
 public:
  explicit MemorySource(Bytes bytes) : bytes_(bytes) {}

  std::uint32_t size() const override {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes_.size(), UINT32_MAX));
  }
  Result<void, Errc> read(std::uint32_t offset, MutableBytes into) override {
    if (offset > bytes_.size() || into.size() > bytes_.size() - offset) return Fail(Errc::too_short);
    std::copy_n(bytes_.begin() + offset, into.size(), into.begin());
    return {};
  }

 private:
  Bytes bytes_;
};

}  // namespace lockstep::mcuboot
