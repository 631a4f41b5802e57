#include "host/store/state_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "host/base/files.hpp"
#include "host/base/text.hpp"

namespace lockstep::store {
namespace {

// "process 4711 (lockstepd)"; the holder wrote its number into the file.
std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t size = ::pread(fd, text.data(), text.size() - 1, 0);
  const std::string pid(trim(std::string_view(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0)));
  if (pid.empty()) return "another process";
  const auto name = read_text_file("/proc/" + pid + "/comm", 256);
  return "process " + pid + (name ? " (" + printable(trim(*name)) + ")" : "");
}

}  // namespace

Outcome<StateLock> StateLock::take(const std::filesystem::path& state) {
  const std::filesystem::path path = state / "lock";
  // O_CLOEXEC: a program started by the daemon must not keep the lock after the daemon died.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(ErrorKind::io, "cannot open " + path.string() + ": " + std::strerror(errno));
  StateLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(ErrorKind::io, "cannot lock " + path.string() + ": " + std::strerror(errno));
    return fail(ErrorKind::conflict, state.string() + " is in use by " + holder(fd),
                "wait until it has ended; to have several commands at once, run `lockstepd` for this state");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return fail(ErrorKind::io, "cannot write " + path.string() + ": " + std::strerror(errno));
  }
  return lock;
}

StateLock::~StateLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace lockstep::store
