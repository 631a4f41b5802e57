// The example releases (manifests/examples) for the tests of this folder and of its neighbours, with changes.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "host/base/files.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::release::sample {

inline std::string example(const std::string& file) {
  auto bytes = read_text_file(LOCKSTEP_SOURCE_DIR "/manifests/examples/" + file);
  REQUIRE(bytes);
  return *bytes;
}

// The smallest one that pairs firmware and software.
inline std::string text() { return example("thermostat-2.0.0.xml"); }
// The one that uses everything a manifest can say.
inline std::string full() { return example("gateway-2.0.0.xml"); }

// A text with one place changed.
inline std::string changed(std::string out, std::string_view from, std::string_view to) {
  const std::size_t at = out.find(from);
  REQUIRE_MESSAGE(at != out.npos, std::string(from));
  return out.replace(at, from.size(), to);
}
inline std::string with(std::string_view from, std::string_view to) { return changed(text(), from, to); }
inline std::string full_with(std::string_view from, std::string_view to) { return changed(full(), from, to); }

inline Release parsed(const std::string& text) {
  auto release = parse(text, "release.xml");
  REQUIRE_MESSAGE(release, (release ? "" : release.error().what));
  return *std::move(release);
}

}  // namespace lockstep::release::sample
