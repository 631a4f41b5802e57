#include "manifests/release/fill.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "host/base/crypto.hpp"
#include "manifests/release/lint.hpp"
#include "protocols/mcuboot/build.hpp"

namespace lockstep::release {
namespace {

constexpr std::string_view draft = R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- <firmware component="no" file="such"> -->
<release xmlns="urn:lockstep:release:1" product="thermostat" version="2.0.0">
  <hardware board="node-m3"/>
  <firmware component="app" version="2.0.0" file="app.bin">
    <requires component="mobile-app" range=">=5 <6"/>
  </firmware>
  <firmware component="radio" version="2.0.0" security-counter="3"
            file='app.bin'
            ></firmware>
  <software component="mobile-app" version="5.3.0" file="app.apk" size="5"/>
  <software component="backend" version="1.0.0" size="1"
            sha256="0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" />
</release>
)";

Buffer image() {
  const auto key = PrivateKey::generate();
  REQUIRE(key);
  KeySigner signer(*key);
  MbedCrypto crypto;
  const Buffer payload(100, std::byte{0x42});
  const mcuboot::BuildOptions options{.version = {.major = 2}, .security_counter = 3};
  Buffer out(mcuboot::max_image_size(payload.size(), options));
  const auto size = mcuboot::build(payload, options, crypto, signer, out);
  REQUIRE(size);
  out.resize(*size);
  return out;
}

std::string with(std::string_view from, std::string_view to) {
  std::string text(draft);
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, std::string(from));
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a draft becomes a release that agrees with its files, line for line") {
  const Buffer app = image();
  const ReadArtefact read = [&](const std::string& file) -> Outcome<Buffer> {
    return file == "app.bin" ? app : to_buffer("hello");
  };
  const std::string ready = with(">=5 <6", "&gt;=5 &lt;6");
  const auto filled = fill(ready, "draft.xml", read);
  REQUIRE_MESSAGE(filled, (filled ? "" : filled.error().what));
  const auto release = parse(*filled, "draft.xml");
  REQUIRE_MESSAGE(release, (release ? "" : release.error().what));
  CHECK(lint(*release).size() == 1);  // the same image for two components is worth a warning
  CHECK(check_artefact(release->firmware[0], app).empty());
  CHECK(check_artefact(release->firmware[1], app).empty());
  CHECK(check_artefact(release->software[0], as_bytes("hello")).empty());
  CHECK(std::count(filled->begin(), filled->end(), '\n') == std::count(draft.begin(), draft.end(), '\n'));
  CHECK(filled->find("<!-- <firmware component=\"no\" file=\"such\"> -->") != std::string::npos);
  // What is complete stays as it is, to the byte.
  const auto again = fill(*filled, "draft.xml", read);
  REQUIRE(again);
  CHECK(*again == *filled);
}

TEST_CASE("a draft with other mistakes, a missing file or a file that is no image is refused") {
  const ReadArtefact none = [](const std::string& file) -> Outcome<Buffer> {
    return fail(ErrorKind::not_found, file + " is not there");
  };
  const ReadArtefact text = [](const std::string&) -> Outcome<Buffer> { return to_buffer("hello"); };
  const std::string ready = with(">=5 <6", "&gt;=5 &lt;6");
  CHECK(fill(draft, "d.xml", none).error().what.find("'<' in attribute \"range\"") != std::string::npos);
  CHECK(fill(ready, "d.xml", none).error().what == "app.bin is not there");
  CHECK(fill(ready, "d.xml", text).error().what.starts_with("d.xml:5: app.bin is not an MCUboot image: "));
}

}  // namespace lockstep::release
