// Group 8, files: download, status, hash, close. Uploads are known to nobody here.
// Specification: Zephyr Project documentation, "File management".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocols/smp/message.hpp"

namespace lockstep::smp {

// Error codes of this group in `err{group 8, rc}` (fs_mgmt_err_code_t); text(ServerError) knows them all.
namespace file_rc {
inline constexpr std::int32_t unknown = 1;
inline constexpr std::int32_t invalid_name = 2;
inline constexpr std::int32_t not_found = 3;
inline constexpr std::int32_t offset_not_valid = 11;  // the file has changed since: begin anew
inline constexpr std::int32_t offset_larger_than_file = 12;
inline constexpr std::int32_t hash_not_found = 13;
inline constexpr std::int32_t read_only = 15;
inline constexpr std::int32_t empty = 16;
}  // namespace file_rc

struct FileDownloadReply {
  std::uint64_t offset = 0;               // required
  Bytes data{};                           // required; no bytes at the file's end
  std::optional<std::uint64_t> length{};  // of the whole file; with the first chunk

  void encode(cbor::Writer& w) const;
  static Result<FileDownloadReply, Errc> decode(Bytes body);
};
struct FileDownloadRequest {
  using Reply = FileDownloadReply;
  static constexpr Command command{group::file, 0, Op::read};
  std::uint64_t offset = 0;  // required
  std::string_view name{};   // required: the absolute path

  void encode(cbor::Writer& w) const;
  static Result<FileDownloadRequest, Errc> decode(Bytes body);
};

struct FileStatusReply {
  std::uint64_t length = 0;  // required

  void encode(cbor::Writer& w) const;
  static Result<FileStatusReply, Errc> decode(Bytes body);
};
struct FileStatusRequest {
  using Reply = FileStatusReply;
  static constexpr Command command{group::file, 1, Op::read};
  std::string_view name{};  // required

  void encode(cbor::Writer& w) const;
  static Result<FileStatusRequest, Errc> decode(Bytes body);
};

// Only hashes that are byte strings ("sha256"); a crc32, which is a number, is refused as bad_body.
struct FileHashReply {
  std::string_view type{};   // required
  std::uint64_t offset = 0;  // left out when 0
  std::uint64_t length = 0;  // required: bytes that were hashed
  Bytes output{};            // required

  void encode(cbor::Writer& w) const;
  static Result<FileHashReply, Errc> decode(Bytes body);
};
struct FileHashRequest {
  using Reply = FileHashReply;
  static constexpr Command command{group::file, 2, Op::read};
  std::string_view name{};                // required
  std::string_view type{};                // empty: what the device prefers
  std::uint64_t offset = 0;               // left out when 0
  std::optional<std::uint64_t> length{};  // at most so many bytes

  void encode(cbor::Writer& w) const;
  static Result<FileHashRequest, Errc> decode(Bytes body);
};

struct FileCloseRequest {
  using Reply = EmptyReply;
  static constexpr Command command{group::file, 4, Op::write};

  void encode(cbor::Writer& w) const;
  static Result<FileCloseRequest, Errc> decode(Bytes body);
};

}  // namespace lockstep::smp
