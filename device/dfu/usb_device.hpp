// A whole USB device around the DFU function: answers the standard requests of endpoint 0 and hands class requests to
// the function. For boards whose USB code brings no enumeration of its own, and for simulators.
#pragma once

#include <array>

#include "device/dfu/function.hpp"
#include "protocols/usb/descriptors.hpp"

namespace lockstep::dfu {

struct DeviceOptions {
  std::uint16_t vendor = 0x1209;   // pid.codes' pair for tests; a product has its own
  std::uint16_t product = 0x0001;
  std::uint16_t device = 0x0100;   // bcdDevice
  std::string_view manufacturer{"Lockstep", 8};
  FunctionOptions function{};
};

// One configuration with one interface, which is the DFU interface of the mode the function is in. Product and serial
// number are the platform's.
class UsbDevice {
 public:
  // As Function.
  UsbDevice(agent::Platform& platform, MutableBytes block, const DeviceOptions& options);

  // One control transfer on endpoint 0. `data` is what an out transfer brought.
  Answer control(const usb::Setup& setup, Bytes data);
  void on_bus_reset();

  Function& function() { return function_; }
  usb::DeviceDescriptor device_descriptor() const;
  bool is_configured() const { return configuration_ != 0; }

 private:
  Answer standard(const usb::Setup& setup);
  Answer descriptor(const usb::Setup& setup);
  Answer set_configuration(std::uint16_t value);
  bool encode_configuration(ByteWriter& w) const;
  bool encode_string(ByteWriter& w, std::uint8_t index);
  Answer byte(std::uint8_t value);

  agent::Platform* platform_;
  DeviceOptions options_;
  Function function_;
  std::uint8_t configuration_ = 0;
  std::array<std::byte, usb::max_string_size> answer_{};
};

}  // namespace lockstep::dfu
