#include "host/cli/release_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/release_files.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

Outcome<std::vector<fs::path>> files_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector{path};
  std::vector<fs::path> out;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const std::string kind = entry->path().extension().string();
    if (kind == ".xml" || kind == ".release") out.push_back(entry->path());
  }
  if (error) return fail(ErrorKind::io, fmt::format("{}: {}", path.string(), error.message()));
  if (out.empty()) {
    return fail(ErrorKind::not_found, path.string() + " has no manifests", "they are files that end in .xml or .release");
  }
  std::sort(out.begin(), out.end());
  return out;
}

Outcome<std::size_t> add_release(std::vector<release::Release>& releases, const fs::path& file, const ReleaseSetOptions& o) {
  LOCKSTEP_TRY(manifest, read_manifest(file, o.keys));
  LOCKSTEP_TRY(release, release::parse(manifest.xml, file.string()));
  const auto same = std::find_if(releases.begin(), releases.end(),
                                 [&](const auto& r) { return r.sha256 == release.sha256; });
  if (same != releases.end()) return static_cast<std::size_t>(same - releases.begin());
  releases.push_back(std::move(release));
  return releases.size() - 1;
}

}  // namespace

void add_release_set_options(Command command, ReleaseSetOptions& o, bool required) {
  command.add_option("--release", o.files, "Manifest, bare or signed, or a folder of them; may be repeated")
      .required(required).type_name("FILE|DIR").allow_extra_args(false);
  command.add_option("-k,--key", o.keys, "Public key that must have signed them; may be repeated").type_name("PUB.pem")
      .allow_extra_args(false);
}

Outcome<std::vector<release::Release>> read_releases(const ReleaseSetOptions& o) {
  std::vector<release::Release> out;
  for (const fs::path& path : o.files) {
    LOCKSTEP_TRY(files, files_of(path));
    for (const fs::path& file : files) LOCKSTEP_CHECK(add_release(out, file, o));
  }
  return out;
}

Outcome<std::size_t> choose_release(std::vector<release::Release>& releases, const std::string& reference,
                                    const ReleaseSetOptions& o) {
  std::vector<std::string> versions;
  for (std::size_t i = 0; i < releases.size(); ++i) {
    versions.push_back(releases[i].version.text());
    if (versions.back() == reference || releases[i].product + '@' + versions.back() == reference) return i;
  }
  std::error_code error;
  if (fs::exists(reference, error)) return add_release(releases, reference, o);
  return fail(ErrorKind::not_found,
              in_quotes(reference) + " is neither the version of a release given here nor a file",
              versions.empty() ? "give the releases with --release FILE"
                               : fmt::format("there are {}", fmt::join(versions, ", ")));
}

}  // namespace lockstep::cli
