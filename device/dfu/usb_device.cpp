#include "device/dfu/usb_device.hpp"

#include <algorithm>

namespace lockstep::dfu {

using namespace std::string_view_literals;  // length known without strlen
using usb::Direction;
using usb::Recipient;

namespace {

// Indices of the strings.
constexpr std::uint8_t manufacturer_string = 1, product_string = 2, serial_string = 3, interface_string = 4;
constexpr std::uint8_t first_vendor_string = 5;

constexpr std::uint8_t self_powered = 0xc0;  // with bit 7, which is always set

}  // namespace

UsbDevice::UsbDevice(agent::Platform& platform, MutableBytes block, const DeviceOptions& options)
    : platform_(&platform), options_(options), function_(platform, block, options.function) {
  function_.set_vendor_strings(first_vendor_string);
}

void UsbDevice::on_bus_reset() {
  configuration_ = 0;
  function_.on_bus_reset();
}

Answer UsbDevice::control(const usb::Setup& setup, Bytes data) {
  Answer answer{.stalled = true};
  if (setup.type() == usb::RequestType::standard) answer = standard(setup);
  const bool is_dfu = setup.type() == usb::RequestType::class_specific && setup.recipient() == Recipient::interface;
  if (is_dfu && setup.index == 0) answer = function_.control(setup, data);
  answer.data = answer.data.first(std::min<std::size_t>(answer.data.size(), setup.length));
  return answer;
}

Answer UsbDevice::standard(const usb::Setup& setup) {
  namespace request = usb::request;
  const bool is_in = setup.direction() == Direction::in;
  switch (setup.request) {
    case request::get_descriptor: return is_in ? descriptor(setup) : Answer{.stalled = true};
    case request::set_address: return {.stalled = is_in};  // the controller does it
    case request::set_configuration: return is_in ? Answer{.stalled = true} : set_configuration(setup.value);
    case request::get_configuration: return is_in ? byte(configuration_) : Answer{.stalled = true};
    case request::set_interface: return {.stalled = is_in || setup.value != 0 || setup.index != 0};
    case request::get_interface: return is_in && setup.index == 0 ? byte(0) : Answer{.stalled = true};
    case request::get_status:
      answer_[0] = setup.recipient() == Recipient::device ? std::byte{1} : std::byte{0};  // self-powered
      answer_[1] = std::byte{0};
      return is_in ? Answer{.data = Bytes(answer_).first(2)} : Answer{.stalled = true};
    default: return {.stalled = true};  // no features, no endpoints
  }
}

Answer UsbDevice::byte(std::uint8_t value) {
  answer_[0] = static_cast<std::byte>(value);
  return {.data = Bytes(answer_).first(1)};
}

Answer UsbDevice::set_configuration(std::uint16_t value) {
  if (value > 1) return {.stalled = true};
  configuration_ = static_cast<std::uint8_t>(value);
  return {};
}

Answer UsbDevice::descriptor(const usb::Setup& setup) {
  ByteWriter w(answer_);
  const auto index = static_cast<std::uint8_t>(setup.value);
  bool known = index == 0;
  switch (setup.value >> 8) {
    case usb::descriptor::device: device_descriptor().encode(w); break;
    case usb::descriptor::configuration: known = known && encode_configuration(w); break;
    case usb::descriptor::string: known = encode_string(w, index); break;
    case FunctionalDescriptor::descriptor_type: function_.descriptor().encode(w); break;
    default: known = false;
  }
  if (!known || !w.ok()) return {.stalled = true};
  return {.data = w.written()};
}

usb::DeviceDescriptor UsbDevice::device_descriptor() const {
  return {.vendor = options_.vendor,
          .product = options_.product,
          .device = options_.device,
          .manufacturer_string = manufacturer_string,
          .product_string = product_string,
          .serial_string = serial_string};
}

bool UsbDevice::encode_configuration(ByteWriter& w) const {
  constexpr auto total = usb::ConfigurationDescriptor::size + usb::InterfaceDescriptor::size + FunctionalDescriptor::size;
  usb::ConfigurationDescriptor{.total_length = total, .attributes = self_powered, .max_power_2ma = 0}.encode(w);
  usb::InterfaceDescriptor{.interface_class = interface_class,
                           .interface_subclass = interface_subclass,
                           .interface_protocol = function_.shows_dfu_mode() ? protocol_dfu_mode : protocol_runtime,
                           .string = interface_string}
      .encode(w);
  function_.descriptor().encode(w);
  return true;
}

bool UsbDevice::encode_string(ByteWriter& w, std::uint8_t index) {
  switch (index) {
    case 0: usb::encode_languages(w); return true;
    case manufacturer_string: usb::encode_string(w, options_.manufacturer); return true;
    case product_string: usb::encode_string(w, platform_->identity().product); return true;
    case serial_string: usb::encode_string(w, platform_->identity().serial); return true;
    case interface_string: usb::encode_string(w, "MCUboot image, to the slot that does not run"sv); return true;
    default: break;
  }
  if (index < first_vendor_string || index >= first_vendor_string + vendor_errors) return false;
  usb::encode_string(w, text(static_cast<VendorError>(index - first_vendor_string + 1)));
  return true;
}

}  // namespace lockstep::dfu
