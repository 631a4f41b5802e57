#include "manifests/attest/dsse.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <vector>

#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/base/text.hpp"
#include "manifests/attest/der.hpp"

namespace lockstep::attest {
namespace {

constexpr std::string_view type = "application/vnd.lockstep.test+xml";

struct Key {
  PrivateKey secret = *PrivateKey::generate();
  TrustedKey trusted{"release", secret.public_key()};
};

std::string signed_by(std::span<const PrivateKey> keys, std::string payload = "<release/>") {
  const auto envelope = sign(std::string(type), std::move(payload), keys);
  REQUIRE(envelope);
  return to_json(*envelope);
}

std::string signed_by(const Key& key, std::string payload = "<release/>") {
  return signed_by(std::span(&key.secret, 1), std::move(payload));
}

Outcome<Verified> check(std::string_view json, const Key& key) { return verify(json, type, std::span(&key.trusted, 1)); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, std::string(from));
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the pre-authentication encoding is that of the DSSE protocol document") {
  // protocol.md, "Test Vectors".
  CHECK(pae("http://example.com/HelloWorld", "hello world") == "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  // testvectors/vectors.json: "empty-payload" and "non-ascii-payload-type" (lengths count bytes).
  CHECK(pae("application/vnd.in-toto+json", "") == "DSSEv1 28 application/vnd.in-toto+json 0 ");
  CHECK(pae("application/vnd.ex\xC3\xA4mple+json", "x") == "DSSEv1 29 application/vnd.ex\xC3\xA4mple+json 1 x");
}

TEST_CASE("the signature in the DSSE protocol document verifies over our encoding") {
  // protocol.md, "Test Vectors": X, Y and the raw r || s of its envelope, here in PEM and DER.
  const auto key = PublicKey::from_pem(
      "-----BEGIN PUBLIC KEY-----\n"
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZ805D3eqNZywjCI19lInBJOp7YMr\n"
      "CrzAH3CVTAOQ0jgMeCvVTiaRJaRPRDOv8UMs6U4SvKc6pnrIDOoSYI3fdA==\n"
      "-----END PUBLIC KEY-----\n");
  REQUIRE(key);
  const auto raw = from_base64("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==");
  REQUIRE(raw);
  Buffer der = to_buffer(std::string_view("\x30\x44\x02\x20", 4));
  der.insert(der.end(), raw->begin(), raw->begin() + 32);
  der.push_back(std::byte{0x02});
  der.push_back(std::byte{0x20});
  der.insert(der.end(), raw->begin() + 32, raw->end());
  CHECK(is_minimal_signature(der));
  CHECK(key->verify(Sha256::of(pae("http://example.com/HelloWorld", "hello world")), der));
  CHECK_FALSE(key->verify(Sha256::of(pae("http://example.com/HelloWorld", "hello worle")), der));
}

TEST_CASE("what was signed comes out again, with the signer's name") {
  const Key key;
  const std::string payload("any\0bytes \xff", 11);
  const auto verified = check(signed_by(key, payload), key);
  REQUIRE(verified);
  CHECK(verified->payload == payload);
  CHECK(verified->payload_type == type);
  REQUIRE(verified->signers.size() == 1);
  CHECK(verified->signers[0].name == "release");
}

TEST_CASE("plain openssl verifies our signature") {
  const Key key;
  const auto envelope = parse_envelope(signed_by(key, "hello world"));
  REQUIRE(envelope);
  const TempDir dir;
  REQUIRE(write_file(dir / "pub.pem", key.trusted.key.pem()));
  REQUIRE(write_file(dir / "signature", envelope->signatures[0].der));
  const std::string pae_file = (dir / "pae").string();
  const std::string command = "openssl dgst -sha256 -verify '" + (dir / "pub.pem").string() + "' -signature '" +
                              (dir / "signature").string() + "' '" + pae_file + "' >/dev/null 2>&1";
  REQUIRE(write_file(pae_file, pae(type, "hello world")));
  CHECK(std::system(command.c_str()) == 0);
  REQUIRE(write_file(pae_file, pae(type, "hello worle")));
  CHECK(std::system(command.c_str()) != 0);
}

TEST_CASE("a signature that openssl made is accepted") {
  const TempDir dir;
  const auto in_dir = [&](const char* name) { return "'" + (dir / name).string() + "'"; };
  const std::string make = "openssl ecparam -name prime256v1 -genkey -noout -out " + in_dir("key.pem") +
                           " 2>/dev/null && openssl dgst -sha256 -sign " + in_dir("key.pem") + " -out " +
                           in_dir("signature") + " " + in_dir("pae");
  REQUIRE(write_file(dir / "pae", pae(type, "from elsewhere")));
  REQUIRE(std::system(make.c_str()) == 0);
  const auto secret = PrivateKey::load(dir / "key.pem");
  const auto der = read_file(dir / "signature");
  REQUIRE(secret);
  REQUIRE(der);
  const Envelope envelope{std::string(type), "from elsewhere", {{secret->public_key().id(), *der}}};
  const TrustedKey trusted{"openssl", secret->public_key()};
  CHECK(verify(to_json(envelope), type, std::span(&trusted, 1)));
}

TEST_CASE("one flipped bit anywhere in an envelope is refused") {
  const Key key;
  const std::string good = signed_by(key);
  REQUIRE(check(good, key));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(static_cast<unsigned char>(bad[bit / 8]) ^ (1u << (bit % 8)));
    CAPTURE(bit);
    REQUIRE_FALSE(check(bad, key));
  }
}

TEST_CASE("one flipped bit between the values of an envelope with two signatures and blanks is refused") {
  const Key first;
  const Key second;
  const std::vector<PrivateKey> secrets{first.secret, second.secret};
  const std::vector<TrustedKey> trusted{first.trusted, {"second", second.secret.public_key()}};
  std::string good;
  for (const char c : signed_by(secrets)) {
    good += c;
    if (c == ',' || c == ':' || c == '[' || c == '{') good += "\n  ";
  }
  REQUIRE(verify(good, type, trusted, 2));
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    // The bits of signatures have their turn in the test above; here they would only take time.
    const std::size_t value = good.rfind('"', bit / 8);
    if (value != good.npos && good.substr(value).starts_with("\"ME") && bit / 8 > value) continue;
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(static_cast<unsigned char>(bad[bit / 8]) ^ (1u << (bit % 8)));
    CAPTURE(bit);
    REQUIRE_FALSE(verify(bad, type, trusted, 1));
  }
}

