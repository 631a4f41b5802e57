// What we write, others can read.
#include "protocols/mcuboot/build.hpp"

#include "host/base/text.hpp"
#include "host/base/uuid.hpp"
#include "protocols/mcuboot/test_image.hpp"

namespace lockstep::mcuboot {
namespace {

using namespace test;

Result<Buffer, Errc> build_image(Bytes payload, const BuildOptions& options) {
  Buffer out(max_image_size(payload.size(), options));
  MbedCrypto crypto;
  KeySigner signer(our_key());
  LOCKSTEP_TRY(size, build(payload, options, crypto, signer, out));
  out.resize(size);
  return out;
}

TEST_CASE("what is built is byte for byte what imgtool makes, up to the key") {
  Buffer payload;
  for (unsigned i = 0; i < 96; ++i) payload.push_back(static_cast<std::byte>(i * 7 + 3));
  const Dependency dependency{1, {2, 3, 4, 5}};
  const Uuid vendor = name_uuid(uuid_dns_namespace, "example.com");
  const auto ours = build_image(payload, {.version = {2, 1, 7, 9},
                                          .header_size = 64,
                                          .security_counter = 5,
                                          .dependencies = std::span(&dependency, 1),
                                          .vendor_id = vendor,
                                          .class_id = name_uuid(vendor, "thermostat")});
  REQUIRE(ours);
  const Buffer theirs = vector_file("all-options.bin");
  MemorySource source(theirs);
  const std::size_t alike = inspect(source)->hashed_size;
  CHECK(to_hex(Bytes(*ours).first(alike)) == to_hex(Bytes(theirs).first(alike)));
  // Behind: 4 bytes of area info (its size varies with the signature's), hash, key hash TLV.
  CHECK(to_hex(Bytes(*ours).subspan(alike + 4, 36 + 4)) == to_hex(Bytes(theirs).subspan(alike + 4, 36 + 4)));
  CHECK(verify_errc(*ours) == none);
}

TEST_CASE("what is built is believed, with and without each option") {
  const Dependency dependencies[4] = {};
  for (int options = 0; options < 32; ++options) {
    CAPTURE(options);
    BuildOptions o{.version = {1, 0, 0, 0},
                   .header_size = static_cast<std::uint16_t>(options & 1 ? 32 : 512)};
    if (options & 2) o.security_counter = 0xffffffff;
    if (options & 4) o.dependencies = dependencies;
    if (options & 8) o.class_id = Uuid{};
    if (options & 16) o.revoked_key = Digest{std::byte{7}};
    const auto image = build_image(as_bytes("payload"), o);
    REQUIRE(image);
    CHECK(verify_errc(*image) == none);
    MemorySource source(*image);
    const auto info = inspect(source);
    CHECK(info->security_counter == o.security_counter);
    CHECK(info->dependencies().size() == o.dependencies.size());
    CHECK(info->class_id == o.class_id);
    CHECK(info->revoked_key == o.revoked_key);
    CHECK((info->header.protected_tlv_size == 0) == (options < 2));
  }
}

TEST_CASE("what the format cannot say is not built") {
  CHECK(build_image({}, {.header_size = 28}).error() == Errc::bad_option);
  CHECK(build_image({}, {.header_size = 34}).error() == Errc::bad_option);
  CHECK(build_image({}, {.flags = flag::encrypted_aes128}).error() == Errc::bad_option);
  const Dependency five[5] = {};
  CHECK(build_image({}, {.dependencies = five}).error() == Errc::bad_option);
}

TEST_CASE("a buffer that is too small by one byte is refused, at every size") {
  const BuildOptions options{.header_size = 32, .security_counter = 1};
  const Buffer whole = *build_image(as_bytes("payload"), options);
  MbedCrypto crypto;
  KeySigner signer(our_key());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Buffer out(size);
    const auto built = build(as_bytes("payload"), options, crypto, signer, out);
    CAPTURE(size);
    REQUIRE(!built);
    CHECK(built.error() == Errc::no_room);
  }
}

TEST_CASE("a signer or a crypto library that fails builds nothing") {
  Buffer out(1024);
  MbedCrypto crypto;
  struct NoSigner final : Signer {
  } no_signer;
  CHECK(build(as_bytes("x"), {}, crypto, no_signer, out).error() == Errc::crypto_failed);
  struct NoCrypto final : Crypto {
  } no_crypto;
  KeySigner signer(our_key());
  CHECK(build(as_bytes("x"), {}, no_crypto, signer, out).error() == Errc::crypto_failed);
}

TEST_CASE("versions are read and written as imgtool does") {
  const auto round = [](std::string_view text) {
    const auto version = parse_version(text);
    return version ? std::string(VersionText(*version).view()) : std::string("refused");
  };
  CHECK(round("1") == "1.0.0");
  CHECK(round("1.2") == "1.2.0");
  CHECK(round("1.2.3") == "1.2.3");
  CHECK(round("1.2.3+4") == "1.2.3+4");
  CHECK(round("1.2.3+0") == "1.2.3");
  CHECK(round("255.255.65535+4294967295") == "255.255.65535+4294967295");
  for (const char* bad : {"",       ".",        "1.",        "1.2.",
                          "1.2.3.", "1.2.3.4",  "1.2.3+",    "1.2+3",
                          "256",    "1.256",    "1.2.65536", "1.2.3+4294967296",
                          "01.2.3", "1.2.3+04", "v1.2.3",    "1.2.3-rc1",
                          " 1",     "1 ",       "-1",        "99999999999999999999999"}) {
    CAPTURE(bad);
    CHECK(round(bad) == "refused");
  }
  CHECK(Version{1, 2, 3, 4} < Version{1, 2, 3, 5});
  CHECK(Version{1, 2, 3, 4} < Version{1, 10, 0, 0});
}

TEST_CASE("every reason has words") {
  for (int i = 1; i <= static_cast<int>(Errc::bad_option); ++i)
    CHECK(text(static_cast<Errc>(i)) != "unknown error");
}

}  // namespace
}  // namespace lockstep::mcuboot
