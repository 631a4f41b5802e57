#include "device/crypto/crypto_mbedtls.hpp"

#include <mbedtls/asn1.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/version.h>

// Mbed TLS 3 dropped the suffix that 2.28 needs to return errors.
#if MBEDTLS_VERSION_MAJOR < 3
#define mbedtls_sha256_starts mbedtls_sha256_starts_ret
#define mbedtls_sha256_update mbedtls_sha256_update_ret
#define mbedtls_sha256_finish mbedtls_sha256_finish_ret
#endif

namespace lockstep::device {
namespace {

const unsigned char* octets(Bytes bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// The four values of one verification, freed together.
struct Verification {
  mbedtls_ecp_group curve;
  mbedtls_ecp_point key;
  mbedtls_mpi r;
  mbedtls_mpi s;

  Verification() {
    mbedtls_ecp_group_init(&curve);
    mbedtls_ecp_point_init(&key);
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
  }
  ~Verification() {
    mbedtls_mpi_free(&s);
    mbedtls_mpi_free(&r);
    mbedtls_ecp_point_free(&key);
    mbedtls_ecp_group_free(&curve);
  }
  Verification(const Verification&) = delete;
  Verification& operator=(const Verification&) = delete;

  bool read_key(const mcuboot::P256Point& point) {
    return mbedtls_ecp_group_load(&curve, MBEDTLS_ECP_DP_SECP256R1) == 0 &&
           mbedtls_ecp_point_read_binary(&curve, &key, octets(point), point.size()) == 0 &&
           mbedtls_ecp_check_pubkey(&curve, &key) == 0;
  }

  // ECDSA-Sig-Value (RFC 3279 section 2.2.3): SEQUENCE { r INTEGER, s INTEGER }, and nothing behind it.
  bool read_signature(Bytes der) {
    // The parser's API wants writable bytes; it does not write.
    auto* at = const_cast<unsigned char*>(octets(der));
    const unsigned char* const end = at + der.size();
    std::size_t length = 0;
    return mbedtls_asn1_get_tag(&at, end, &length, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE) == 0 &&
           at + length == end && mbedtls_asn1_get_mpi(&at, end, &r) == 0 && mbedtls_asn1_get_mpi(&at, end, &s) == 0 &&
           at == end;
  }
};

}  // namespace

bool MbedtlsCrypto::sha256_begin() {
  mbedtls_sha256_init(&sha_);
  return mbedtls_sha256_starts(&sha_, 0) == 0;
}

bool MbedtlsCrypto::sha256_update(Bytes bytes) { return mbedtls_sha256_update(&sha_, octets(bytes), bytes.size()) == 0; }

bool MbedtlsCrypto::sha256_finish(mcuboot::Digest& out) {
  return mbedtls_sha256_finish(&sha_, reinterpret_cast<unsigned char*>(out.data())) == 0;
}

bool MbedtlsCrypto::p256_verify(const mcuboot::P256Point& point, const mcuboot::Digest& digest, Bytes der_signature) {
  Verification v;
  return v.read_key(point) && v.read_signature(der_signature) &&
         mbedtls_ecdsa_verify(&v.curve, octets(digest), digest.size(), &v.key, &v.r, &v.s) == 0;
}

}  // namespace lockstep::device
