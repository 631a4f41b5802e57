#include <sys/socket.h>
#include <unistd.h>

#include "device/sim/sockets.hpp"
#include "device/sim/stream_port.hpp"

namespace lockstep::sim {
namespace {

class UnixEndpoint final : public Endpoint {
 public:
  UnixEndpoint(const UnixListener& listener, std::string uri, std::unique_ptr<StreamPort> port)
      : listener_(listener.file), path_(listener.path), uri_(std::move(uri)), port_(std::move(port)) {}
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

}  // namespace

Outcome<std::unique_ptr<Endpoint>> open_unix(const std::string& relative, Wire wire, std::size_t message_limit) {
  LOCKSTEP_TRY(listener, listen_unix(relative));
  std::string uri = "smp+unix://" + listener.path;
  std::unique_ptr<StreamPort> port;
  if (wire == Wire::raw) {
    uri += "?framing=raw";
    port = std::make_unique<RawPort>(message_limit);
  } else {
    port = std::make_unique<ConsolePort>(message_limit);
  }
  return std::unique_ptr<Endpoint>(std::make_unique<UnixEndpoint>(listener, std::move(uri), std::move(port)));
}

}  // namespace lockstep::sim
