#include <fmt/format.h>

#include "manifests/release/lint.hpp"
#include "protocols/mcuboot/verify.hpp"

namespace lockstep::release {
namespace {

using Severity = Finding::Severity;

class ArtefactCheck {
 public:
  ArtefactCheck(const std::string& file, int line) : file_(file), line_(line) {}

  void differ(std::string_view what, const std::string& said, const std::string& found) {
    object(fmt::format("{} is {} in the manifest, but {} in {}", what, said, found, file_));
  }
  void object(std::string what) { findings_.push_back({Severity::error, line_, std::move(what)}); }

  void file(std::uint64_t size, const Sha256& sha256, Bytes bytes) {
    if (size != bytes.size()) differ("size", std::to_string(size), std::to_string(bytes.size()));
    const Sha256 actual = Sha256::of(bytes);
    if (sha256 != actual) differ("sha256", sha256.hex(), actual.hex());
  }

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  const std::string& file_;
  int line_;
  std::vector<Finding> findings_;
};

// The header has four plain numbers: a prerelease cannot be in it, build metadata only as a number.
bool same_version(const version::Version& said, const mcuboot::Version& found) {
  const bool numbers = said.major == found.major && said.minor == found.minor && said.patch == found.revision;
  return numbers && (said.build.empty() || said.build == std::to_string(found.build));
}

void check_image(const Firmware& firmware, Bytes bytes, ArtefactCheck& check) {
  mcuboot::MemorySource source(bytes);
  const auto info = mcuboot::inspect(source);
  if (!info) {
    check.object(fmt::format("{} is not an MCUboot image: {}", firmware.file, mcuboot::text(info.error())));
    return;
  }
  MbedCrypto crypto;
  const auto hash = mcuboot::hash_image(source, crypto, *info);
  if (!hash || *hash != info->image_hash) {
    check.object(fmt::format("{} is damaged: the hash in it is not the hash of its bytes", firmware.file));
  }
  if (firmware.image_hash != Sha256(info->image_hash)) {
    check.differ("image-hash", firmware.image_hash.hex(), Sha256(info->image_hash).hex());
  }
  if (!same_version(firmware.version, info->header.version)) {
    const mcuboot::VersionText found(info->header.version);
    check.differ("version", firmware.version.text(), std::string(found.view()));
  }
  // An image without the counter counts as zero: that is how the bootloader takes it.
  if (const auto found = info->security_counter.value_or(0); firmware.security_counter != found) {
    check.differ("security-counter", std::to_string(firmware.security_counter), std::to_string(found));
  }
}

}  // namespace

std::vector<Finding> check_artefact(const Firmware& firmware, Bytes file) {
  ArtefactCheck check(firmware.file, firmware.line);
  check.file(firmware.size, firmware.sha256, file);
  check_image(firmware, file, check);
  return check.take();
}

std::vector<Finding> check_artefact(const Software& software, Bytes file) {
  ArtefactCheck check(software.file, software.line);
  check.file(software.size, software.sha256, file);
  return check.take();
}

}  // namespace lockstep::release
