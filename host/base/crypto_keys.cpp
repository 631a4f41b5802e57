// Keys as files: PEM in and out.
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>

#include <algorithm>

#include "host/base/crypto_pair.hpp"
#include "host/base/files.hpp"
#include "host/base/text.hpp"

namespace lockstep {

using namespace crypto_detail;

namespace {

// The parsed key of a PEM file, of any kind.
class ParsedKey {
 public:
  ParsedKey() { mbedtls_pk_init(&key_); }
  ~ParsedKey() { mbedtls_pk_free(&key_); }
  ParsedKey(const ParsedKey&) = delete;
  ParsedKey& operator=(const ParsedKey&) = delete;

  // Mbed TLS tells PEM from DER by the final zero byte, which belongs to the text.
  int parse_public(std::string pem) {
    return mbedtls_pk_parse_public_key(&key_, raw(as_bytes(pem)), pem.size() + 1);
  }
  int parse_private(std::string_view pem) {
    std::string text(pem);
#if MBEDTLS_VERSION_MAJOR >= 3
    const int code = mbedtls_pk_parse_key(&key_, raw(as_bytes(text)), text.size() + 1, nullptr, 0,
                                          random_for_mbedtls, nullptr);
#else
    const int code = mbedtls_pk_parse_key(&key_, raw(as_bytes(text)), text.size() + 1, nullptr, 0);
#endif
    mbedtls_platform_zeroize(text.data(), text.size());
    return code;
  }

  // Null when the key is not of the curve P-256.
  mbedtls_ecp_keypair* p256() {
    if (!mbedtls_pk_can_do(&key_, MBEDTLS_PK_ECKEY)) return nullptr;
    mbedtls_ecp_keypair* pair = mbedtls_pk_ec(key_);
    return pair->LOCKSTEP_MBEDTLS_FIELD(grp).id == MBEDTLS_ECP_DP_SECP256R1 ? pair : nullptr;
  }

  std::string kind() const {
    return std::string(mbedtls_pk_get_name(&key_)) + " of " + std::to_string(mbedtls_pk_get_bitlen(&key_)) +
           " bits";
  }

 private:
  mbedtls_pk_context key_;
};

bool has_begin(std::string_view pem, std::string_view label) {
  return pem.find("-----BEGIN " + std::string(label)) != std::string_view::npos;
}

std::string to_pem(std::string_view label, Bytes der) {
  std::string base64 = to_base64(der);
  std::string pem = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < base64.size(); at += 64) pem += base64.substr(at, 64) + "\n";
  pem += "-----END " + std::string(label) + "-----\n";
  mbedtls_platform_zeroize(base64.data(), base64.size());
  return pem;
}

Buffer spki(const mcuboot::P256Point& point) {
  // Sized at once: at -O3 GCC 12 sees an overflow in growing it, where there is none (-Warray-bounds).
  const Bytes prefix = std::as_bytes(std::span(mcuboot::spki_prefix));
  Buffer der(prefix.size() + point.size());
  std::copy(point.begin(), point.end(), std::copy(prefix.begin(), prefix.end(), der.begin()));
  return der;
}

constexpr std::string_view new_key_hint = "make a key with: lockstep key new NAME";

Fail<Error> not_p256(const ParsedKey& key) {
  return fail(ErrorKind::invalid, "this is a key of another kind (" + key.kind() + "), ECDSA P-256 is wanted",
              std::string(new_key_hint));
}

Fail<Error> at_file(const Error& e, const std::filesystem::path& path) { return Fail(e.in(path.string())); }

}  // namespace

PublicKey::PublicKey(const mcuboot::P256Point& point)
    : key_{.point = point, .hash = Sha256::of(spki(point)).digest()} {}

