#include "host/base/temp_dir.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

namespace lockstep {

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "lockstep-XXXXXX").string();
  if (!::mkdtemp(name.data()))
    throw std::filesystem::filesystem_error("mkdtemp", name, std::error_code(errno, std::generic_category()));
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;  // what cannot be removed is the system's /tmp cleaner's
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace lockstep
