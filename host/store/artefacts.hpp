// Content-addressed files: STATE/artefacts/sha256/ab/cdef...; the name is the digest of the bytes.
// Written with fsync and rename, so a file under its name is whole; every read checks the digest again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/buffer.hpp"
#include "host/base/error.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::store {

struct Artefact {
  std::string digest;  // lower-case hex SHA-256
  std::int64_t size = 0;
};

class Artefacts {
 public:
  explicit Artefacts(std::filesystem::path root) : root_(std::move(root)) {}

  // Keeps the bytes; doing it again changes nothing, except that a damaged copy is replaced.
  Outcome<Artefact> put(Bytes content);
  // The same for a file of any size. invalid: the file changed while it was read.
  Outcome<Artefact> put_file(const std::filesystem::path& file);

  // The bytes. not_found; invalid - damaged (the bytes no longer have this digest) or larger than `limit`.
  Outcome<Buffer> get(std::string_view digest, std::size_t limit = 64u << 20) const;
  Outcome<std::string> get_text(std::string_view digest, std::size_t limit = 64u << 20) const;
  // Where the file lies, after checking its bytes; for handing it to another program.
  Outcome<std::filesystem::path> verified_path(std::string_view digest) const;
  bool contains(std::string_view digest) const;

  // Digests of all damaged files (for the audit).
  Outcome<std::vector<std::string>> damaged() const;

 private:
  Outcome<std::filesystem::path> path_of(std::string_view digest) const;

  std::filesystem::path root_;
};

}  // namespace lockstep::store
