#include "device/sim/remembering_crypto.hpp"

#include <doctest/doctest.h>

#include "host/base/crypto.hpp"

using namespace lockstep;

TEST_CASE("a right signature is looked at once; a changed key, digest or signature is looked at again and refused") {
  const PrivateKey key = *PrivateKey::generate(), stranger = *PrivateKey::generate();
  const mcuboot::Digest digest = Sha256::of("an image").digest();
  const Buffer signature = *key.sign(Sha256::of("an image"));
  const mcuboot::P256Point point = key.public_key().mcuboot().point;
  sim::RememberingCrypto crypto;
  for (int i = 0; i < 3; ++i) CHECK(crypto.p256_verify(point, digest, signature));
  CHECK(crypto.verified() == 1);

  mcuboot::Digest other_digest = digest;
  other_digest[31] ^= std::byte{1};
  Buffer other_signature = signature;
  other_signature.back() ^= std::byte{1};
  for (int i = 0; i < 2; ++i) {
    CHECK_FALSE(crypto.p256_verify(point, other_digest, signature));
    CHECK_FALSE(crypto.p256_verify(point, digest, other_signature));
    CHECK_FALSE(crypto.p256_verify(stranger.public_key().mcuboot().point, digest, signature));
  }
  CHECK(crypto.verified() == 7);  // wrong ones are not remembered
  CHECK(crypto.p256_verify(point, digest, signature));
}
