// Shared by the crypto*.cpp files: ECDSA P-256 key pairs of Mbed TLS, 2.28 or 3.6.
#pragma once

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/version.h>

#include <array>
#include <string>

#include "host/base/crypto.hpp"

#if MBEDTLS_VERSION_MAJOR >= 3
#define LOCKSTEP_MBEDTLS_FIELD(name) MBEDTLS_PRIVATE(name)
#else
#define LOCKSTEP_MBEDTLS_FIELD(name) name
#endif

namespace lockstep::crypto_detail {

using Secret = std::array<std::byte, 32>;

inline unsigned char* raw(MutableBytes bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
inline const unsigned char* raw(Bytes bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

inline int random_for_mbedtls(void*, unsigned char* out, std::size_t size) {
  fill_random(std::as_writable_bytes(std::span(out, size)));
  return 0;
}

// Mbed TLS's words for one of its codes.
std::string reason(int code);

// A key pair of Mbed TLS, always of the curve P-256.
class KeyPair {
 public:
  KeyPair() {
    mbedtls_ecp_keypair_init(&pair_);
    mbedtls_ecp_group_load(&group(), MBEDTLS_ECP_DP_SECP256R1);
  }
  ~KeyPair() { mbedtls_ecp_keypair_free(&pair_); }
  KeyPair(const KeyPair&) = delete;
  KeyPair& operator=(const KeyPair&) = delete;

  mbedtls_ecp_keypair* get() { return &pair_; }
  mbedtls_ecp_group& group() { return pair_.LOCKSTEP_MBEDTLS_FIELD(grp); }
  mbedtls_mpi& secret() { return pair_.LOCKSTEP_MBEDTLS_FIELD(d); }
  mbedtls_ecp_point& point() { return pair_.LOCKSTEP_MBEDTLS_FIELD(Q); }

  bool set_point(const mcuboot::P256Point& bytes) {
    return mbedtls_ecp_point_read_binary(&group(), &point(), raw(bytes), bytes.size()) == 0 &&
           mbedtls_ecp_check_pubkey(&group(), &point()) == 0;
  }

  bool set_secret(const Secret& bytes) {
    return mbedtls_mpi_read_binary(&secret(), raw(bytes), bytes.size()) == 0 &&
           mbedtls_ecp_check_privkey(&group(), &secret()) == 0;
  }

  // The public half that belongs to the secret, whatever the key's file claims.
  bool derive_point() {
    return mbedtls_ecp_mul(&group(), &point(), &secret(), &group().G, random_for_mbedtls, nullptr) == 0;
  }

 private:
  mbedtls_ecp_keypair pair_;
};

inline bool write_point(mbedtls_ecp_group& group, const mbedtls_ecp_point& point, mcuboot::P256Point& out) {
  std::size_t size = 0;
  return mbedtls_ecp_point_write_binary(&group, &point, MBEDTLS_ECP_PF_UNCOMPRESSED, &size,
                                        raw(MutableBytes(out)), out.size()) == 0 &&
         size == out.size();
}

}  // namespace lockstep::crypto_detail
