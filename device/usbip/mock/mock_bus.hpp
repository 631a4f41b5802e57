// One USB port as umockdev shows it to programs that are started with its preload library: sysfs, uevents and the usbfs
// ioctls of libusb. What is plugged in is imported by USB/IP; it is unplugged when the other side hangs up.
#pragma once

#include <umockdev.h>

#include <deque>
#include <mutex>

#include "device/usbip/mock/importer.hpp"

namespace lockstep::usbip {

class MockBus {
 public:
  explicit MockBus(const std::string& socket);
  ~MockBus();
  MockBus(const MockBus&) = delete;
  MockBus& operator=(const MockBus&) = delete;

  // Plugs in what has come and unplugs what has gone. Call it often.
  void tick();
  bool is_plugged() const { return address_ != 0 && !syspath_.empty(); }

 private:
  struct Urb {
    UMockdevIoctlData* data;
    UMockdevIoctlData* buffer;
  };

  static gboolean on_ioctl(UMockdevIoctlBase*, UMockdevIoctlClient* client, gpointer self);
  void handle(UMockdevIoctlClient* client);
  void submit(UMockdevIoctlClient* client);
  void reap(UMockdevIoctlClient* client);
  void reset_port(UMockdevIoctlClient* client);

  bool is_connected();
  void plug();
  void unplug();
  std::string device_node() const;

  std::mutex mutex_;  // umockdev calls on_ioctl on a thread of its own
  Importer importer_;
  UMockdevTestbed* testbed_;
  UMockdevIoctlBase* handler_ = nullptr;  // of what is plugged in
  std::deque<Urb> done_;  // waits to be fetched
  int address_ = 1;       // another one each time it is plugged in
  std::string syspath_;   // empty: nothing is plugged in
  Buffer configuration_;
};

}  // namespace lockstep::usbip
