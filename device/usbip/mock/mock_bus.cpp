#include "device/usbip/mock/mock_bus.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>  // before usbdevice_fs.h, which needs it

#include <linux/usbdevice_fs.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/base/text.hpp"
#include "protocols/usb/descriptors.hpp"

namespace lockstep::usbip {
namespace {

UMockdevIoctlData* resolve(UMockdevIoctlData* data, std::size_t offset, std::size_t size) {
  return umockdev_ioctl_data_resolve(data, offset, size, nullptr);
}

void update(UMockdevIoctlData* data, std::size_t offset, const void* bytes, std::size_t size) {
  umockdev_ioctl_data_update(data, offset, static_cast<guint8*>(const_cast<void*>(bytes)), static_cast<gint>(size));
}

}  // namespace

MockBus::MockBus(const std::string& socket)
    : importer_(socket), testbed_(umockdev_testbed_new()) {}

MockBus::~MockBus() {
  for (const Urb& urb : done_) {
    g_object_unref(urb.buffer);
    g_object_unref(urb.data);
  }
  if (handler_ != nullptr) g_object_unref(handler_);
  g_object_unref(testbed_);
}

std::string MockBus::device_node() const { return fmt::format("/dev/bus/usb/001/{:03}", address_); }

void MockBus::tick() {
  if (!syspath_.empty() && !is_connected()) unplug();
  if (!syspath_.empty()) return;
  const std::scoped_lock lock(mutex_);
  if (importer_.import()) plug();
}

bool MockBus::is_connected() {
  const std::scoped_lock lock(mutex_);
  return importer_.is_connected();
}

// As a host that enumerates: reads the descriptors, chooses the only configuration, tells the system.
void MockBus::plug() {
  const Buffer device = importer_.descriptor(usb::descriptor::device);
  configuration_ = importer_.descriptor(usb::descriptor::configuration);
  (void)importer_.transfer({.request = usb::request::set_configuration, .value = 1}, {});
  if (device.empty() || configuration_.empty()) return importer_.hang_up();
  ++address_;
  syspath_ = "/sys/devices/usb1/1-1";
  const std::string description = fmt::format(
      "P: /devices/usb1/1-1\nN: bus/usb/001/{0:03}\n"
      "E: DEVNAME=/dev/bus/usb/001/{0:03}\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: BUSNUM=001\nE: DEVNUM={0:03}\n"
      "A: busnum=1\\n\nA: devnum={0}\\n\nA: speed=12\\n\nA: bConfigurationValue=1\\n\nH: descriptors={1}{2}\n",
      address_, to_hex(device), to_hex(configuration_));
  handler_ = umockdev_ioctl_base_new();
  g_signal_connect_data(handler_, "handle-ioctl", reinterpret_cast<GCallback>(&MockBus::on_ioctl), this, nullptr,
                        static_cast<GConnectFlags>(0));
  GError* error = nullptr;
  if (!umockdev_testbed_add_from_string(testbed_, description.c_str(), &error) ||
      !umockdev_testbed_attach_ioctl(testbed_, device_node().c_str(), handler_, &error)) {
    fmt::print(stderr, "usbip-mock: {}\n", error->message);
    std::abort();
  }
  umockdev_testbed_uevent(testbed_, syspath_.c_str(), "add");
}

// Not under the lock: detaching waits for the thread that may be in handle().
void MockBus::unplug() {
  umockdev_testbed_uevent(testbed_, syspath_.c_str(), "remove");
  umockdev_testbed_detach_ioctl(testbed_, device_node().c_str(), nullptr);
  umockdev_testbed_remove_device(testbed_, syspath_.c_str());
  g_object_unref(handler_);
  handler_ = nullptr;
  syspath_.clear();
  const std::scoped_lock lock(mutex_);
  importer_.hang_up();
}

gboolean MockBus::on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer self) {
  static_cast<MockBus*>(self)->handle(client);
  return 1;
}

