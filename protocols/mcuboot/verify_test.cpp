// Which images are believed.
#include "protocols/mcuboot/verify.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "protocols/mcuboot/test_image.hpp"

namespace lockstep::mcuboot {
namespace {

using namespace test;

TEST_CASE("images by imgtool are believed, or refused for what they are") {
  const mcuboot::PublicKey key = imgtool_key();
  for (const char* good : {"plain.bin", "full.bin", "all-options.bin", "padded-signature.bin",
                           "full-public-key.bin", "ram-load.bin"}) {
    CAPTURE(good);
    CHECK(verify_errc(vector_file(good), key) == none);
    CHECK(verify_errc(vector_file(good)) == Errc::unknown_key);  // under our own key
  }
  CHECK(verify_errc(vector_file("non-bootable.bin"), key) == Errc::non_bootable);
  CHECK(verify_errc(vector_file("padded-slot.bin"), key) == Errc::trailing_bytes);
  CHECK(verify_errc(vector_file("rsa2048.bin"), key) == Errc::unsupported_signature);
  CHECK(verify_errc(vector_file("unsigned.bin"), key) == Errc::no_signature);
  CHECK(verify_errc(vector_file("sha512.bin"), key) == Errc::unsupported_hash);
}

TEST_CASE("verify says whose signature it believed") {
  const Buffer image = vector_file("plain.bin");
  MemorySource source(image);
  MbedCrypto crypto;
  const std::array keys{our_key().public_key().mcuboot(), imgtool_key()};
  const auto info = verify(source, crypto, keys);
  REQUIRE(info);
  CHECK(info->signed_by == imgtool_key().hash);
  CHECK(verify(source, crypto, {}).error() == Errc::unknown_key);
}

// The promise of this room: no byte is without meaning.
TEST_CASE("one flipped bit anywhere in an image refuses it") {
  const mcuboot::PublicKey key = imgtool_key();
  for (const char* name :
       {"plain.bin", "all-options.bin", "full.bin", "padded-signature.bin", "full-public-key.bin"}) {
    Buffer image = vector_file(name);
    for (std::size_t bit = 0; bit < image.size() * 8; ++bit) {
      const auto flip = [&] { image[bit / 8] ^= static_cast<std::byte>(1 << bit % 8); };
      flip();
      const Errc errc = verify_errc(image, key);
      flip();
      if (errc == none)
        FAIL_CHECK(name << ": believed with bit " << bit % 8 << " of byte " << bit / 8 << " flipped");
    }
    CHECK(verify_errc(image, key) == none);
  }
}

TEST_CASE("one byte changed to anything in hash, key and signature refuses the image") {
  const mcuboot::PublicKey key = imgtool_key();
  Buffer image = vector_file("plain.bin");
  MemorySource source(image);
  const std::uint32_t open_at = inspect(source)->hashed_size;
  for (std::size_t at = open_at; at < image.size(); at += 3) {
    const std::byte before = image[at];
    for (int value = 0; value < 256; value += 5) {
      if (static_cast<std::byte>(value) == before) continue;
      image[at] = static_cast<std::byte>(value);
      if (verify_errc(image, key) == none) FAIL_CHECK("believed with byte " << at << " set to " << value);
    }
    image[at] = before;
  }
}

TEST_CASE("only the bytes of TLVs that nothing guards and nobody reads may change") {
  TestImage image;
  image.sign();
  image.tlvs.push_back({0x00a1, to_buffer("note")});  // a vendor's own, unprotected
  Buffer bytes = image.bytes();
  REQUIRE(verify_errc(bytes) == none);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const bool is_note = at >= bytes.size() - 4;
    bytes[at] ^= std::byte{1};
    CAPTURE(at);
    const bool is_type = at == bytes.size() - 8 || at == bytes.size() - 7;  // 0x00a0 and 0x01a1 say as little
    CHECK((verify_errc(bytes) == none) == (is_note || is_type));
    bytes[at] ^= std::byte{1};
  }
}

TEST_CASE("what was changed and hashed again is caught by the signature") {
  const PrivateKey& key = our_key();
  const auto with_old_signature = [&](auto change) {
    TestImage image;
    image.protected_tlvs = {{0x50, Buffer(4, std::byte{1})}};
    const Buffer signature = *key.sign(image.hash());
    change(image);
    image.add_hash();
    image.add_key_hash(key);
    image.tlvs.push_back({0x22, signature});
    return verify_errc(image.bytes());
  };
  CHECK(with_old_signature([](TestImage&) {}) == none);
  CHECK(with_old_signature([](TestImage& i) { i.payload[3] = std::byte{0}; }) == Errc::bad_signature);
  CHECK(with_old_signature([](TestImage& i) { i.header.version.major = 9; }) == Errc::bad_signature);
  CHECK(with_old_signature([](TestImage& i) { i.protected_tlvs[0].value[0] = std::byte{9}; }) ==
        Errc::bad_signature);
  CHECK(with_old_signature([](TestImage& i) { i.protected_tlvs.clear(); }) == Errc::bad_signature);
}

TEST_CASE("where imgtool is laxer, the bootloader is followed") {
  const PrivateKey& key = our_key();
  TestImage image;
  SUBCASE("no hash") {
    image.add_key_hash(key);
    image.add_signature(key);
    CHECK(verify_errc(image.bytes()) == Errc::no_hash);
  }
  SUBCASE("no key hash") {
    image.add_hash();
    image.add_signature(key);
    CHECK(verify_errc(image.bytes()) == Errc::unknown_key);
  }
  SUBCASE("another key's hash") {
    image.add_hash();
    image.add_key_hash(*PrivateKey::generate());
    image.add_signature(key);
    CHECK(verify_errc(image.bytes()) == Errc::unknown_key);
  }
  SUBCASE("key hash behind the signature") {
    image.add_hash();
    image.add_signature(key);
    image.add_key_hash(key);
    CHECK(verify_errc(image.bytes()) == Errc::unknown_key);
  }
  SUBCASE("signature of nothing") {
    image.add_hash();
    image.add_key_hash(key);
    image.tlvs.push_back({0x22, {}});
    CHECK(verify_errc(image.bytes()) == Errc::bad_signature);
  }
  SUBCASE("signature too long for MCUboot") {
    image.add_hash();
    image.add_key_hash(key);
    image.tlvs.push_back({0x22, Buffer(129)});
    CHECK(verify_errc(image.bytes()) == Errc::bad_signature);
  }
}

TEST_CASE("with several signatures those by others are passed over, and ours must be right") {
  const PrivateKey other = *PrivateKey::generate();
  TestImage image;
  image.add_hash();
  SUBCASE("theirs, then ours") {
    image.add_key_hash(other);
    image.add_signature(other);
    image.add_key_hash(our_key());
    image.add_signature(our_key());
    CHECK(verify_errc(image.bytes()) == none);
  }
  SUBCASE("ours, then theirs") {
    image.add_key_hash(our_key());
    image.add_signature(our_key());
    image.add_key_hash(other);
    image.add_signature(other);
    CHECK(verify_errc(image.bytes()) == none);
  }
  SUBCASE("one wrong in our name, then a right one") {
    image.add_key_hash(our_key());
    image.add_signature(other);
    image.add_key_hash(our_key());
    image.add_signature(our_key());
    CHECK(verify_errc(image.bytes()) == Errc::bad_signature);
  }
  SUBCASE("one key hash is good for one signature") {
    image.add_key_hash(our_key());
    image.add_signature(our_key());
    image.add_signature(other);
    CHECK(verify_errc(image.bytes()) == none);  // the second is by nobody we know
  }
}

// ECDSA: with (r, s) also (r, n - s) is a signature. MCUboot believes it, and so nobody may use the file's
// digest as the name of what runs.
TEST_CASE("the other form of a signature is as good") {
  Buffer order = *from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  TestImage image;
  image.sign();
  Buffer& der = image.tlvs[2].value;
  const std::size_t s_at = 4 + std::to_integer<std::size_t>(der[3]) + 2;  // 30 len 02 len r 02 len s
  const Buffer s(der.begin() + static_cast<std::ptrdiff_t>(s_at), der.end());
  Buffer other = order;
  int borrow = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const int digit = i < s.size() ? std::to_integer<int>(s[s.size() - 1 - i]) : 0;
    const int difference = std::to_integer<int>(order[31 - i]) - digit - borrow;
    borrow = difference < 0;
    other[31 - i] = static_cast<std::byte>(difference + (borrow ? 256 : 0));
  }
  while (other.front() == std::byte{0}) other.erase(other.begin());
  if (std::to_integer<int>(other.front()) >= 0x80) other.insert(other.begin(), std::byte{0});
  der.resize(s_at);
  der[s_at - 1] = static_cast<std::byte>(other.size());
  der.insert(der.end(), other.begin(), other.end());
  der[1] = static_cast<std::byte>(der.size() - 2);
  CHECK(verify_errc(image.bytes()) == none);
}

