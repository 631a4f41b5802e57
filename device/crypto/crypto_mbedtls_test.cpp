#include "device/crypto/crypto_mbedtls.hpp"

#include <doctest/doctest.h>

#include "host/base/crypto.hpp"

using namespace lockstep;

namespace {

struct Signed {
  PrivateKey key = *PrivateKey::generate();
  Sha256 digest = Sha256::of("a payload");
  Buffer signature = *key.sign(digest);

  bool verifies(device::MbedtlsCrypto& crypto) const {
    return crypto.p256_verify(key.public_key().mcuboot().point, digest.digest(), signature);
  }
};

}  // namespace

// Vector: FIPS 180-2, appendix B.1 ("abc").
TEST_CASE("the digest of abc is the one of the standard, also when it comes in pieces") {
  device::MbedtlsCrypto crypto;
  mcuboot::Digest digest{};
  REQUIRE(crypto.sha256_begin());
  REQUIRE(crypto.sha256_update(as_bytes("a")));
  REQUIRE(crypto.sha256_update(as_bytes("bc")));
  REQUIRE(crypto.sha256_finish(digest));
  CHECK(Sha256(digest).hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a signature made by the host verifies on the device") {
  device::MbedtlsCrypto crypto;
  CHECK(Signed().verifies(crypto));
}

TEST_CASE("a signature with any byte changed does not verify") {
  device::MbedtlsCrypto crypto;
  Signed good;
  for (std::size_t i = 0; i < good.signature.size(); ++i) {
    CAPTURE(i);
    Signed bad = good;
    bad.signature[i] ^= std::byte{1};
    CHECK_FALSE(bad.verifies(crypto));
  }
}

TEST_CASE("a signature that is cut short or followed by a byte does not verify") {
  device::MbedtlsCrypto crypto;
  const Signed good;
  for (std::size_t size = 0; size < good.signature.size(); ++size) {
    CAPTURE(size);
    Signed bad = good;
    bad.signature.resize(size);
    CHECK_FALSE(bad.verifies(crypto));
  }
  Signed longer = good;
  longer.signature.push_back(std::byte{0});
  CHECK_FALSE(longer.verifies(crypto));
}

TEST_CASE("a key that is not a point of the curve verifies nothing") {
  device::MbedtlsCrypto crypto;
  const Signed good;
  mcuboot::P256Point off = good.key.public_key().mcuboot().point;
  off[64] ^= std::byte{1};
  CHECK_FALSE(crypto.p256_verify(off, good.digest.digest(), good.signature));
}
