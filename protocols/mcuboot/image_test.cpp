// What images say, and forms that are refused.
#include "protocols/mcuboot/image.hpp"

#include "host/base/text.hpp"
#include "host/base/uuid.hpp"
#include "protocols/mcuboot/test_image.hpp"

namespace lockstep::mcuboot {
namespace {

using namespace test;

Buffer u32(std::uint32_t v) {
  Buffer out(4);
  ByteWriter(out).u32le(v);
  return out;
}

Result<ImageInfo, Errc> inspect_bytes(const Buffer& bytes) {
  MemorySource source(bytes);
  return inspect(source);
}

// Written by hand from MCUboot's docs/design.md; hash and signature (RFC 6979, with the key of its appendix
// A.2.5) by a program in another language that shares nothing with this one.
const std::string golden_hex =
    "3db8f396"
    "00000000"
    "2400"
    "0c00"
    "05000000"
    "00000000"  // magic, load address, header 36, protected 12, 5, flags
    "01"
    "02"
    "0300"
    "04000000"
    "00000000"
    "ffffffff"    // version 1.2.3+4, padding, rest of the header
    "68656c6c6f"  // hello
    "0869"
    "0c00"
    "5000"
    "0400"
    "07000000"  // protected area of 12: security counter 7
    "0769"
    "9700"  // unprotected area of 151
    "1000"
    "2000"
    "1bc551220e23c6eb250b7b7ba5452ba8443c6e06767cc5d3226c07504e36161e"  // SHA-256
    "0100"
    "2000"
    "5a7a78cca4a0f420d9bc62bb669c3c2759e39f723d3ae10dcbe0f0815a07ecd4"  // key hash
    "2200"
    "4700"  // ECDSA signature of 71
    "30450220615381f9591f0106f50087a44fcb679d6b46d5693d9c45ca4d676b5a6d3070ac"
    "022100e8dfcaa83e881b1ea63a15916a9e9fa5d28f63070f525c197f20426a0775ef71";

TEST_CASE("every field of a hand-made image is read") {
  const auto info = inspect_bytes(*from_hex(golden_hex));
  REQUIRE(info);
  CHECK(info->header.header_size == 36);
  CHECK(info->header.protected_tlv_size == 12);
  CHECK(info->header.payload_size == 5);
  CHECK(info->header.version == Version{1, 2, 3, 4});
  CHECK(info->hashed_size == 53);
  CHECK(info->total_size == 204);
  CHECK(to_hex(info->image_hash) == "1bc551220e23c6eb250b7b7ba5452ba8443c6e06767cc5d3226c07504e36161e");
  CHECK(info->security_counter == 7u);
  CHECK(to_hex(*info->key_hash) == "5a7a78cca4a0f420d9bc62bb669c3c2759e39f723d3ae10dcbe0f0815a07ecd4");
  CHECK(info->signature_count == 1);
  CHECK(info->ignored_tlv_count == 0);
  CHECK(info->dependencies().empty());
  CHECK(!info->vendor_id);
}

TEST_CASE("everything that imgtool can say is read") {
  const auto info = inspect_bytes(vector_file("full.bin"));
  REQUIRE(info);
  CHECK(VersionText(info->header.version).view() == "255.254.65535+4294967295");
  CHECK(info->security_counter == 5u);
  REQUIRE(info->dependencies().size() == 1);
  CHECK(info->dependencies()[0].image == 1);
  CHECK(info->dependencies()[0].min_version == Version{2, 3, 4, 5});
  const Uuid vendor = name_uuid(uuid_dns_namespace, "example.com");
  CHECK(info->vendor_id == vendor);
  CHECK(info->class_id == name_uuid(vendor, "thermostat"));
  CHECK(info->total_size == 490);
  CHECK(inspect_bytes(vector_file("ram-load.bin"))->header.load_address == 0x20000000);
}

TEST_CASE("no image is seen in the first part of one, at any length") {
  for (const char* name : {"plain.bin", "full.bin", "full-public-key.bin", "padded-signature.bin"}) {
    const Buffer whole = vector_file(name);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(name);
      CAPTURE(size);
      CHECK(inspect_errc(Bytes(whole).first(size)) == Errc::too_short);
    }
  }
}

TEST_CASE("a slot may be larger than its image") {
  Buffer slot = vector_file("plain.bin");
  const std::size_t size = slot.size();
  slot.resize(4096, std::byte{0xff});
  const auto info = inspect_bytes(slot);
  REQUIRE(info);
  CHECK(info->total_size == size);
}

TEST_CASE("a security counter, vendor, class, dependency or revoked key outside of the signature does not count") {
  TestImage image;
  image.tlvs.push_back({0x50, u32(9)});
  image.tlvs.push_back({0x74, Buffer(16)});
  image.tlvs.push_back({0x75, Buffer(16)});
  image.tlvs.push_back({0x40, Buffer(12)});
  image.tlvs.push_back({0x4ca0, Buffer(32)});
  image.sign();
  const auto info = inspect_bytes(image.bytes());
  REQUIRE(info);
  CHECK(!info->security_counter);
  CHECK(!info->vendor_id);
  CHECK(!info->class_id);
  CHECK(info->dependencies().empty());
  CHECK(!info->revoked_key);
  CHECK(info->ignored_tlv_count == 5);
}

TEST_CASE("vendor and class are read under the documented numbers, too") {
  TestImage image;
  image.protected_tlvs = {{0x80, Buffer(16, std::byte{1})}, {0x81, Buffer(16, std::byte{2})}};
  const auto info = inspect_bytes(image.sign().bytes());
  REQUIRE(info);
  CHECK(info->vendor_id->front() == std::byte{1});
  CHECK(info->class_id->front() == std::byte{2});
}

TEST_CASE("a revoked key is a whole hash, once") {
  const auto with = [](std::vector<std::size_t> lengths) {
    TestImage image;
    for (const std::size_t n : lengths) image.protected_tlvs.push_back({0x4ca0, Buffer(n, std::byte{5})});
    return inspect_bytes(image.sign().bytes());
  };
  REQUIRE(with({32}));
  CHECK(with({32})->revoked_key->back() == std::byte{5});
  for (const std::size_t n : {0, 31, 33}) CHECK(with({n}).error() == Errc::bad_tlv_length);
  CHECK(with({32, 32}).error() == Errc::duplicate_tlv);
}

TEST_CASE("headers that cannot be true are refused") {
  const Buffer good = TestImage().sign().bytes();
  const auto with = [&](std::size_t offset, std::initializer_list<int> bytes) {
    Buffer changed = good;
    for (const int b : bytes) changed[offset++] = static_cast<std::byte>(b);
    return changed;
  };
  CHECK(inspect_errc(good) == none);
  CHECK(inspect_errc(with(0, {0x3c})) == Errc::bad_magic);                     // the magic of version 1
  CHECK(inspect_errc(with(8, {31, 0})) == Errc::bad_header_size);              // one byte too small
  CHECK(inspect_errc(with(12, {0xff, 0xff, 0xff, 0xff})) == Errc::too_large);  // 4 GiB of payload
  CHECK(inspect_errc(with(12, {0xd0, 0xff, 0xff, 0xff})) == Errc::too_short);  // nearly so
  CHECK(inspect_errc(with(16, {4})) == Errc::encrypted);
  CHECK(inspect_errc(with(16, {8})) == Errc::encrypted);
  CHECK(inspect_errc(with(16, {0, 2})) == Errc::compressed);
  CHECK(inspect_errc(with(12, {23})) == Errc::bad_tlv_area);       // TLVs one byte earlier
  CHECK(inspect_errc(with(10, {4})) == Errc::bad_protected_size);  // an area that is not there
}

TEST_CASE("TLV areas that cannot be true are refused") {
  TestImage image;
  image.protected_tlvs = {{0x50, u32(1)}};
  image.sign();
  const Buffer good = image.bytes();
  const std::size_t protected_at = 32 + image.payload.size(), open_at = protected_at + 12;
  const auto with = [&](std::size_t offset, int byte) {
    Buffer changed = good;
    changed[offset] = static_cast<std::byte>(byte);
    return changed;
  };
  CHECK(inspect_errc(good) == none);
  CHECK(inspect_errc(with(protected_at, 9)) == Errc::bad_tlv_area);        // magic of the protected area
  CHECK(inspect_errc(with(protected_at, 7)) == Errc::bad_protected_size);  // it says it is the other area
  CHECK(inspect_errc(with(protected_at + 2, 13)) == Errc::bad_protected_size);  // size unlike the header's
  CHECK(inspect_errc(with(protected_at + 6, 5)) == Errc::bad_tlv);  // TLV runs over the protected area
  CHECK(inspect_errc(with(open_at, 8)) == Errc::bad_tlv_area);      // magic of the other area
  CHECK(inspect_errc(with(open_at + 2, 3)) == Errc::bad_tlv_area);  // area too small for its own info
  CHECK(inspect_errc(with(open_at + 2, 9)) == Errc::bad_tlv);       // area too small for its TLVs
  CHECK(inspect_errc(with(open_at + 3, 0x7f)) == Errc::too_short);  // area over the end of the file
  CHECK(inspect_errc(with(open_at + 7, 0x7f)) == Errc::bad_tlv);    // hash TLV of 0x7f20 bytes
}

TEST_CASE("TLVs of a wrong length, twice or too many are refused") {
  const auto errc = [](std::vector<TestTlv> protected_tlvs, std::vector<TestTlv> more = {}) {
    TestImage image;
    image.protected_tlvs = std::move(protected_tlvs);
    image.sign();
    for (TestTlv& tlv : more) image.tlvs.push_back(std::move(tlv));
    return inspect_errc(image.bytes());
  };
  CHECK(errc({{0x50, Buffer(3)}}) == Errc::bad_tlv_length);
  CHECK(errc({{0x40, Buffer(11)}}) == Errc::bad_tlv_length);
  CHECK(errc({{0x74, Buffer(15)}}) == Errc::bad_tlv_length);
  CHECK(errc({{0x50, u32(1)}, {0x50, u32(2)}}) == Errc::duplicate_tlv);
  CHECK(errc({{0x74, Buffer(16)}, {0x80, Buffer(16)}}) == Errc::duplicate_tlv);
  const TestTlv dependency{0x40, Buffer(12)};
  CHECK(errc({4, dependency}) == none);
  CHECK(errc({5, dependency}) == Errc::too_many_dependencies);
  CHECK(errc({}, {{0x10, Buffer(32)}}) == Errc::duplicate_tlv);
  CHECK(errc({}, {{0x01, Buffer(31)}}) == Errc::bad_tlv_length);
  CHECK(errc({{0x10, Buffer(32)}}) == Errc::duplicate_tlv);  // a hash among what is hashed
  CHECK(errc({{0x60, Buffer(0)}, {0x00a0, Buffer(7)}}) == none);
}

TEST_CASE("an image without SHA-256, or with another hash, is refused") {
  TestImage image;
  CHECK(inspect_errc(image.bytes()) == Errc::no_hash);
  CHECK(inspect_errc(vector_file("sha512.bin")) == Errc::unsupported_hash);
}

TEST_CASE("a source that cannot be read says so, whichever read fails") {
  struct Failing final : Source {
    explicit Failing(Bytes bytes) : memory(bytes) {}
    std::uint32_t size() const override { return memory.size(); }
    Result<void, Errc> read(std::uint32_t offset, MutableBytes into) override {
      if (reads_left-- == 0) return Fail(Errc::read_failed);
      return memory.read(offset, into);
    }
    MemorySource memory;
    int reads_left = 0;
  };
  const Buffer image = vector_file("full.bin");
  MbedCrypto crypto;
  const mcuboot::PublicKey key = imgtool_key();
  int fail_at = 0;
  for (;; ++fail_at) {
    Failing source(image);
    source.reads_left = fail_at;
    const auto info = verify(source, crypto, std::span(&key, 1));
    if (info) break;
    CAPTURE(fail_at);
    CHECK(info.error() == Errc::read_failed);
  }
  CHECK(fail_at > 20);
}

}  // namespace
}  // namespace lockstep::mcuboot
