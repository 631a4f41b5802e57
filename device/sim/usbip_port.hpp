// The simulated device's USB plug: a Unix socket on which it is shown by USB/IP. One client at a time, as a cable has
// one end. When the device leaves the bus, the client is hung up on; importing it again plugs it in.
#pragma once

#include <poll.h>

#include <memory>
#include <vector>

#include "device/sim/node.hpp"
#include "device/sim/sockets.hpp"
#include "device/usbip/server.hpp"

namespace lockstep::sim {

class UsbipPort final : private usbip::Device {
 public:
  // ErrorKind: as listen_unix.
  static Outcome<std::unique_ptr<UsbipPort>> open(const std::string& path);
  ~UsbipPort();
  UsbipPort(const UsbipPort&) = delete;
  UsbipPort& operator=(const UsbipPort&) = delete;

  // Appends what to poll for.
  void add_to(std::vector<pollfd>& polled) const;
  // Does what can be done without waiting.
  void serve(Node& node, Time now);

 private:
  explicit UsbipPort(UnixListener listener) : listener_(std::move(listener)) {}

  bool is_attached() override { return node_->is_on_bus(); }
  usb::Answer control(const usb::Setup& setup, Bytes data) override { return node_->control(setup, data, now_); }
  void on_bus_reset() override;

  bool receive();
  bool flush();
  void hang_up();

  UnixListener listener_;
  int client_ = -1;
  usbip::Server server_{*this};
  Buffer outgoing_;
  int visit_ = 0;         // of the device on the bus, when the client imported it
  Node* node_ = nullptr;  // during serve()
  Time now_{};
};

}  // namespace lockstep::sim