TEST_CASE("header sizes up to the largest are taken") {
  for (const int size : {32, 36, 256, 512, 2048, 65532}) {
    CAPTURE(size);
    TestImage image;
    image.header.header_size = static_cast<std::uint16_t>(size);
    CHECK(verify_errc(image.sign().bytes()) == none);
  }
}

TEST_CASE("an empty payload is an image") {
  TestImage image;
  image.payload.clear();
  CHECK(verify_errc(image.sign().bytes()) == none);
}

TEST_CASE("a file holds the image and nothing else, a slot may hold more") {
  Buffer bytes = TestImage().sign().bytes();
  bytes.push_back(std::byte{0xff});
  CHECK(verify_errc(bytes) == Errc::trailing_bytes);
  MemorySource source(bytes);
  MbedCrypto crypto;
  const auto key = our_key().public_key().mcuboot();
  CHECK(verify(source, crypto, std::span(&key, 1)));
}

TEST_CASE("a crypto library that fails is no yes") {
  struct Failing final : Crypto {
    bool sha256_begin() override { return steps_left-- > 0 && good.sha256_begin(); }
    bool sha256_update(Bytes b) override { return steps_left-- > 0 && good.sha256_update(b); }
    bool sha256_finish(Digest& out) override { return steps_left-- > 0 && good.sha256_finish(out); }
    bool p256_verify(const P256Point& p, const Digest& d, Bytes s) override {
      return steps_left-- > 0 && good.p256_verify(p, d, s);
    }
    MbedCrypto good;
    int steps_left = 0;
  };
  const Buffer image = vector_file("full-public-key.bin");
  MemorySource source(image);
  const auto key = imgtool_key();
  int steps = 0;
  for (;; ++steps) {
    Failing crypto;
    crypto.steps_left = steps;
    const auto info = verify(source, crypto, std::span(&key, 1));
    if (info) break;
    CAPTURE(steps);
    CHECK((info.error() == Errc::crypto_failed || info.error() == Errc::bad_signature));
  }
  CHECK(steps == 7);  // hash of the image, hash of the key, signature
  struct Nothing final : Crypto {
  } nothing;
  CHECK(verify(source, nothing, std::span(&key, 1)).error() == Errc::crypto_failed);
}

}  // namespace
}  // namespace lockstep::mcuboot