TEST_CASE("every beginning of an envelope is refused without reading past its end") {
  const Key key;
  const std::string whole = signed_by(key);
  for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
    const auto exact = std::make_unique<char[]>(size);
    std::copy_n(whole.data(), size, exact.get());
    CAPTURE(size);
    REQUIRE_FALSE(check({exact.get(), size}, key));
  }
}

TEST_CASE("envelopes in another form are refused") {
  const Key key;
  const std::string good = signed_by(key, "ab");  // base64 "YWI="
  const std::string id = key.secret.public_key().id().hex();
  const struct { const char* from; std::string to; } rows[] = {
      {"\"payload\":", "\"x\":1,\"payload\":"},                     // unknown member
      {"\"keyid\":", "\"x\":1,\"keyid\":"},                         //
      {"\"payload\":\"YWI=\"", "\"payload\":\"YWI=\",\"payload\":\"YWI=\""},  // twice
      {"YWI=", "YWJ="},                                             // bits in the padding
      {"YWI=", "YWI"},                                              // no padding
      {"YWI=", "YWI=\n"},                                           // a line end in a string
      {"YWI=", "YW\\u0049="},                                       // an escape
      {"application/", "application\\/"},                           //
      {"\"sig\":", "\"sig\":\t"},                                   // a tab
      {"\"sig\":", "\"sig\":\r"},                                   //
      {"}]}\n", "}]}\n\n"},                                         // more behind the end
      {"}]}\n", "}]} "},                                            //
      {"}]}\n", "}]}{}"},                                           //
      {"{\"payload\"", " {\"payload\""},                            // something before the beginning
      {"{\"payload\"", "\xEF\xBB\xBF{\"payload\""},                 //
  };
  for (const auto& row : rows) {
    CAPTURE(row.to);
    const auto verified = check(replaced(good, row.from, row.to), key);
    REQUIRE_FALSE(verified);
    CHECK(verified.error().kind == ErrorKind::invalid);
  }
  std::string upper = id;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  CHECK_FALSE(check(replaced(good, id, upper), key));
  CHECK_FALSE(check(replaced(good, ",\"signatures\"", ",  \"signatures\" ").substr(1), key));
  CHECK(check(good.substr(0, good.size() - 1), key));  // without the last line feed
}

