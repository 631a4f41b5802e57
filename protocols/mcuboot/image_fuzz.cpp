// Any bytes as an image: nothing is read outside of it, and what inspect and verify say holds together.
#include <cstdint>
#include <cstdlib>

#include "protocols/mcuboot/verify.hpp"

using namespace lockstep;
using namespace lockstep::mcuboot;

namespace {

// Believes every hash of zeros and every signature with an even first byte, so that the code behind them is
// reached.
struct LaxCrypto final : Crypto {
  bool sha256_begin() override { return true; }
  bool sha256_update(Bytes) override { return true; }
  bool sha256_finish(Digest& out) override {
    out = {};
    return true;
  }
  bool p256_verify(const P256Point&, const Digest&, Bytes signature) override {
    return !signature.empty() && (std::to_integer<int>(signature[0]) & 1) == 0;
  }
};

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  MemorySource source(std::as_bytes(std::span(data, size)));
  LaxCrypto crypto;
  const PublicKey key{};  // its hash is zeros
  const auto info = inspect(source);
  const auto verified = verify(source, crypto, std::span(&key, 1));
  const auto file = verify_file(source, crypto, std::span(&key, 1));
  require(info || !verified);
  require(verified || !file);
  if (!info) return 0;

  require(info->total_size <= size && info->hashed_size < info->total_size);
  require(info->hashed_size >= min_header_size && info->dependencies().size() <= 4);
  if (verified) require(verified->signed_by && verified->image_hash == Digest{});
  if (file) require(file->total_size == size);
  auto cursor = TlvCursor::open(source, info->header);
  require(static_cast<bool>(cursor));
  for (auto tlv = cursor->next(); *tlv; tlv = cursor->next()) {
    require((*tlv)->offset + (*tlv)->length <= info->total_size);
    // By its end: an empty value at the very end of the protected area begins where that area ends.
    require((*tlv)->is_protected == ((*tlv)->offset + (*tlv)->length <= info->hashed_size));
  }
  return 0;
}
