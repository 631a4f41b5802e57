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

TEST_CASE("a name that looks misspelt is an error unless its kind is said, and a component outside the release is none") {
  const std::string misspelt = sample::with("component=\"mobile-app\" range", "component=\"moble-app\" range");
  CHECK(findings(misspelt) == std::vector<std::string>{
                                  "release.xml:10: error: app 2.0.0 requires moble-app, which is not in this release; did "
                                  "you mean \"mobile-app\"? If not, say what it is by <component name=\"moble-app\" …>"});
  const std::string told = "&lt;4\"/><component name=\"moble-app\" kind=\"service\"/>";
  CHECK(findings(sample::changed(misspelt, "&lt;4\"/>", told)).empty());
  // Something else that nobody could mistake for the app.
  CHECK(findings(sample::with("component=\"mobile-app\" range", "component=\"backend\" range")).empty());
}

TEST_CASE("what a manifest says about kinds, ways, data and times must be possible") {
  const struct { const char* from; const char* to; std::vector<std::string> expected; } rows[] = {
      // Kinds against what the release brings.
      {"name=\"app\" kind=\"ab-trial\"", "name=\"app\" kind=\"service\"",
       {"release.xml:5: error: component app is of kind service here and firmware in line 12",
        "release.xml:6: error: radio is written through app, which is not on the device (line 5)"}},
      {"name=\"backend\" kind=\"service\"", "name=\"backend\" kind=\"ab-late\"",
       {"release.xml:7: error: component backend is of kind ab-late here and software in line 28"}},
      {"name=\"backend\" kind=\"service\"", "name=\"bakend\" kind=\"service\"",
       {"release.xml:7: error: this release does not bring bakend; did you mean \"backend\"?"}},
      {"name=\"backend\" kind=\"service\"", "name=\"fpga\" kind=\"single\"", {}},  // on the device already
      // The way to a component.
      {"via=\"app\"", "via=\"radio\"", {"release.xml:6: error: radio is written through itself"}},
      {"via=\"app\"", "via=\"backend\"",
       {"release.xml:6: error: radio is written through backend, which is not on the device (line 28)"}},
      {"via=\"app\"", "via=\"mobile-app\"",
       {"release.xml:6: error: radio is written through mobile-app, which is not on the device (line 30)"}},
      {"via=\"app\"", "via=\"aap\"",
       {"release.xml:6: error: radio is written through aap, which is unknown here; did you mean \"app\"?"}},
      {"via=\"app\"", "via=\"fpga\"",
       {"release.xml:6: error: radio is written through fpga, which is unknown here; describe it by another <component>"}},
      {"kind=\"ab-trial\"", "kind=\"ab-trial\" via=\"radio\"",
       {"release.xml:5: error: app through radio through app is a circle: none of them could be written"}},
      {"kind=\"service\"", "kind=\"service\" via=\"app\"",
       {"release.xml:7: error: backend is of kind service: it is not written through anything on the device"}},
      {"reboots=\"0\"", "reboots=\"1001\"",
       {"release.xml:6: error: one activation of radio costs 1001 reboots, more than 1000"}},
      // Epochs.
      {"reads-from=\"1\"", "reads-from=\"3\"",
       {"release.xml:16: error: app 2.0.0 reads no epoch at all: 3 is above 2"}},
      {"writes=\"2\"", "writes=\"3\"",
       {"release.xml:16: error: app 2.0.0 writes epoch 3 and reads only 1 to 2: it could not read its own data"}},
      {"writes=\"2\" migrates=\"finalise\"", "migrates=\"boot\"",
       {"release.xml:16: error: app 2.0.0 migrates at boot, but writes no epoch"}},
      // Times.
      {"range=\"^1.1.0\"", "range=\"^1.1.0\" when=\"installed\"",
       {"release.xml:33: error: mobile-app 4.1.0 (android) is software: what it requires is required while it is used, so "
        "when can only be active, not installed"}},
      // radio is written in place: what is there while it is written is there when it runs.
      {"range=\"&gt;=1.0.0\" when=\"during-flash\"", "range=\"^1.0.0\" when=\"during-flash\"",
       {"release.xml:25: error: radio 2.0.0 requires app ^1.0.0 (during-flash) and >=2.0.0 (active, line 24) at the same "
        "time: no version is in both"}},
      // app has two slots: between writing and running it the bootloader may be updated.
      {"range=\"&gt;=1.0.0 &lt;3.0.0\"/>", "range=\"&gt;=1.0.0 &lt;3.0.0\"/><requires component=\"radio\" "
       "range=\"^4.0.0\" when=\"during-flash\"/>", {}},
      {"range=\"&gt;=1.0.0 &lt;3.0.0\"/>", "range=\"&gt;=1.0.0 &lt;3.0.0\"/><requires component=\"radio\" "
       "range=\"^4.0.0\" when=\"installed\"/>",
       {"release.xml:17: error: app 2.0.0 requires radio ^4.0.0, but the release has only radio 2.0.0 (line 21): widen the "
        "range or list a version that fits",
        "release.xml:17: error: app 2.0.0 requires radio ^4.0.0 (installed) and >=1.0.0 <3.0.0 (active, line 17) at the "
        "same time: no version is in both"}},
      {"component=\"app\" range=\"&gt;=1.0.0\" when", "component=\"apq\" range=\"&gt;=1.0.0\" when",
       {"release.xml:25: error: radio 2.0.0 requires apq, which is not in this release; did you mean \"app\"? If not, say "
        "what it is by <component name=\"apq\" …>"}},
      {"component=\"app\" range=\"&gt;=1.0.0\" when", "component=\"app\" range=\"&gt;2 &lt;1\" when",
       {"release.xml:25: error: no version is in \">2 <1\""}},
  };
  CHECK(findings(sample::full()).empty());
  CHECK(findings(sample::example("gateway-1.0.0.xml")).empty());
  for (const auto& row : rows) {
    CAPTURE(std::string(row.to));
    CHECK(findings(sample::full_with(row.from, row.to)) == row.expected);
  }
}

