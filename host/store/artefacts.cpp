#include "host/store/artefacts.hpp"

#include <algorithm>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/text.hpp"

namespace lockstep::store {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_bytes = std::size_t{4} << 30;

Error damaged_error(std::string_view digest, const Sha256& found) {
  return {ErrorKind::invalid,
          "artefact " + std::string(digest) + " is damaged: its bytes hash to " + found.hex(),
          "add the file again"};
}

}  // namespace

Outcome<fs::path> Artefacts::path_of(std::string_view digest) const {
  const bool plain = digest.size() == 64 && digest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!plain) return fail(ErrorKind::invalid, "\"" + printable(digest) + "\" is no digest of an artefact");
  return root_ / "sha256" / digest.substr(0, 2) / digest.substr(2);
}

Outcome<Artefact> Artefacts::put(Bytes content) {
  Artefact artefact{.digest = Sha256::of(content).hex(), .size = static_cast<std::int64_t>(content.size())};
  LOCKSTEP_TRY(path, path_of(artefact.digest));
  // A copy that is there and whole is left alone; a damaged one is written again.
  if (const auto there = sha256_file(path); there && there->hex() == artefact.digest) return artefact;
  LOCKSTEP_CHECK(make_folders(path.parent_path()));
  LOCKSTEP_CHECK(write_file(path, content, {.mode = 0444}));
  return artefact;
}

Outcome<Artefact> Artefacts::put_file(const fs::path& file) {
  LOCKSTEP_TRY(content, read_file(file, largest_bytes));
  return put(content);
}

Outcome<Buffer> Artefacts::get(std::string_view digest, std::size_t limit) const {
  LOCKSTEP_TRY(path, path_of(digest));
  auto content = read_file(path, limit);
  if (!content && content.error().kind == ErrorKind::not_found) {
    return fail(ErrorKind::not_found, "there is no artefact " + std::string(digest));
  }
  if (!content) return Fail(std::move(content).error());
  const Sha256 found = Sha256::of(*content);
  if (found.hex() != digest) return Fail(damaged_error(digest, found));
  return content;
}

Outcome<std::string> Artefacts::get_text(std::string_view digest, std::size_t limit) const {
  LOCKSTEP_TRY(content, get(digest, limit));
  return std::string(as_text(content));
}

Outcome<fs::path> Artefacts::verified_path(std::string_view digest) const {
  LOCKSTEP_TRY(path, path_of(digest));
  auto found = sha256_file(path);
  if (!found && found.error().kind == ErrorKind::not_found) {
    return fail(ErrorKind::not_found, "there is no artefact " + std::string(digest));
  }
  if (!found) return Fail(std::move(found).error());
  if (found->hex() != digest) return Fail(damaged_error(digest, *found));
  return path;
}

bool Artefacts::contains(std::string_view digest) const {
  const auto path = path_of(digest);
  std::error_code ignored;
  return path && fs::is_regular_file(*path, ignored);
}

Outcome<std::vector<std::string>> Artefacts::damaged() const {
  std::vector<std::string> bad;
  std::error_code ec;
  for (fs::recursive_directory_iterator it(root_ / "sha256", ec), end; !ec && it != end; it.increment(ec)) {
    if (!it->is_regular_file()) continue;
    const std::string digest = it->path().parent_path().filename().string() + it->path().filename().string();
    if (!path_of(digest)) continue;  // the unfinished copy of a killed process
    const auto found = sha256_file(it->path());
    if (!found || found->hex() != digest) bad.push_back(digest);
  }
  if (ec && ec != std::errc::no_such_file_or_directory) {
    return fail(ErrorKind::io, "cannot read " + root_.string() + ": " + ec.message());
  }
  std::sort(bad.begin(), bad.end());
  return bad;
}

}  // namespace lockstep::store
