#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>
#include <boost/asio/serial_port.hpp>
#include <cerrno>
#include <cstring>

#include "host/link/stream_link.hpp"

namespace lockstep::link {
namespace {

Fail<Error> system_failure(const std::string& name, std::string_view doing, int error) {
  ErrorKind kind = ErrorKind::unreachable;
  if (error == EACCES || error == EPERM || error == ENOTTY || error == EINVAL) kind = ErrorKind::io;
  if (error == EBUSY || error == EWOULDBLOCK) kind = ErrorKind::conflict;
  std::string next;
  if (error == EACCES) next = "the user must be in the group that owns the tty, often 'dialout'";
  if (kind == ErrorKind::conflict) next = "close the other program that has the port open";
  return fail(kind, name + ": " + std::string(doing) + ": " + std::strerror(error), std::move(next));
}

// Owns the descriptor until the port takes it.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  void release() { fd = -1; }
};

// The kernel keeps a pty's exclusive mark after the last close, as long as the other side lives: a killed
// process would lock itself out.
bool is_pty(int fd) {
  struct stat status {};
  constexpr unsigned first_pty_major = 136, last_pty_major = 143;
  if (::fstat(fd, &status) != 0 || !S_ISCHR(status.st_mode)) return false;
  return major(status.st_rdev) >= first_pty_major && major(status.st_rdev) <= last_pty_major;
}

// Two locks, because each misses somebody: flock keeps out those that lock too (also root), TIOCEXCL those
// that do not (but not root).
Outcome<void> lock(const std::string& name, int fd) {
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return system_failure(name, "in use by another program", errno);
  if (!is_pty(fd) && ::ioctl(fd, TIOCEXCL) != 0 && errno != ENOTTY)
    return system_failure(name, "locking", errno);
  return {};
}

// Raw 8N1 without flow control. HUPCL goes, because dropping DTR on close resets many boards.
Outcome<void> make_raw(const std::string& name, int fd) {
  termios mode{};
  if (::tcgetattr(fd, &mode) != 0) return system_failure(name, "this is not a tty", errno);
  ::cfmakeraw(&mode);
  mode.c_cflag |= CLOCAL | CREAD;
  mode.c_cflag &= ~static_cast<tcflag_t>(HUPCL | CSTOPB | CRTSCTS);
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  if (::tcsetattr(fd, TCSANOW, &mode) != 0) return system_failure(name, "setting the tty", errno);
  return {};
}

}  // namespace

asio::awaitable<Outcome<std::unique_ptr<Link>>> open_serial(asio::any_io_executor executor, LinkUri uri) {
  const std::string name = to_string(uri);
  // Not blocking: opening a tty without carrier would wait for one.
  Descriptor tty{::open(uri.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
  if (tty.fd < 0) co_return system_failure(name, "opening", errno);
  auto locked = lock(name, tty.fd);
  if (!locked) co_return Fail(std::move(locked).error());
  auto raw = make_raw(name, tty.fd);
  if (!raw) co_return Fail(std::move(raw).error());
  asio::serial_port port(executor);
  boost::system::error_code code;
  port.assign(tty.fd, code);
  if (code) co_return Fail(link_error(name, "opening", code));
  tty.release();
  port.set_option(asio::serial_port::baud_rate(uri.baud), code);
  if (code)
    co_return fail(ErrorKind::invalid, name + ": the tty does not take " + std::to_string(uri.baud) + " baud",
                   "use a standard rate such as 115200 or 1000000");
  std::unique_ptr<Link> link = std::make_unique<StreamLink<asio::serial_port>>(std::move(port), name);
  co_return link;
}

}  // namespace lockstep::link
