// The example release (manifests/examples) for the tests of this folder and of manifests/resolve, with changes.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "host/base/files.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::release::sample {

inline std::string text() {
  auto bytes = read_text_file(LOCKSTEP_SOURCE_DIR "/manifests/examples/thermostat-2.0.0.xml");
  REQUIRE(bytes);
  return *bytes;
}

// The example with one place changed.
inline std::string with(std::string_view from, std::string_view to) {
  std::string out = text();
  const std::size_t at = out.find(from);
  REQUIRE_MESSAGE(at != out.npos, std::string(from));
  return out.replace(at, from.size(), to);
}

inline Release parsed(const std::string& text) {
  auto release = parse(text, "release.xml");
  REQUIRE_MESSAGE(release, (release ? "" : release.error().what));
  return *std::move(release);
}

}  // namespace lockstep::release::sample
