// Shows one USB device to one USB/IP client: bytes in, bytes out, no sockets. Every transfer is done at once, so there
// is never one to take back.
#pragma once

#include "device/usbip/protocol.hpp"

namespace lockstep::usbip {

// The device behind the server.
class Device {
 public:
  // Whether it is on the bus. While it is not, nothing is listed and an import is refused.
  virtual bool is_attached() = 0;
  virtual usb::Answer control(const usb::Setup& setup, Bytes data) = 0;
  // A client imported it, which is a bus reset, or asked for one.
  virtual void on_bus_reset() = 0;

 protected:
  ~Device() = default;
};

class Server {
 public:
  explicit Server(Device& device) : device_(&device) {}

  // Takes bytes from the client and appends what is to be sent to `out`. False: the client broke the protocol; hang up.
  bool feed(Bytes bytes, Buffer& out);
  // The client has the device: it left, or left the bus, when that ends.
  bool is_imported() const { return imported_; }
  // Another client came.
  void reset();

 private:
  Result<std::size_t, Errc> take_one(Bytes bytes, Buffer& out);
  void import(const OpRequest& request, Buffer& out);
  Reply submit(const Command& command);
  std::vector<DeviceRecord> records();

  Device* device_;
  bool imported_ = false;
  Buffer incoming_;
};

}  // namespace lockstep::usbip
