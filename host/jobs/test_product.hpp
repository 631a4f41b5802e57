// For tests: a thermostat in memory that runs 1.0.0, and the signed releases 1.0.0 and 2.0.0 of its app.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <memory>
#include <string>

#include "host/base/text.hpp"
#include "host/session/device_client.hpp"
#include "host/update/fake_board.hpp"
#include "host/update/job.hpp"
#include "host/update/test_images.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::jobs::test {

inline std::string image_hash(const Buffer& image) {
  mcuboot::MemorySource source{Bytes(image)};
  const auto info = mcuboot::inspect(source);
  REQUIRE(info);
  return to_hex(Bytes(info->image_hash));
}

inline release::Release release_of(std::string_view version, const Buffer& image) {
  auto parsed = release::parse(
      fmt::format(R"(<release xmlns="urn:lockstep:release:1" product="thermostat" version="{0}">
  <hardware board="node-m3" revisions="&gt;=1.0.0"/>
  <firmware component="app" version="{0}" file="app.bin" size="{1}" sha256="{2}" image-hash="{3}"><from range="*"/></firmware>
</release>
)",
                  version, image.size(), Sha256::of(Bytes(image)).hex(), image_hash(image)),
      std::string(version) + ".xml");
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().what));
  return *std::move(parsed);
}

struct Thermostat {
  Buffer old_image = update::test::signed_app({1, 0, 0, 0});
  Buffer new_image = update::test::signed_app({2, 0, 0, 0});
  release::Release old_release = release_of("1.0.0", old_image);
  release::Release new_release = release_of("2.0.0", new_image);
  update::test::Fate fate;
  update::test::FakeBoard board;

  Thermostat() {
    board.running->hash = image_hash(old_image);
    board.new_hash = image_hash(new_image);
  }

  session::ClientFactory clients() {
    return [this](const link::LinkUri&, session::LineSink) { return std::make_unique<update::test::FakeClient>(board, fate); };
  }

  // So that nothing is waited for in vain.
  static update::Policy hurried() {
    using std::chrono_literals::operator""ms;
    return {.first_answer = 20ms, .return_total = 500ms, .return_quiet = 0ms, .return_every = 1ms, .reset_grace = 8ms,
            .health_total = 20ms, .health_every = 1ms, .link_retries = 3, .backoff_first = 1ms, .backoff_most = 2ms};
  }
};

}  // namespace lockstep::jobs::test
