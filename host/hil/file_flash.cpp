#include "host/hil/file_flash.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"

namespace lockstep::hil {
namespace {

// Owns a descriptor.
class File {
 public:
  explicit File(const std::string& path) : path_(path), fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return fd_ >= 0; }
  Error error(std::string_view what) const {
    return {.kind = ErrorKind::io, .what = fmt::format("{} {}: {}", what, path_, std::strerror(errno))};
  }
  Outcome<std::uint64_t> size() const {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return Fail(error("cannot look at"));
    return static_cast<std::uint64_t>(info.st_size);
  }
  Outcome<void> write(std::uint64_t offset, Bytes bytes) const {
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return Fail(error("cannot write"));
      bytes = bytes.subspan(static_cast<std::size_t>(n));
      offset += static_cast<std::uint64_t>(n);
    }
    return {};
  }
  Outcome<void> fill(std::uint64_t offset, std::uint64_t size) const {
    const Buffer erased(64 * 1024, std::byte{0xff});
    for (std::uint64_t at = 0; at < size; at += erased.size()) {
      const std::uint64_t piece = std::min<std::uint64_t>(erased.size(), size - at);
      LOCKSTEP_CHECK(write(offset + at, Bytes(erased).first(static_cast<std::size_t>(piece))));
    }
    return {};
  }
  Outcome<Buffer> read(std::uint64_t offset, std::size_t size) const {
    Buffer bytes(size);
    if (::pread(fd_, bytes.data(), size, static_cast<off_t>(offset)) != static_cast<ssize_t>(size)) return Fail(error("cannot read"));
    return bytes;
  }

 private:
  std::string path_;
  int fd_;
};

}  // namespace

asio::awaitable<Outcome<void>> FileFlash::write(Artifact image) { co_return write_now(image); }

Outcome<void> FileFlash::write_now(const Artifact& image) const {
  LOCKSTEP_TRY(bytes, read_file(image.file));
  if (bytes.size() > spec_.area_bytes) {
    return fail(ErrorKind::invalid, fmt::format("{} has {} bytes, the flash area {}", image.name, bytes.size(), spec_.area_bytes));
  }
  const File file(spec_.file);
  if (!file.is_open()) return Fail(file.error("cannot open flash"));
  LOCKSTEP_TRY(size, file.size());
  if (size == 0) {
    LOCKSTEP_CHECK(file.fill(0, spec_.size_bytes));
  } else if (size != spec_.size_bytes) {
    return fail(ErrorKind::invalid, fmt::format("flash {} has {} bytes, not {}", spec_.file, size, spec_.size_bytes));
  }
  LOCKSTEP_CHECK(file.fill(spec_.erase_from_bytes, spec_.erase_bytes));
  LOCKSTEP_CHECK(file.write(spec_.offset_bytes, bytes));
  LOCKSTEP_TRY(back, file.read(spec_.offset_bytes, bytes.size()));
  if (Sha256::of(Bytes(back)).hex() != image.sha256) {
    return fail(ErrorKind::io, fmt::format("flash {} does not hold what was written ({})", spec_.file, image.name));
  }
  return {};
}

}  // namespace lockstep::hil
