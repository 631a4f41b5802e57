// Release manifests and their artefacts on disk.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "manifests/attest/dsse.hpp"
#include "manifests/release/lint.hpp"

namespace lockstep::cli {

// A manifest as it lies in a file: bare XML, or in a signed envelope.
struct ManifestFile {
  std::string xml;
  bool is_signed = false;
  std::vector<Sha256> key_ids{};                 // who claims to have signed
  std::vector<attest::TrustedKey> verified_by{};  // who did, when keys were given
};

// With keys the file must be an envelope that verifies with them; without, nothing is believed about a signature.
// Errors: not_found, io, invalid, refused.
Outcome<ManifestFile> read_manifest(const std::filesystem::path& file, std::span<const std::filesystem::path> keys);
// The same of bytes that came from elsewhere; `name` is what errors call them. Errors: invalid, refused.
Outcome<ManifestFile> manifest_of(std::string text, const std::string& name, std::span<const std::filesystem::path> keys);

// Public keys named by their files. Errors: as PublicKey::load.
Outcome<std::vector<attest::TrustedKey>> load_trusted(std::span<const std::filesystem::path> keys);

// Every artefact that the release names, held against its entry; one that is not in the folder is a finding.
// Errors: io.
Outcome<std::vector<release::Finding>> check_artefacts(const release::Release& release,
                                                       const std::filesystem::path& folder);

// One artefact, by the path in the manifest. Errors: not_found, io, invalid (too large).
Outcome<Buffer> read_artefact(const std::filesystem::path& folder, const std::string& file);

}  // namespace lockstep::cli