Outcome<PublicKey> PublicKey::from_pem(std::string_view pem) {
  if (has_begin(pem, "PRIVATE KEY") || has_begin(pem, "EC PRIVATE KEY") ||
      has_begin(pem, "ENCRYPTED PRIVATE KEY"))
    return fail(ErrorKind::invalid, "this is a private key where a public key is wanted",
                "pass the public half, NAME.pub.pem; openssl pkey -in NAME.pem -pubout writes it");
  if (!has_begin(pem, "PUBLIC KEY"))
    return fail(ErrorKind::invalid, "this is no public key in PEM form",
                "a public key file has the line -----BEGIN PUBLIC KEY-----");
  if (pem.find("-----BEGIN PUBLIC KEY-----") != pem.rfind("-----BEGIN PUBLIC KEY-----"))
    return fail(ErrorKind::invalid, "these are several public keys where one is wanted", "put each key into a file of its own");
  ParsedKey parsed;
  if (const int code = parsed.parse_public(std::string(pem)); code != 0)
    return fail(ErrorKind::invalid, "this public key cannot be read: " + reason(code));
  mbedtls_ecp_keypair* pair = parsed.p256();
  if (!pair) return not_p256(parsed);
  auto& group = pair->LOCKSTEP_MBEDTLS_FIELD(grp);
  auto& point = pair->LOCKSTEP_MBEDTLS_FIELD(Q);
  mcuboot::P256Point bytes;
  if (mbedtls_ecp_check_pubkey(&group, &point) != 0 || !write_point(group, point, bytes))
    return fail(ErrorKind::invalid, "this public key is no point of the curve P-256");
  return PublicKey(bytes);
}

Outcome<PublicKey> PublicKey::load(const std::filesystem::path& path) {
  LOCKSTEP_TRY(pem, read_text_file(path, 64 << 10));
  auto key = from_pem(pem);
  if (!key) return at_file(key.error(), path);
  return key;
}

std::string PublicKey::pem() const { return to_pem("PUBLIC KEY", der()); }
Buffer PublicKey::der() const { return spki(key_.point); }
Sha256 PublicKey::id() const { return Sha256(key_.hash); }

bool PublicKey::verify(const Sha256& digest, Bytes der_signature) const {
  MbedCrypto crypto;
  return crypto.p256_verify(key_.point, digest.digest(), der_signature);
}

Outcome<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  if (has_begin(pem, "ENCRYPTED PRIVATE KEY") || pem.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos)
    return fail(ErrorKind::invalid, "this private key is encrypted, which is not supported",
                "decrypt it with: openssl pkey -in NAME.pem");
  if (!has_begin(pem, "PRIVATE KEY") && !has_begin(pem, "EC PRIVATE KEY"))
    return fail(ErrorKind::invalid,
                has_begin(pem, "PUBLIC KEY") ? "this is a public key where a private key is wanted"
                                             : "this is no private key in PEM form",
                std::string(new_key_hint));
  ParsedKey parsed;
  if (const int code = parsed.parse_private(pem); code != 0)
    return fail(ErrorKind::invalid, "this private key cannot be read: " + reason(code));
  mbedtls_ecp_keypair* found = parsed.p256();
  if (!found) return not_p256(parsed);
  KeyPair pair;
  Secret secret;
  mcuboot::P256Point point;
  if (mbedtls_mpi_write_binary(&found->LOCKSTEP_MBEDTLS_FIELD(d), raw(MutableBytes(secret)), secret.size()) !=
          0 ||
      !pair.set_secret(secret) || !pair.derive_point() || !write_point(pair.group(), pair.point(), point))
    return fail(ErrorKind::invalid, "this private key is out of range for the curve P-256");
  PrivateKey key(secret, PublicKey(point));
  mbedtls_platform_zeroize(secret.data(), secret.size());
  return key;
}

Outcome<PrivateKey> PrivateKey::load(const std::filesystem::path& path) {
  LOCKSTEP_TRY(pem, read_text_file(path, 64 << 10));
  auto key = from_pem(pem);
  mbedtls_platform_zeroize(pem.data(), pem.size());
  if (!key) return at_file(key.error(), path);
  return key;
}

PrivateKey::~PrivateKey() { mbedtls_platform_zeroize(secret_.data(), secret_.size()); }

std::string PrivateKey::pem() const {
  // PrivateKeyInfo (RFC 5958) { 0, { id-ecPublicKey, prime256v1 }, ECPrivateKey (RFC 5915) { 1, secret, [1]
  // point } }
  static constexpr std::array<std::uint8_t, 36> before_secret{
      0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86,
      0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
      0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20};
  static constexpr std::array<std::uint8_t, 5> before_point{0xa1, 0x44, 0x03, 0x42, 0x00};
  std::array<std::byte, 138> der;
  ByteWriter w(der);
  w.bytes(std::as_bytes(std::span(before_secret)));
  w.bytes(secret_);
  w.bytes(std::as_bytes(std::span(before_point)));
  w.bytes(public_key_.mcuboot().point);
  std::string text = to_pem("PRIVATE KEY", w.written());
  mbedtls_platform_zeroize(der.data(), der.size());
  return text;
}

}  // namespace lockstep
