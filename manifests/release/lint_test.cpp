#include "manifests/release/lint.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "manifests/release/sample.hpp"
#include "protocols/mcuboot/build.hpp"

namespace lockstep::release {
namespace {

std::vector<std::string> findings(const std::string& text) {
  const Release release = sample::parsed(text);
  std::vector<std::string> out;
  for (const Finding& f : lint(release)) out.push_back(f.text(release));
  return out;
}

Buffer image(mcuboot::Version version, std::optional<std::uint32_t> counter) {
  const auto key = PrivateKey::generate();
  REQUIRE(key);
  KeySigner signer(*key);
  MbedCrypto crypto;
  const Buffer payload(1000, std::byte{0x42});
  const mcuboot::BuildOptions options{.version = version, .security_counter = counter};
  Buffer out(mcuboot::max_image_size(payload.size(), options));
  const auto size = mcuboot::build(payload, options, crypto, signer, out);
  REQUIRE(size);
  out.resize(*size);
  return out;
}

Firmware entry_for(const Buffer& file) {
  mcuboot::MemorySource source{Bytes(file)};
  const auto info = mcuboot::inspect(source);
  REQUIRE(info);
  return {.component = "app", .version = {2, 0, 0}, .file = "app.bin", .size = file.size(), .sha256 = Sha256::of(file),
          .image_hash = Sha256(info->image_hash), .security_counter = 3, .line = 5};
}

std::vector<std::string> words(const std::vector<Finding>& found) {
  std::vector<std::string> out;
  for (const Finding& f : found) out.push_back(f.what);
  return out;
}

}  // namespace

TEST_CASE("the example release has nothing to complain about") { CHECK(findings(sample::text()).empty()); }

TEST_CASE("a firmware that requires software which the release does not have is a contradiction") {
  CHECK(findings(sample::with("\"^5.2.0\"", "\"^6.0.0\"")) ==
        std::vector<std::string>{"release.xml:10: error: app 2.0.0 requires mobile-app ^6.0.0, but the release has only "
                                 "mobile-app 5.3.0 (android) (line 14), mobile-app 5.2.1 (ios) (line 18): widen the "
                                 "range or list a version that fits"});
}

TEST_CASE("software that requires a firmware which the release does not have is a contradiction") {
  CHECK(findings(sample::with("range=\"&gt;=1.0.0 &lt;3.0.0\"", "range=\"^1.0.0\"")) ==
        std::vector<std::string>{"release.xml:16: error: mobile-app 5.3.0 (android) requires app ^1.0.0, but the release "
                                 "has only app 2.0.0 (line 5): widen the range or list a version that fits"});
}

TEST_CASE("a platform without a version that fits leaves its users behind") {
  CHECK(findings(sample::with("\"^5.2.0\"", "\"^5.3.0\"")) ==
        std::vector<std::string>{"release.xml:10: error: app 2.0.0 requires mobile-app ^5.3.0, but for platform ios the "
                                 "release has only 5.2.1 (line 18)"});
}

TEST_CASE("ranges without any version, self requirements and double roles are errors") {
  CHECK(findings(sample::with("&gt;=1.0.0 &lt;2.0.0", "&gt;2 &lt;1")) ==
        std::vector<std::string>{
            "release.xml:9: error: no version is in \">2 <1\", so an update of app is never possible"});
  CHECK(findings(sample::with("&gt;=1 &lt;4", "&gt;4 &lt;1")) ==
        std::vector<std::string>{
            "release.xml:3: error: no version is in \">4 <1\", so board node-m3 is never possible"});
  CHECK(findings(sample::with("component=\"bootloader\" range=\"&gt;=1.1.0\"", "component=\"app\" range=\"*\"")) ==
        std::vector<std::string>{"release.xml:11: error: app requires itself"});
  const auto roles = findings(sample::with("component=\"mobile-app\" platform=\"ios\"", "component=\"app\" platform=\"ios\""));
  CHECK(std::count(roles.begin(), roles.end(),
                   "release.xml:18: error: component app is software here and firmware in line 5") == 1);
}

TEST_CASE("a name that looks misspelt is a warning, and a component outside the release is none") {
  const Release release = sample::parsed(sample::with("component=\"mobile-app\" range", "component=\"moble-app\" range"));
  const auto found = lint(release);
  REQUIRE(found.size() == 1);
  CHECK(found[0].text(release) ==
        "release.xml:10: warning: app 2.0.0 requires moble-app, which is not in this release; did you mean "
        "\"mobile-app\"?");
  CHECK_FALSE(has_errors(found));
}

TEST_CASE("a firmware file is held against its entry: size, digest, image hash, version and counter") {
  const Buffer file = image({.major = 2, .minor = 0, .revision = 0}, 3);
  const Firmware right = entry_for(file);
  CHECK(check_artefact(right, file).empty());

  Firmware wrong = right;
  wrong.version = {2, 0, 1};
  CHECK(words(check_artefact(wrong, file)) ==
        std::vector<std::string>{"version is 2.0.1 in the manifest, but 2.0.0 in app.bin"});
  wrong = right;
  wrong.security_counter = 4;
  CHECK(words(check_artefact(wrong, file)) ==
        std::vector<std::string>{"security-counter is 4 in the manifest, but 3 in app.bin"});
  wrong = right;
  wrong.image_hash = Sha256::of("other");
  CHECK(words(check_artefact(wrong, file)) ==
        std::vector<std::string>{"image-hash is " + Sha256::of("other").hex() + " in the manifest, but " +
                                 right.image_hash.hex() + " in app.bin"});
  wrong = right;
  wrong.size = 1;
  CHECK(words(check_artefact(wrong, file)) ==
        std::vector<std::string>{"size is 1 in the manifest, but " + std::to_string(file.size()) + " in app.bin"});
}

TEST_CASE("an image without security counter counts as zero") {
  const Buffer file = image({.major = 2, .minor = 0, .revision = 0}, std::nullopt);
  Firmware entry = entry_for(file);
  CHECK(check_artefact(entry, file).size() == 1);
  entry.security_counter = 0;
  CHECK(check_artefact(entry, file).empty());
}

TEST_CASE("one flipped bit anywhere in an artefact is found") {
  const Buffer file = image({.major = 2, .minor = 0, .revision = 0}, 3);
  const Firmware entry = entry_for(file);
  for (std::size_t bit = 0; bit < file.size() * 8; bit += 7) {
    Buffer flipped = file;
    flipped[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
    CAPTURE(bit);
    REQUIRE(has_errors(check_artefact(entry, flipped)));
  }
}

TEST_CASE("a file that is no image, or cut anywhere, is found") {
  const Buffer file = image({.major = 2, .minor = 0, .revision = 0}, 3);
  const Firmware entry = entry_for(file);
  for (std::size_t size = 0; size < file.size(); size += 11) {
    CAPTURE(size);
    REQUIRE(has_errors(check_artefact(entry, Buffer(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)))));
  }
  CHECK(words(check_artefact(entry, to_buffer("hello"))).back().starts_with("app.bin is not an MCUboot image: "));
}

TEST_CASE("a software package is held against size and digest") {
  Software app{.component = "mobile-app", .version = {5, 3, 0}, .file = "app.apk", .size = 5, .sha256 = Sha256::of("hello")};
  CHECK(check_artefact(app, as_bytes("hello")).empty());
  CHECK(words(check_artefact(app, as_bytes("hellO"))).size() == 1);
  CHECK(words(check_artefact(app, as_bytes("hello!"))).size() == 2);
}

}  // namespace lockstep::release
