// The files that can be downloaded: /health, what the device says of itself, and /log, where the port keeps one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "device/agent/platform.hpp"

namespace lockstep::agent {

// An error of the file group: protocols/smp/file_group.hpp, file_rc; never 0.
using FileError = std::int32_t;

// A download sees the file as it was when its first byte was read, though the log goes on being written.
class Files {
 public:
  struct Chunk {
    Bytes data{};  // valid until the next call, and until something is logged
    std::uint32_t length = 0;  // of the whole file
  };

  explicit Files(Platform& platform) : platform_(&platform) {}

  // At most `limit` bytes from `offset` on. offset_not_valid: what was there is overwritten, or the download was
  // begun before a reset; begin anew at 0.
  Result<Chunk, FileError> read(std::string_view name, std::uint64_t offset, std::uint32_t limit);
  // Of the file as it is now.
  Result<std::uint32_t, FileError> length(std::string_view name);
  // SHA-256 of up to `length` bytes from `offset` on, which is set to how many they were: of the download under way, or
  // of the file as it is now.
  Result<mcuboot::Digest, FileError> digest(std::string_view name, std::uint64_t offset, std::uint64_t& length);
  // Ends the download.
  void close() { open_.reset(); }

 private:
  enum class File : std::uint8_t { health, log };
  struct Snapshot {
    File file{};
    std::uint32_t begin = 0;
    std::uint32_t length = 0;
  };

  Result<File, FileError> find(std::string_view name);
  Snapshot look(File file);
  Result<Bytes, FileError> piece(const Snapshot& of, std::uint32_t offset, std::uint32_t limit);
  std::uint32_t write_health();

  Platform* platform_;
  std::optional<Snapshot> open_;
  std::array<char, 224> health_{};
};

}  // namespace lockstep::agent
