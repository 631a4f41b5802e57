// The last acknowledged head, kept outside the database: whoever cuts the tail off the database or its write-ahead
// log (a flipped bit there makes SQLite forget the last transactions without a word) is contradicted by this file.
//
//   lockstep ledger head 1
//   <position>:<seal, hex>
//   <SHA-256 of the two lines above, hex>
//
// Rewritten in place after every commit, without fsync: exact after a killed process; after a power loss it may be
// some events behind the database, never ahead. The record is shorter than a disk sector, so it is never torn.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "host/base/error.hpp"
#include "host/store/ledger.hpp"

namespace lockstep::store {

std::string head_record(const Head& head);
// invalid - not exactly what head_record wrote.
Outcome<Head> parse_head_record(std::string_view text);
// Empty when there is no such file. invalid, io.
Outcome<std::optional<Head>> read_head_file(const std::filesystem::path& path);

// The open file of the writer.
class HeadFile {
 public:
  // Makes the file (with fsync, also of its folder) when it is missing, holding `head`.
  static Outcome<HeadFile> open(const std::filesystem::path& path, const Head& head);
  ~HeadFile();
  HeadFile(HeadFile&& other) noexcept;
  HeadFile& operator=(HeadFile&&) = delete;

  Outcome<void> write(const Head& head);

 private:
  HeadFile(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  int fd_ = -1;
  std::filesystem::path path_;
};

}  // namespace lockstep::store
