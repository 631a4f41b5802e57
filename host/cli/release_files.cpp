#include "host/cli/release_files.hpp"

#include <fmt/format.h>

#include "host/base/files.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_manifest = 8u << 20;
constexpr std::size_t largest_artefact = 1u << 30;

template <class Entry>
Outcome<std::vector<release::Finding>> check_one(const Entry& entry, const fs::path& folder) {
  const auto bytes = read_artefact(folder, entry.file);
  if (bytes) return check_artefact(entry, *bytes);
  if (bytes.error().kind != ErrorKind::not_found) return Fail(bytes.error());
  return std::vector<release::Finding>{
      {release::Finding::Severity::error, entry.line, fmt::format("{} is not in {}", entry.file, folder.string())}};
}

void append(std::vector<release::Finding>& all, std::vector<release::Finding> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Outcome<std::vector<attest::TrustedKey>> load_trusted(std::span<const fs::path> keys) {
  std::vector<attest::TrustedKey> out;
  for (const fs::path& file : keys) {
    LOCKSTEP_TRY(key, PublicKey::load(file));
    out.push_back({file.string(), key});
  }
  return out;
}

Outcome<ManifestFile> read_manifest(const fs::path& file, std::span<const fs::path> keys) {
  LOCKSTEP_TRY(text, read_text_file(file, largest_manifest));
  return manifest_of(std::move(text), file.string(), keys);
}

Outcome<ManifestFile> manifest_of(std::string text, const std::string& name, std::span<const fs::path> keys) {
  ManifestFile out;
  out.is_signed = text.starts_with('{');
  if (!keys.empty()) {
    LOCKSTEP_TRY(trusted, load_trusted(keys));
    if (!out.is_signed) return fail(ErrorKind::refused, name + " is not signed", "sign it: lockstep release sign");
    auto verified = attest::verify(text, release::payload_type, trusted);
    if (!verified) return Fail(verified.error().in(name));
    out.xml = std::move(verified->payload);
    for (const attest::TrustedKey& key : verified->signers) out.key_ids.push_back(key.key.id());
    out.verified_by = std::move(verified->signers);
    return out;
  }
  if (!out.is_signed) {
    out.xml = std::move(text);
    return out;
  }
  auto envelope = attest::parse_envelope(text);
  if (!envelope) return Fail(envelope.error().in(name));
  if (envelope->payload_type != release::payload_type) {
    return fail(ErrorKind::invalid, fmt::format("{} holds {}, not a release", name, envelope->payload_type));
  }
  out.xml = std::move(envelope->payload);
  for (const attest::Signature& s : envelope->signatures) out.key_ids.push_back(s.key_id);
  return out;
}

Outcome<Buffer> read_artefact(const fs::path& folder, const std::string& file) {
  return read_file(folder / file, largest_artefact);
}

Outcome<std::vector<release::Finding>> check_artefacts(const release::Release& release, const fs::path& folder) {
  std::vector<release::Finding> all;
  for (const release::Firmware& firmware : release.firmware) {
    LOCKSTEP_TRY(found, check_one(firmware, folder));
    append(all, std::move(found));
  }
  for (const release::Software& software : release.software) {
    if (software.file.empty()) continue;  // in a shop, not in our hands
    LOCKSTEP_TRY(found, check_one(software, folder));
    append(all, std::move(found));
  }
  return all;
}

}  // namespace lockstep::cli
