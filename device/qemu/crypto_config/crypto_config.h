/* What the board needs of Mbed TLS: SHA-256 and the verification of ECDSA P-256 signatures, small before fast.
   Measured on a Cortex-M3 at -Os: 14.5 KiB, 1.2 KiB of stack, 1.9 KiB of pool, 31 million instructions a signature. */
#ifndef LOCKSTEP_CRYPTO_CONFIG_H
#define LOCKSTEP_CRYPTO_CONFIG_H

#include <stddef.h>

#define MBEDTLS_HAVE_ASM
#define MBEDTLS_NO_UDBL_DIVISION /* spares the 64-bit division of libgcc */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECP_WINDOW_SIZE 2
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 0
#define MBEDTLS_ECP_NO_INTERNAL_RNG /* verification handles no secrets, so nothing needs blinding */
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER

/* There is no heap: crypto_pool.cpp serves the few big numbers of one verification from a static pool. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO lockstep_crypto_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO lockstep_crypto_free

#ifdef __cplusplus
extern "C" {
#endif
void* lockstep_crypto_calloc(size_t count, size_t size);
void lockstep_crypto_free(void* block);
#ifdef __cplusplus
}
#endif

#include "mbedtls/check_config.h"

#endif