void MockBus::handle(UMockdevIoctlClient* client) {
  const std::scoped_lock lock(mutex_);
  const auto request = umockdev_ioctl_client_get_request(client);
  switch (request) {
    case USBDEVFS_SUBMITURB: return submit(client);
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY: return reap(client);
    case USBDEVFS_RESET: return reset_port(client);
    case USBDEVFS_GET_CAPABILITIES: {
      UMockdevIoctlData* const out = resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(__u32));
      const __u32 none = 0;
      update(out, 0, &none, sizeof none);
      g_object_unref(out);
      return umockdev_ioctl_client_complete(client, 0, 0);
    }
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM:
    case USBDEVFS_RELEASEINTERFACE:
    case USBDEVFS_SETINTERFACE: return umockdev_ioctl_client_complete(client, 0, 0);
    case USBDEVFS_DISCARDURB: return umockdev_ioctl_client_complete(client, -1, EINVAL);  // it is done already
    case USBDEVFS_GETDRIVER:
    case USBDEVFS_IOCTL: return umockdev_ioctl_client_complete(client, -1, ENODATA);  // no driver of a kernel has it
    default: return umockdev_ioctl_client_complete(client, -1, ENOTTY);
  }
}

// Done at once; the result waits to be fetched.
void MockBus::submit(UMockdevIoctlClient* client) {
  UMockdevIoctlData* const data = resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(usbdevfs_urb));
  usbdevfs_urb urb;
  std::memcpy(&urb, data->data, sizeof urb);
  const auto length = static_cast<std::size_t>(urb.buffer_length);
  if (urb.type != USBDEVFS_URB_TYPE_CONTROL || length < usb::Setup::size) {
    g_object_unref(data);
    return umockdev_ioctl_client_complete(client, -1, EINVAL);
  }
  UMockdevIoctlData* const buffer = resolve(data, offsetof(usbdevfs_urb, buffer), length);
  const Bytes bytes = std::as_bytes(std::span(buffer->data, length));
  const auto setup = usb::Setup::decode(bytes.first(usb::Setup::size));
  const bool is_out = setup->direction() == usb::Direction::out;
  const auto reply = importer_.transfer(*setup, is_out ? bytes.subspan(usb::Setup::size) : Bytes{});
  if (!reply) {
    g_object_unref(buffer);
    g_object_unref(data);
    return umockdev_ioctl_client_complete(client, -1, ENODEV);
  }
  urb.status = reply->status;  // both are negative errno values
  urb.actual_length = static_cast<int>(reply->length);
  if (!reply->data.empty()) update(buffer, usb::Setup::size, reply->data.data(), reply->data.size());
  update(data, offsetof(usbdevfs_urb, status), &urb.status, sizeof urb.status);
  update(data, offsetof(usbdevfs_urb, actual_length), &urb.actual_length, sizeof urb.actual_length);
  done_.push_back({data, buffer});
  umockdev_ioctl_client_complete(client, 0, 0);
}

void MockBus::reap(UMockdevIoctlClient* client) {
  if (done_.empty()) {
    return umockdev_ioctl_client_complete(client, -1, importer_.is_connected() ? EAGAIN : ENODEV);
  }
  const Urb urb = done_.front();
  done_.pop_front();
  // The argument points to where the address of the URB is to be put.
  UMockdevIoctlData* const place = resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(void*));
  umockdev_ioctl_data_set_ptr(place, 0, urb.data);
  umockdev_ioctl_client_complete(client, 0, 0);
  g_object_unref(place);
  g_object_unref(urb.buffer);
  g_object_unref(urb.data);
}

// A device that is another one after the reset is enumerated anew, as the kernel does.
void MockBus::reset_port(UMockdevIoctlClient* client) {
  constexpr usb::Setup port_reset{.request_type = 0x23, .request = usb::request::set_feature, .value = 4};
  const auto reply = importer_.transfer(port_reset, {});
  const bool is_same = reply && importer_.descriptor(usb::descriptor::configuration) == configuration_;
  umockdev_ioctl_client_complete(client, is_same ? 0 : -1, is_same ? 0 : ENODEV);
  if (!is_same) importer_.hang_up();
}

}  // namespace lockstep::usbip
