#include "device/sim/usbip_port.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace lockstep::sim {

Outcome<std::unique_ptr<UsbipPort>> UsbipPort::open(const std::string& path) {
  LOCKSTEP_TRY(listener, listen_unix(path));
  return std::unique_ptr<UsbipPort>(new UsbipPort(std::move(listener)));
}

UsbipPort::~UsbipPort() {
  ::unlink(listener_.path.c_str());
  hang_up();
  ::close(listener_.file);
}

void UsbipPort::add_to(std::vector<pollfd>& polled) const {
  if (client_ < 0) {
    polled.push_back({.fd = listener_.file, .events = POLLIN, .revents = 0});
    return;
  }
  const int events = POLLIN | (outgoing_.empty() ? 0 : POLLOUT);
  polled.push_back({.fd = client_, .events = static_cast<short>(events), .revents = 0});
}

void UsbipPort::on_bus_reset() {
  node_->on_bus_reset(now_);
  visit_ = node_->bus_visit();
}

void UsbipPort::serve(Node& node, Time now) {
  node_ = &node;
  now_ = now;
  if (client_ < 0) client_ = ::accept4(listener_.file, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (client_ < 0) return;
  const bool alive = receive() && flush();
  const bool left = server_.is_imported() && visit_ != node.bus_visit();
  if (!alive || left) hang_up();
  node.usb_work();
}

// Takes what is there. False: the client hung up or broke the protocol.
bool UsbipPort::receive() {
  std::array<std::byte, 4096> piece;
  while (true) {
    const ssize_t n = ::read(client_, piece.data(), piece.size());
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0 || !server_.feed(Bytes(piece).first(static_cast<std::size_t>(n)), outgoing_)) return false;
  }
}

bool UsbipPort::flush() {
  while (!outgoing_.empty()) {
    const ssize_t n = ::send(client_, outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + n);
  }
  return true;
}

void UsbipPort::hang_up() {
  if (client_ >= 0) ::close(client_);
  client_ = -1;
  outgoing_.clear();
  server_.reset();
}

}  // namespace lockstep::sim
