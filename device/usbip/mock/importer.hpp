// The client's end of USB/IP over a Unix socket, one transfer at a time, waiting for each.
#pragma once

#include <optional>
#include <string>

#include "device/usbip/protocol.hpp"

namespace lockstep::usbip {

class Importer {
 public:
  explicit Importer(std::string path) : path_(std::move(path)) {}
  ~Importer() { hang_up(); }
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  // Takes the device "1-1". False: nobody listens, or it is not on the bus.
  bool import();
  // Whether the other side has not hung up.
  bool is_connected();
  void hang_up();
  // Nothing: it hung up.
  std::optional<Reply> transfer(const usb::Setup& setup, Bytes data);
  // A whole descriptor; empty when it is refused.
  Buffer descriptor(std::uint8_t type);

 private:
  bool send(const Buffer& bytes);
  // Reads until `size` bytes are in incoming_.
  bool receive(std::size_t size);

  std::string path_;
  int file_ = -1;
  std::uint32_t sequence_ = 0;
  Buffer incoming_;
};

}  // namespace lockstep::usbip
