#include "device/usbip/server.hpp"

#include "protocols/usb/descriptors.hpp"

namespace lockstep::usbip {
namespace {

// How the port of a hub is reset; clients send it to the device that is plugged in there.
bool is_port_reset(const usb::Setup& s) {
  constexpr std::uint16_t port_reset = 4;
  return s.request_type == usb::make_request_type(usb::Direction::out, usb::RequestType::class_specific, usb::Recipient::other) &&
         s.request == usb::request::set_feature && s.value == port_reset;
}

Buffer ask_descriptor(Device& device, std::uint8_t type) {
  const usb::Setup setup{.request_type = 0x80, .request = usb::request::get_descriptor,
                         .value = static_cast<std::uint16_t>(type << 8), .length = 255};
  const usb::Answer answer = device.control(setup, {});
  return {answer.data.begin(), answer.data.end()};
}

void append(Buffer& out, const Buffer& more) { out.insert(out.end(), more.begin(), more.end()); }

}  // namespace

void Server::reset() {
  imported_ = false;
  incoming_.clear();
}

bool Server::feed(Bytes bytes, Buffer& out) {
  incoming_.insert(incoming_.end(), bytes.begin(), bytes.end());
  std::size_t used = 0;
  while (true) {
    const auto taken = take_one(Bytes(incoming_).subspan(used), out);
    if (taken) {
      used += *taken;
      continue;
    }
    if (taken.error() != Errc::need_more) return false;
    incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<long>(used));
    return true;
  }
}

// How many bytes the first message had.
Result<std::size_t, Errc> Server::take_one(Bytes bytes, Buffer& out) {
  if (!imported_) {
    LOCKSTEP_TRY(request, OpRequest::decode(bytes));
    if (request.op == Op::request_list) {
      append(out, encode_list_reply(records()));
    } else {
      import(request, out);
    }
    return request.size();
  }
  LOCKSTEP_TRY(command, Command::decode(bytes));
  if (command.kind == Kind::unlink) {
    append(out, Reply{.kind = Kind::unlink_reply, .sequence = command.sequence}.encode());
  } else {
    append(out, submit(command).encode());
  }
  return command.size();
}

void Server::import(const OpRequest& request, Buffer& out) {
  const auto there = records();
  if (there.empty() || there[0].bus_id != request.bus_id) return append(out, encode_import_reply(nullptr));
  append(out, encode_import_reply(&there[0]));
  imported_ = true;
  device_->on_bus_reset();
}

Reply Server::submit(const Command& command) {
  Reply reply{.sequence = command.sequence, .status = Reply::stalled};
  const bool is_sound = command.device == DeviceRecord{}.id() && command.endpoint == 0 &&
                        (command.setup.length == 0 || command.direction == command.setup.direction()) &&
                        command.length == command.setup.length;
  if (!is_sound || !device_->is_attached()) return reply;
  if (is_port_reset(command.setup)) {
    device_->on_bus_reset();
    reply.status = 0;
    return reply;
  }
  const usb::Answer answer = device_->control(command.setup, command.data);
  if (answer.stalled) return reply;
  reply.status = 0;
  reply.data.assign(answer.data.begin(), answer.data.end());
  reply.length = static_cast<std::uint32_t>(command.direction == usb::Direction::in ? answer.data.size() : command.data.size());
  return reply;
}

// What the device says of itself.
std::vector<DeviceRecord> Server::records() {
  if (!device_->is_attached()) return {};
  const auto device = usb::DeviceDescriptor::decode(ask_descriptor(*device_, usb::descriptor::device));
  if (!device) return {};
  DeviceRecord record{.path = "/sys/devices/lockstep/usb1/1-1", .bus_id = "1-1"};
  record.vendor = device->vendor;
  record.product = device->product;
  record.version = device->device;
  record.device_class = device->device_class;
  record.subclass = device->device_subclass;
  record.protocol = device->device_protocol;
  record.configurations = device->configurations;
  const Buffer configuration = ask_descriptor(*device_, usb::descriptor::configuration);
  usb::DescriptorCursor cursor(configuration);
  for (auto item = cursor.next(); item && *item; item = cursor.next()) {
    const auto interface = usb::InterfaceDescriptor::decode((*item)->bytes);
    if (!interface) continue;
    record.interfaces.push_back(
        {interface->interface_class, interface->interface_subclass, interface->interface_protocol});
  }
  return {record};
}

}  // namespace lockstep::usbip
