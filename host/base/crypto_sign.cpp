// Making keys, signing and verifying by Mbed TLS.
#include <mbedtls/error.h>
#include <mbedtls/platform_util.h>

#include <algorithm>

#include "host/base/crypto_pair.hpp"

namespace lockstep {

using namespace crypto_detail;

std::string crypto_detail::reason(int code) {
  char text[128];
  mbedtls_strerror(code, text, sizeof text);
  return text;
}

Outcome<PrivateKey> PrivateKey::generate() {
  KeyPair pair;
  Secret secret;
  do {
    fill_random(secret);
  } while (!pair.set_secret(secret));  // 0 or above the group's order: once in 2^32
  mcuboot::P256Point point;
  if (!pair.derive_point() || !write_point(pair.group(), pair.point(), point))
    return fail(ErrorKind::internal, "the key pair could not be computed");
  PrivateKey key(secret, PublicKey(point));
  mbedtls_platform_zeroize(secret.data(), secret.size());
  return key;
}

Outcome<Buffer> PrivateKey::sign(const Sha256& digest) const {
  KeyPair pair;
  if (!pair.set_secret(secret_)) return fail(ErrorKind::internal, "the private key is out of range");
  Buffer signature(MBEDTLS_ECDSA_MAX_LEN);
  std::size_t size = 0;
#if MBEDTLS_VERSION_MAJOR >= 3
  const int code = mbedtls_ecdsa_write_signature(pair.get(), MBEDTLS_MD_SHA256, raw(digest.bytes()),
                                                 digest.bytes().size(), raw(MutableBytes(signature)),
                                                 signature.size(), &size, random_for_mbedtls, nullptr);
#else
  const int code =
      mbedtls_ecdsa_write_signature(pair.get(), MBEDTLS_MD_SHA256, raw(digest.bytes()), digest.bytes().size(),
                                    raw(MutableBytes(signature)), &size, random_for_mbedtls, nullptr);
#endif
  if (code != 0) return fail(ErrorKind::internal, "signing failed: " + reason(code));
  signature.resize(size);
  return signature;
}

bool MbedCrypto::p256_verify(const mcuboot::P256Point& point, const mcuboot::Digest& digest,
                             Bytes der_signature) {
  KeyPair pair;
  return pair.set_point(point) && mbedtls_ecdsa_read_signature(pair.get(), raw(digest), digest.size(),
                                                               raw(der_signature), der_signature.size()) == 0;
}

std::size_t KeySigner::sign(const mcuboot::Digest& digest, MutableBytes out) {
  const auto signature = key_.sign(Sha256(digest));
  if (!signature || signature->size() > out.size()) return 0;
  std::ranges::copy(*signature, out.begin());
  return signature->size();
}

}  // namespace lockstep
