#include "host/base/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace lockstep {
namespace {

namespace fs = std::filesystem;

// "cannot WHAT PATH: REASON", of the kind that fits errno.
Fail<Error> system_failure(std::string_view what, const fs::path& path, int code) {
  const ErrorKind kind = code == ENOENT || code == ENOTDIR ? ErrorKind::not_found
                         : code == EEXIST                  ? ErrorKind::conflict
                                                           : ErrorKind::io;
  std::string next;
  if (code == EACCES || code == EPERM || code == EROFS)
    next = "check the owner and the permissions of " + path.string();
  if (code == ENOSPC || code == EDQUOT) next = "make room on the disk that holds " + path.string();
  if (code == ENOENT) next = "check the spelling of the path";
  return fail(kind, "cannot " + std::string(what) + " " + path.string() + ": " + std::strerror(code), next);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  int close() {
    const int result = ::close(fd_);
    fd_ = -1;
    return result;
  }

 private:
  int fd_;
};

// Holds SIGINT, SIGTERM and SIGHUP back while a temporary file exists.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t held;
    sigemptyset(&held);
    for (int s : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&held, s);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

int write_all(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return 0;
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Gives the finished temporary file its name, and refuses an existing name in the same step unless told to
// replace.
int publish(const char* temporary, const fs::path& path, bool replace) {
  if (replace) return ::rename(temporary, path.c_str()) == 0 ? 0 : errno;
  if (::renameat2(AT_FDCWD, temporary, AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;  // those two: the file system has no such rename
  if (::link(temporary, path.c_str()) != 0) return errno;
  ::unlink(temporary);
  return 0;
}

int fill(Descriptor& file, Bytes bytes, unsigned mode) {
  if (const int code = write_all(file.get(), bytes)) return code;
  if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0 || file.close() != 0) return errno;
  return 0;
}

Outcome<void> write_special(const fs::path& path, Bytes bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.ok()) return system_failure("write", path, errno);
  if (const int code = write_all(file.get(), bytes)) return system_failure("write", path, code);
  return {};
}

}  // namespace

Outcome<Buffer> read_file(const fs::path& path, std::size_t limit_bytes) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat about {};
  if (!file.ok() || ::fstat(file.get(), &about) != 0) return system_failure("read", path, errno);
  if (S_ISDIR(about.st_mode))
    return fail(ErrorKind::invalid, path.string() + " is a folder, a file is wanted");
  Buffer all;
  if (about.st_size > 0)
    all.reserve(std::min<std::size_t>(static_cast<std::size_t>(about.st_size), limit_bytes));
  std::array<std::byte, 1 << 16> piece;
  for (;;) {
    const ssize_t n = ::read(file.get(), piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure("read", path, errno);
    if (n == 0) return all;
    const auto size = static_cast<std::size_t>(n);
    if (size > limit_bytes - all.size())
      return fail(ErrorKind::invalid,
                  path.string() + " is larger than " + std::to_string(limit_bytes) + " bytes");
    all.insert(all.end(), piece.begin(), piece.begin() + n);
  }
}

Outcome<std::string> read_text_file(const fs::path& path, std::size_t limit_bytes) {
  LOCKSTEP_TRY(bytes, read_file(path, limit_bytes));
  return std::string(as_text(bytes));
}

Outcome<void> write_file(const fs::path& given, Bytes bytes, WriteOptions options) {
  std::error_code no_link;
  fs::path path = fs::is_symlink(given, no_link) ? fs::weakly_canonical(given, no_link) : given;
  if (no_link) path = given;
  // A terminal, a pipe or /dev/null must be written to, never replaced by a file.
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) return write_special(path, bytes);
  const fs::path folder = folder_of(path);
  if (!path.has_filename())
    return fail(ErrorKind::invalid, path.string() + " names a folder, a file is wanted");
  std::string temporary = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  const SignalsHeld held;
  Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
  if (!file.ok()) return system_failure("write", path, errno);
  int code = fill(file, bytes, options.mode);
  if (code == 0) code = publish(temporary.c_str(), path, options.replace);
  if (code != 0) {
    ::unlink(temporary.c_str());
    if (code == EEXIST) return fail(ErrorKind::conflict, path.string() + " exists already");
    return system_failure("write", path, code);
  }
  return sync_folder(folder);
}

Outcome<void> write_file(const fs::path& path, std::string_view text, WriteOptions options) {
  return write_file(path, as_bytes(text), options);
}

Outcome<void> make_folders(const fs::path& path, unsigned mode) {
  if (path.empty()) return {};
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0) {
    if (S_ISDIR(about.st_mode)) return {};
    return fail(ErrorKind::conflict, path.string() + " is not a folder");
  }
  if (path.has_relative_path() && path.has_parent_path())
    LOCKSTEP_CHECK(make_folders(path.parent_path(), mode));
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
    return system_failure("make the folder", path, errno);
  return sync_folder(folder_of(path));
}

Outcome<void> sync_folder(const fs::path& path) {
  Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.ok()) return system_failure("open the folder", path, errno);
  // Some file systems cannot sync a folder and say EINVAL; then the rename is as lasting as it gets.
  if (::fsync(folder.get()) != 0 && errno != EINVAL) return system_failure("sync the folder", path, errno);
  return {};
}

}  // namespace lockstep
