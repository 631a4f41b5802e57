// SHA-256 and ECDSA P-256 for the host, by Mbed TLS. Every function may be called from any thread.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/buffer.hpp"
#include "host/base/error.hpp"
#include "protocols/core/bytes.hpp"
#include "protocols/mcuboot/build.hpp"
#include "protocols/mcuboot/crypto.hpp"

namespace lockstep {

// A SHA-256 digest: the name of everything that counts. Default: all zero.
class Sha256 {
 public:
  Sha256() = default;
  explicit Sha256(const mcuboot::Digest& bytes) : bytes_(bytes) {}

  static Sha256 of(Bytes bytes);
  static Sha256 of(std::string_view text) { return of(as_bytes(text)); }
  // 64 hex digits of either case; ErrorKind::invalid for anything else.
  static Outcome<Sha256> from_hex(std::string_view hex);
  // Exactly 32 bytes; ErrorKind::invalid for anything else.
  static Outcome<Sha256> from_bytes(Bytes bytes);

  std::string hex() const;        // 64 lower-case digits
  std::string short_hex() const;  // the first 12, for people
  const mcuboot::Digest& digest() const { return bytes_; }
  Bytes bytes() const { return bytes_; }  // lives as long as this

  friend auto operator<=>(const Sha256&, const Sha256&) = default;

 private:
  mcuboot::Digest bytes_{};
};

// Hashes in pieces. After finish() it is ready for the next hash.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  void update(Bytes bytes);
  Sha256 finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads the file in pieces, whatever its size. ErrorKind: not_found, io.
Outcome<Sha256> sha256_file(const std::filesystem::path& path);

// The public half of an ECDSA P-256 key; a plain value, always a point of the curve.
class PublicKey {
 public:
  // PEM "PUBLIC KEY" (SubjectPublicKeyInfo, RFC 5480). ErrorKind::invalid, also for keys of other kinds and
  // for a private key, with words that say which it was.
  static Outcome<PublicKey> from_pem(std::string_view pem);
  static Outcome<PublicKey> load(const std::filesystem::path& path);

  std::string pem() const;
  Buffer der() const;  // SubjectPublicKeyInfo, 91 bytes
  Sha256 id() const;   // SHA-256 of der(): the key's name, and what MCUboot's KEYHASH TLV has
  const mcuboot::PublicKey& mcuboot() const { return key_; }  // as bootloader and image verification take it

  // True when `der_signature` signs `digest`, whatever the reason for a no.
  bool verify(const Sha256& digest, Bytes der_signature) const;

  friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.key_.point == b.key_.point; }

 private:
  friend class PrivateKey;
  explicit PublicKey(const mcuboot::P256Point& point);

  mcuboot::PublicKey key_;
};

// An ECDSA P-256 private key; its memory is wiped at the end.
class PrivateKey {
 public:
  // From the operating system's random numbers. ErrorKind::internal when there are none.
  static Outcome<PrivateKey> generate();
  // PEM "PRIVATE KEY" (PKCS#8, RFC 5958) or "EC PRIVATE KEY" (SEC 1, RFC 5915), not encrypted.
  // ErrorKind::invalid.
  static Outcome<PrivateKey> from_pem(std::string_view pem);
  static Outcome<PrivateKey> load(const std::filesystem::path& path);

  PrivateKey(const PrivateKey&) = default;
  PrivateKey& operator=(const PrivateKey&) = default;
  ~PrivateKey();

  std::string pem() const;  // PKCS#8; a secret: write it with mode 0600 only
  const PublicKey& public_key() const { return public_key_; }

  // The signature over `digest` as DER (ECDSA-Sig-Value), at most 72 bytes, deterministic (RFC 6979).
  Outcome<Buffer> sign(const Sha256& digest) const;

 private:
  PrivateKey(const std::array<std::byte, 32>& secret, const PublicKey& public_key)
      : secret_(secret), public_key_(public_key) {}

  std::array<std::byte, 32> secret_;  // big endian
  PublicKey public_key_;
};

// What mcuboot::verify and mcuboot::build want.
class MbedCrypto final : public mcuboot::Crypto {
 public:
  bool sha256_begin() override;
  bool sha256_update(Bytes bytes) override;
  bool sha256_finish(mcuboot::Digest& out) override;
  bool p256_verify(const mcuboot::P256Point& point, const mcuboot::Digest& digest,
                   Bytes der_signature) override;

 private:
  Sha256Hasher hasher_;
};

// Signs images with a private key that outlives it.
class KeySigner final : public mcuboot::Signer {
 public:
  explicit KeySigner(const PrivateKey& key) : key_(key) {}
  std::size_t sign(const mcuboot::Digest& digest, MutableBytes out) override;
  mcuboot::Digest key_hash() const override { return key_.public_key().id().digest(); }

 private:
  const PrivateKey& key_;
};

// Cryptographically strong random bytes from the operating system.
void fill_random(MutableBytes out);

}  // namespace lockstep

template <>
struct std::hash<lockstep::Sha256> {
  std::size_t operator()(const lockstep::Sha256& sha) const noexcept;
};