TEST_CASE("requirements may run in a circle, but some versions must satisfy all of them at once") {
  const auto release = [](const std::string& needs_of_3) {
    std::string text = R"(<release xmlns="urn:lockstep:release:1" product="p" version="1.0.0">
<hardware board="b"/>
<firmware component="app" version="1.0.0" file="f" size="1" sha256="DIGEST" image-hash="DIGEST">
<requires component="phone" range="*"/></firmware>
<software component="backend" version="2.0.0" size="1" sha256="DIGEST"><requires component="phone" range="^2.0.0"/></software>
<software component="backend" version="3.0.0" size="1" sha256="DIGEST"><requires component="phone" range="^3.0.0"/></software>
<software component="phone" version="2.0.0" size="1" sha256="DIGEST"><requires component="web" range="^2.0.0"/></software>
<software component="phone" version="3.0.0" size="1" sha256="DIGEST"><requires component="web" range="^3.0.0"/></software>
<software component="web" version="2.0.0" size="1" sha256="DIGEST"><requires component="backend" range="^3.0.0"/></software>
<software component="web" version="3.0.0" size="1" sha256="DIGEST">NEEDS</software>
</release>)";
    text = sample::changed(text, "NEEDS", needs_of_3);
    const std::string digest(64, 'a');
    for (auto at = text.find("DIGEST"); at != text.npos; at = text.find("DIGEST")) text.replace(at, 6, digest);
    return text;
  };
  CHECK(findings(release("")).empty());
  CHECK(findings(release("<requires component=\"phone\" range=\"^3.0.0\"/>")).empty());
  CHECK(findings(release("<requires component=\"phone\" range=\"^2.0.0\"/>")) ==
        std::vector<std::string>{
            "release.xml:9: error: no versions of this release can all be together: whatever is combined, a requirement "
            "fails, at last this one of web 2.0.0 on backend ^3.0.0"});
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
