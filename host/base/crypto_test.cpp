#include "host/base/crypto.hpp"

#include <doctest/doctest.h>
#include <unordered_set>

#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/base/text.hpp"

namespace lockstep {
namespace {

// RFC 6979 appendix A.2.5: the P-256 key and its deterministic signature over SHA-256("sample").
// As SEC 1 DER, made by hand from the numbers there.
const std::string rfc6979_sec1 =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
    "AwEHoUQDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8\n"
    "maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"
    "-----END EC PRIVATE KEY-----\n";

PrivateKey new_key() {
  auto key = PrivateKey::generate();
  REQUIRE(key);
  return *key;
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-2, whole and in pieces") {
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(Sha256::of("abc").hex() == abc);
  CHECK(Sha256::of("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256Hasher hasher;
  hasher.update(as_bytes("a"));
  hasher.update(as_bytes("bc"));
  CHECK(hasher.finish().hex() == abc);
  hasher.update(as_bytes("abc"));
  CHECK(hasher.finish().hex() == abc);  // ready for the next one
}

TEST_CASE("a digest is read from hex of either case and from nothing else") {
  const Sha256 sha = Sha256::of("abc");
  REQUIRE(Sha256::from_hex(sha.hex()));
  CHECK(*Sha256::from_hex(sha.hex()) == sha);
  CHECK(*Sha256::from_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD") == sha);
  for (const std::string& bad :
       {std::string(), sha.hex().substr(1), sha.hex() + "00", std::string(64, 'g')}) {
    CAPTURE(bad);
    CHECK(!Sha256::from_hex(bad));
  }
  CHECK(!Sha256::from_bytes(sha.bytes().first(31)));
  CHECK(std::unordered_set<Sha256>{sha, sha, Sha256()}.size() == 2);
}

TEST_CASE("a file is hashed in pieces") {
  TempDir dir;
  const std::string big(200'000, 'x');
  REQUIRE(write_file(dir / "big", big));
  CHECK(*sha256_file(dir / "big") == Sha256::of(big));
  CHECK(sha256_file(dir / "none").error().kind == ErrorKind::not_found);
}

TEST_CASE("the key of RFC 6979 signs as the RFC says") {
  const auto key = PrivateKey::from_pem(rfc6979_sec1);
  REQUIRE_MESSAGE(key, key.error().what);
  const auto signature = key->sign(Sha256::of("sample"));
  REQUIRE(signature);
  // r and s of A.2.5, "With SHA-256, message = "sample"", as an ECDSA-Sig-Value.
  CHECK(to_hex(*signature) ==
        "3046"
        "022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  CHECK(key->public_key().verify(Sha256::of("sample"), *signature));
  CHECK(!key->public_key().verify(Sha256::of("Sample"), *signature));
}

TEST_CASE("keys survive their PEM form, and SEC 1 becomes PKCS#8") {
  const auto key = PrivateKey::from_pem(rfc6979_sec1);
  REQUIRE(key);
  CHECK(key->pem().starts_with("-----BEGIN PRIVATE KEY-----\n"));
  const auto again = PrivateKey::from_pem(key->pem());
  REQUIRE(again);
  CHECK(again->pem() == key->pem());
  CHECK(again->public_key() == key->public_key());
  const auto open = PublicKey::from_pem(key->public_key().pem());
  REQUIRE(open);
  CHECK(*open == key->public_key());
  CHECK(open->id() == Sha256::of(open->der()));
  CHECK(open->der().size() == 91);
}

TEST_CASE("every generated key is another one") {
  const PrivateKey a = new_key(), b = new_key();
  CHECK(a.public_key() != b.public_key());
  const auto signature = a.sign(Sha256::of("x"));
  REQUIRE(signature);
  CHECK(!b.public_key().verify(Sha256::of("x"), *signature));
}

TEST_CASE("a signature with any bit flipped, cut short or with a byte behind is wrong") {
  const PrivateKey key = new_key();
  const Sha256 digest = Sha256::of("message");
  const Buffer signature = *key.sign(digest);
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    CAPTURE(bit);
    Buffer changed = signature;
    changed[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    CHECK(!key.public_key().verify(digest, changed));
  }
  for (std::size_t size = 0; size < signature.size(); ++size)
    CHECK(!key.public_key().verify(digest, Bytes(signature).first(size)));
  Buffer longer = signature;
  longer.push_back(std::byte{0});
  CHECK(!key.public_key().verify(digest, longer));
}

TEST_CASE("the wrong half of a key, a key of another kind and a mess are refused with words that help") {
  const PrivateKey key = new_key();
  const auto as_public = PublicKey::from_pem(key.pem());
  REQUIRE(!as_public);
  CHECK(as_public.error().what.find("private key where a public key is wanted") != std::string::npos);
  const auto as_private = PrivateKey::from_pem(key.public_key().pem());
  REQUIRE(!as_private);
  CHECK(as_private.error().what.find("public key where a private key is wanted") != std::string::npos);

  // openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 | openssl pkey -pubout
  const std::string p384 =
      "-----BEGIN PUBLIC KEY-----\n"
      "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEgpKAplNigALJiWOKTRexOuLGPWit5yrZ\n"
      "sN239ZFZcvEZH2tSCu5U+/Vy1uBWACyw53V3gX8DK8B5HSMRWlySsrrmnEZhqw1k\n"
      "DhOPrkbZSPsXDMX8yvwJgF+MIdKCIUL4\n"
      "-----END PUBLIC KEY-----\n";
  const auto other = PublicKey::from_pem(p384);
  REQUIRE(!other);
  CHECK(other.error().what.find("384 bits") != std::string::npos);

  for (const char* mess : {"", "hello", "-----BEGIN PUBLIC KEY-----\n",
                           "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"})
    CHECK(!PublicKey::from_pem(mess));
  CHECK(!PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  CHECK(PrivateKey::from_pem("-----BEGIN ENCRYPTED PRIVATE KEY-----\n").error().next.find("openssl") !=
        std::string::npos);
}

TEST_CASE("a key file's name is in the error") {
  TempDir dir;
  REQUIRE(write_file(dir / "k.pem", "nonsense"));
  CHECK(PublicKey::load(dir / "k.pem").error().what.find("k.pem") != std::string::npos);
  CHECK(PrivateKey::load(dir / "none.pem").error().kind == ErrorKind::not_found);
}

}  // namespace
}  // namespace lockstep
