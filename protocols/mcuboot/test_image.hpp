// Images for tests: read from vectors/, or put together piece by piece, also in ways that build() refuses.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "protocols/mcuboot/verify.hpp"

// So that a failed check prints the words.
namespace doctest {
template <>
struct StringMaker<lockstep::mcuboot::Errc> {
  static String convert(lockstep::mcuboot::Errc e) {
    return String(text(e).data(), static_cast<unsigned>(text(e).size()));
  }
};
}  // namespace doctest

namespace lockstep::mcuboot::test {

inline Buffer vector_file(const std::string& name) {
  auto file = read_file(LOCKSTEP_SOURCE_DIR "/protocols/mcuboot/vectors/" + name);
  REQUIRE_MESSAGE(file, name);
  return *file;
}

inline mcuboot::PublicKey imgtool_key() {
  const auto key =
      lockstep::PublicKey::load(LOCKSTEP_SOURCE_DIR "/protocols/mcuboot/vectors/imgtool.pub.pem");
  REQUIRE(key);
  return key->mcuboot();
}

inline const PrivateKey& our_key() {
  static const PrivateKey key = *PrivateKey::generate();
  return key;
}

struct TestTlv {
  std::uint16_t type;
  Buffer value;
};

// Everything that can be wrong can be set.
struct TestImage {
  Header header{.header_size = 32, .version = {1, 2, 3, 4}};
  Buffer payload = to_buffer("a payload of a few bytes");
  std::vector<TestTlv> protected_tlvs;
  std::vector<TestTlv> tlvs;

  static Buffer area(std::uint16_t magic, const std::vector<TestTlv>& tlvs) {
    Buffer out(4096);
    ByteWriter w(out);
    w.u16le(magic);
    w.u16le(0);
    for (const TestTlv& tlv : tlvs) {
      w.u16le(tlv.type);
      w.u16le(static_cast<std::uint16_t>(tlv.value.size()));
      w.bytes(tlv.value);
    }
    out.resize(w.size());
    ByteWriter(MutableBytes(out).subspan(2)).u16le(static_cast<std::uint16_t>(out.size()));
    return out;
  }

  // What hash and signature cover.
  Buffer hashed() const {
    const Buffer guarded = protected_tlvs.empty() ? Buffer() : area(protected_tlv_info_magic, protected_tlvs);
    Buffer out(header.header_size);
    ByteWriter w(out);
    w.u32le(header_magic);
    w.u32le(header.load_address);
    w.u16le(header.header_size);
    w.u16le(static_cast<std::uint16_t>(guarded.size()));
    w.u32le(static_cast<std::uint32_t>(payload.size()));
    w.u32le(header.flags);
    w.u8(header.version.major);
    w.u8(header.version.minor);
    w.u16le(header.version.revision);
    w.u32le(header.version.build);
    out.insert(out.end(), payload.begin(), payload.end());
    out.insert(out.end(), guarded.begin(), guarded.end());
    return out;
  }

  Sha256 hash() const { return Sha256::of(hashed()); }
  void add_hash() { tlvs.push_back({0x10, to_buffer(hash().bytes())}); }
  void add_key_hash(const PrivateKey& key) {
    tlvs.push_back({0x01, to_buffer(key.public_key().id().bytes())});
  }
  void add_signature(const PrivateKey& key) { tlvs.push_back({0x22, *key.sign(hash())}); }

  // Hash, key hash and signature as they should be.
  TestImage& sign(const PrivateKey& key = our_key()) {
    add_hash();
    add_key_hash(key);
    add_signature(key);
    return *this;
  }

  Buffer bytes() const {
    Buffer out = hashed();
    const Buffer open = area(tlv_info_magic, tlvs);
    out.insert(out.end(), open.begin(), open.end());
    return out;
  }
};

// None when the image is good.
inline Errc verify_errc(Bytes image, const mcuboot::PublicKey& key = our_key().public_key().mcuboot()) {
  const Buffer exact = to_buffer(image);  // on the heap in its exact size: ASan sees one byte too far
  MemorySource source(exact);
  MbedCrypto crypto;
  const auto info = verify_file(source, crypto, std::span(&key, 1));
  return info ? Errc{} : info.error();
}

inline Errc inspect_errc(Bytes image) {
  const Buffer exact = to_buffer(image);
  MemorySource source(exact);
  const auto info = inspect(source);
  return info ? Errc{} : info.error();
}

inline constexpr Errc none{};

}  // namespace lockstep::mcuboot::test
