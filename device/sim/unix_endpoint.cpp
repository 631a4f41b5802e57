#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "device/sim/stream_port.hpp"

namespace lockstep::sim {
namespace {

Fail<Error> os_error(const std::string& what) { return fail(ErrorKind::io, what + ": " + std::strerror(errno)); }

class UnixEndpoint final : public Endpoint {
 public:
  UnixEndpoint(int listener, std::string path, std::string uri, std::unique_ptr<StreamPort> port)
      : listener_(listener), path_(std::move(path)), uri_(std::move(uri)), port_(std::move(port)) {}
  UnixEndpoint(const UnixEndpoint&) = delete;
  UnixEndpoint& operator=(const UnixEndpoint&) = delete;
  ~UnixEndpoint() override {
    ::unlink(path_.c_str());
    hang_up();
    ::close(listener_);
  }

  void add_to(std::vector<pollfd>& polled) const override {
    if (client_ < 0) {
      polled.push_back({.fd = listener_, .events = POLLIN, .revents = 0});
      return;
    }
    const int events = POLLIN | (port_->wants_to_write() ? POLLOUT : 0);
    polled.push_back({.fd = client_, .events = static_cast<short>(events), .revents = 0});
  }

  void serve(const Handler& handler) override {
    if (client_ < 0) client_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client_ < 0) return;
    if (!port_->serve(client_, handler)) hang_up();
  }

  void log(const std::string& line) override {
    if (client_ < 0) return;  // like a UART without a cable
    port_->log(line);
    if (!port_->flush(client_)) hang_up();
  }
  const std::string& uri() const override { return uri_; }

 private:
  void hang_up() {
    if (client_ >= 0) ::close(client_);
    client_ = -1;
    port_->reset();
  }

  int listener_;
  int client_ = -1;
  std::string path_;
  std::string uri_;
  std::unique_ptr<StreamPort> port_;
};

// Removes the socket of a simulator that was killed. One that still listens is left alone.
Outcome<void> clear_stale(const std::string& path, const sockaddr_un& address) {
  std::error_code code;
  const auto status = std::filesystem::symlink_status(path, code);
  if (!std::filesystem::exists(status)) return {};
  if (!std::filesystem::is_socket(status)) return fail(ErrorKind::conflict, path + ": exists and is no socket");
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const bool is_stale = result != 0 && errno == ECONNREFUSED;
  ::close(probe);
  if (!is_stale) return fail(ErrorKind::conflict, path + ": another process listens there");
  std::filesystem::remove(path, code);
  return {};
}

// A listening socket at `path`.
Outcome<int> listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorKind::invalid, path + ": longer than the 107 characters that a socket's path may have");
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  LOCKSTEP_CHECK(clear_stale(path, address));
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return os_error("cannot make a socket");
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 8) != 0) {
    const auto error = os_error(path + ": cannot listen");
    ::close(listener);
    return error;
  }
  return listener;
}

}  // namespace

Outcome<std::unique_ptr<Endpoint>> open_unix(const std::string& relative, Wire wire, std::size_t message_limit) {
  const std::string path = std::filesystem::absolute(relative).string();
  LOCKSTEP_TRY(listener, listen_at(path));
  std::string uri = "smp+unix://" + path;
  std::unique_ptr<StreamPort> port;
  if (wire == Wire::raw) {
    uri += "?framing=raw";
    port = std::make_unique<RawPort>(message_limit);
  } else {
    port = std::make_unique<ConsolePort>(message_limit);
  }
  return std::unique_ptr<Endpoint>(std::make_unique<UnixEndpoint>(listener, path, std::move(uri), std::move(port)));
}

}  // namespace lockstep::sim
