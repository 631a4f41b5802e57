// A folder that goes away with its owner; for tests and for work in progress.
#pragma once

#include <filesystem>
#include <string_view>

namespace lockstep {

class TempDir {
 public:
  // Below $TMPDIR or /tmp, mode 0700. Throws std::filesystem::filesystem_error when that is impossible.
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace lockstep