TEST_CASE("a signer that is not trusted is refused, also beside a trusted one") {
  const Key key;
  const Key stranger;
  const auto alone = check(signed_by(stranger), key);
  REQUIRE_FALSE(alone);
  CHECK(alone.error().kind == ErrorKind::refused);
  CHECK(alone.error().what == "signed by key " + stranger.secret.public_key().id().short_hex() + ", which is not trusted here");
  const std::vector<PrivateKey> both{key.secret, stranger.secret};
  CHECK_FALSE(check(signed_by(both), key));
  CHECK_FALSE(verify(signed_by(key), type, {}));
}

TEST_CASE("a signature in the name of another key is refused") {
  const Key key;
  const Key stranger;
  auto envelope = parse_envelope(signed_by(stranger));
  REQUIRE(envelope);
  envelope->signatures[0].key_id = key.secret.public_key().id();
  const auto verified = check(to_json(*envelope), key);
  REQUIRE_FALSE(verified);
  CHECK(verified.error().kind == ErrorKind::refused);
  CHECK(verified.error().what.find("the signature by release") != std::string::npos);
}

TEST_CASE("a signature for one type of content does not count for another") {
  const Key key;
  const auto other = verify(signed_by(key), "application/vnd.in-toto+json", std::span(&key.trusted, 1));
  REQUIRE_FALSE(other);
  CHECK(other.error().kind == ErrorKind::refused);
  CHECK_FALSE(check(replaced(signed_by(key), "lockstep.test", "lockstep.tesu"), key));
}

TEST_CASE("a threshold counts distinct keys") {
  const Key first;
  const Key second;
  const std::vector<TrustedKey> trusted{first.trusted, second.trusted};
  const std::vector<PrivateKey> both{first.secret, second.secret};
  CHECK(verify(signed_by(both), type, trusted, 2));
  const auto one = verify(signed_by(first), type, trusted, 2);
  REQUIRE_FALSE(one);
  CHECK(one.error().what == "signed by 1 of the 2 keys that are needed");

  const std::vector<PrivateKey> twice{first.secret, first.secret};
  CHECK_FALSE(sign(std::string(type), "x", twice));
  auto envelope = parse_envelope(signed_by(first));
  REQUIRE(envelope);
  envelope->signatures.push_back(envelope->signatures[0]);
  CHECK_FALSE(verify(to_json(*envelope), type, trusted, 2));
}

TEST_CASE("signing needs a key and a plain type") {
  const Key key;
  CHECK_FALSE(sign(std::string(type), "x", {}));
  CHECK_FALSE(sign("", "x", std::span(&key.secret, 1)));
  CHECK_FALSE(sign("a \"b\"", "x", std::span(&key.secret, 1)));
}

TEST_CASE("only minimal DER is a signature") {
  // r = 1, s = 0x80; the second needs its leading zero. Forms after X.690 sections 8.1.3 and 8.3.2.
  const auto minimal = [](std::string_view hex) { return is_minimal_signature(*from_hex(hex)); };
  CHECK(minimal("3007020101" "02020080"));
  CHECK_FALSE(minimal("30080202000102020080"));  // superfluous zero
  CHECK_FALSE(minimal("3006020101" "020180"));   // negative
  CHECK_FALSE(minimal("3006020100" "020101"));   // zero
  CHECK_FALSE(minimal("308107020101" "02020080"));  // long form of a short length
  CHECK_FALSE(minimal("3007020101" "0202008000"));  // something behind
  CHECK_FALSE(minimal("3009020101" "02020080" "0500"));  // something behind, inside
  CHECK_FALSE(minimal("30050201010200"));        // empty integer
  CHECK_FALSE(minimal("3003020101"));            // one integer
  CHECK_FALSE(minimal(""));
  CHECK_FALSE(minimal("30"));
}

}  // namespace lockstep::attest
