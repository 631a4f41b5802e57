// Reading and writing files so that neither a crash nor a power cut leaves half of one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "host/base/buffer.hpp"
#include "host/base/error.hpp"

namespace lockstep {

inline constexpr std::size_t default_file_limit_bytes = 64u << 20;

// The whole file. ErrorKind: not_found, io, invalid (larger than the limit, or a directory).
Outcome<Buffer> read_file(const std::filesystem::path& path,
                          std::size_t limit_bytes = default_file_limit_bytes);
Outcome<std::string> read_text_file(const std::filesystem::path& path,
                                    std::size_t limit_bytes = default_file_limit_bytes);

struct WriteOptions {
  bool replace = true;   // false: ErrorKind::conflict when the file exists, also when it appears meanwhile
  unsigned mode = 0644;  // permission bits, whatever the umask; from the first byte on (a private key: 0600)
};

// Writes the file completely or not at all: temporary file beside it, fsync, rename, fsync of the folder.
// SIGINT and SIGTERM wait until that is done, so no temporary file stays behind. ErrorKind: conflict,
// not_found, io.
Outcome<void> write_file(const std::filesystem::path& path, Bytes bytes, WriteOptions options = {});
Outcome<void> write_file(const std::filesystem::path& path, std::string_view text, WriteOptions options = {});

// Makes the folder and those above it where they are missing, with these permission bits. ErrorKind: io,
// conflict.
Outcome<void> make_folders(const std::filesystem::path& path, unsigned mode = 0755);

// Makes a rename or a removal inside the folder lasting. ErrorKind::io.
Outcome<void> sync_folder(const std::filesystem::path& path);

}  // namespace lockstep
