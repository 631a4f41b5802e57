#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "device/sim/stream_port.hpp"

namespace lockstep::sim {
namespace {

Fail<Error> os_error(const std::string& what) { return fail(ErrorKind::io, what + ": " + std::strerror(errno)); }

class PtyEndpoint final : public Endpoint {
 public:
  PtyEndpoint(int master, int slave, std::string link, std::size_t message_limit)
      : master_(master), slave_(slave), link_(std::move(link)), uri_("smp+serial://" + link_), port_(message_limit) {}
  PtyEndpoint(const PtyEndpoint&) = delete;
  PtyEndpoint& operator=(const PtyEndpoint&) = delete;
  ~PtyEndpoint() override {
    ::unlink(link_.c_str());
    ::close(slave_);
    ::close(master_);
  }

  void add_to(std::vector<pollfd>& polled) const override {
    const int events = POLLIN | (port_.wants_to_write() ? POLLOUT : 0);
    polled.push_back({.fd = master_, .events = static_cast<short>(events), .revents = 0});
  }
  void serve(const Handler& handler) override { port_.serve(master_, handler); }
  void log(const std::string& line) override {
    port_.log(line);
    port_.flush(master_);
  }
  const std::string& uri() const override { return uri_; }

 private:
  int master_;
  int slave_;  // held open, or the master would report a hangup for as long as no client is there
  std::string link_;
  std::string uri_;
  ConsolePort port_;
};

// Replaces a link that an earlier simulator left behind, and nothing else.
Outcome<void> place_link(const std::string& target, const std::string& link) {
  std::error_code code;
  const auto status = std::filesystem::symlink_status(link, code);
  if (std::filesystem::is_symlink(status)) std::filesystem::remove(link, code);
  else if (std::filesystem::exists(status)) return fail(ErrorKind::conflict, link + ": exists and is no symbolic link");
  if (::symlink(target.c_str(), link.c_str()) != 0) return os_error(link + ": cannot make the symbolic link");
  return {};
}

}  // namespace

Outcome<std::unique_ptr<Endpoint>> open_pty(const std::string& path, std::size_t message_limit) {
  const std::string link = std::filesystem::absolute(path).string();
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0) return os_error("cannot make a pseudo terminal");
  std::array<char, 64> name{};
  if (::ptsname_r(master, name.data(), name.size()) != 0) return os_error("cannot name the pseudo terminal");
  const int slave = ::open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) return os_error(std::string(name.data()) + ": cannot open the pseudo terminal");
  termios raw{};
  if (::tcgetattr(slave, &raw) != 0) return os_error("cannot read the terminal's settings");
  ::cfmakeraw(&raw);  // no echo: it would look like requests to the device's own decoder
  if (::tcsetattr(slave, TCSANOW, &raw) != 0) return os_error("cannot make the terminal raw");
  LOCKSTEP_CHECK(place_link(name.data(), link));
  return std::unique_ptr<Endpoint>(std::make_unique<PtyEndpoint>(master, slave, link, message_limit));
}

}  // namespace lockstep::sim
