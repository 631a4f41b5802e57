// Finds what is well-formed and still wrong: pairings that contradict themselves, and artefacts that are not what
// the manifest says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifests/release/release.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::release {

struct Finding {
  enum class Severity {
    error,    // the release cannot do what it says
    warning,  // probably not meant
  };
  Severity severity = Severity::error;
  int line = 0;
  std::string what;  // one sentence, without the place

  // "release.xml:7: error: …"
  std::string text(const Release& release) const;
};

bool has_errors(const std::vector<Finding>& findings);

// The manifest alone: requirements that no listed version satisfies (in both directions), that exclude each other, or
// that no combination of the listed versions satisfies all at once; ranges that no version or epoch is in; components
// that are firmware and software at once, of a kind that they cannot have, written through what is not there, or
// requiring themselves; names that look misspelt. In the order of the lines.
std::vector<Finding> lint(const Release& release);

// A firmware's file against its entry: size, SHA-256, and, as an MCUboot image, hash, version and security counter.
std::vector<Finding> check_artefact(const Firmware& firmware, Bytes file);
// A software's file against its entry: size and SHA-256.
std::vector<Finding> check_artefact(const Software& software, Bytes file);

}  // namespace lockstep::release
