#include "device/agent/files.hpp"

#include <algorithm>

#include "device/agent/trial.hpp"
#include "protocols/smp/file_group.hpp"

namespace lockstep::agent {

using namespace std::string_view_literals;  // length known without strlen
namespace file_rc = smp::file_rc;

namespace {

constexpr std::size_t longest_name = 31;

}  // namespace

Result<Files::File, FileError> Files::find(std::string_view name) {
  if (name.empty() || name[0] != '/' || name.size() > longest_name) return Fail(file_rc::invalid_name);
  if (name == "/health"sv) return File::health;
  if (name == "/log"sv && platform_->log_ring() != nullptr) return File::log;
  return Fail(file_rc::not_found);
}

// Text that does not fit is cut.
std::uint32_t Files::write_health() {
  ByteWriter w(std::as_writable_bytes(std::span(health_)));
  const Health health = health_of(*platform_);
  w.text("healthy: "sv);
  w.text(health.healthy ? "yes"sv : "no"sv);
  w.text("\nself-test: "sv);
  w.text(text(platform_->self_test()));
  w.text("\ndetail: "sv);
  w.bytes(as_bytes(health.detail).first(std::min(health.detail.size(), w.room() - 1)));
  w.text("\n"sv);
  return static_cast<std::uint32_t>(w.size());
}

Files::Snapshot Files::look(File file) {
  if (file == File::health) return {.file = file, .length = write_health()};
  const LogRing& log = *platform_->log_ring();
  const std::uint32_t begin = log.begin();
  return {.file = file, .begin = begin, .length = log.end() - begin};
}

Result<Bytes, FileError> Files::piece(const Snapshot& of, std::uint32_t offset, std::uint32_t limit) {
  const std::uint32_t n = std::min(limit, of.length - offset);
  if (of.file == File::health) return as_bytes({health_.data() + offset, n});
  const LogRing& log = *platform_->log_ring();
  if (!log.has(of.begin + offset)) return Fail(file_rc::offset_not_valid);
  return log.read(of.begin + offset, n);
}

Result<Files::Chunk, FileError> Files::read(std::string_view name, std::uint64_t offset, std::uint32_t limit) {
  LOCKSTEP_TRY(file, find(name));
  if (offset == 0) open_ = look(file);
  if (!open_ || open_->file != file) return Fail(file_rc::offset_not_valid);
  if (offset > open_->length) return Fail(file_rc::offset_larger_than_file);
  LOCKSTEP_TRY(data, piece(*open_, static_cast<std::uint32_t>(offset), limit));
  return Chunk{.data = data, .length = open_->length};
}

Result<std::uint32_t, FileError> Files::length(std::string_view name) {
  LOCKSTEP_TRY(file, find(name));
  if (file == File::log) return look(file).length;
  if (open_ && open_->file == file) return open_->length;  // its text is being read: it stays
  return write_health();
}

Result<mcuboot::Digest, FileError> Files::digest(std::string_view name, std::uint64_t offset, std::uint64_t& length) {
  LOCKSTEP_TRY(file, find(name));
  const Snapshot of = open_ && open_->file == file ? *open_ : look(file);
  if (of.length == 0) return Fail(file_rc::empty);
  if (offset >= of.length) return Fail(file_rc::offset_larger_than_file);
  mcuboot::Crypto* const crypto = platform_->crypto();
  if (crypto == nullptr) return Fail(file_rc::hash_not_found);
  length = std::min<std::uint64_t>(length, of.length - offset);
  if (!crypto->sha256_begin()) return Fail(file_rc::unknown);
  const auto first = static_cast<std::uint32_t>(offset);
  const auto last = static_cast<std::uint32_t>(offset + length);
  for (std::uint32_t at = first; at < last;) {
    LOCKSTEP_TRY(data, piece(of, at, last - at));
    if (data.empty() || !crypto->sha256_update(data)) return Fail(file_rc::unknown);
    at += static_cast<std::uint32_t>(data.size());
  }
  mcuboot::Digest digest;
  if (!crypto->sha256_finish(digest)) return Fail(file_rc::unknown);
  return digest;
}

}  // namespace lockstep::agent
