// The simulated device without its wires: boots by device/boot, then serves the agent and does what the running
// image's app descriptor says. Time is handed in, so that tests need no waiting.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "device/agent/app_descriptor.hpp"
#include "device/agent/server.hpp"
#include "device/boot/boot_images.hpp"
#include "device/crypto/crypto_mbedtls.hpp"
#include "device/dfu/usb_device.hpp"
#include "device/sim/faulty_flash.hpp"
#include "host/base/buffer.hpp"

namespace lockstep::sim {

using Time = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;

// What goes wrong on purpose.
struct Faults {
  std::uint32_t cut_at = boot::CutFlash::never;  // die at this flash operation, counted from the start of the process
  bool torn = false;                             // ... and do that operation by half
  bool silent = false;                           // never answer
  bool unhealthy = false;                        // answer that it is not well
  bool no_reset_answer = false;                  // be gone before the answer to a reset
  std::uint32_t drop_every = 0;                  // lose every n-th answer; 0: none
  FlashFaults flash{};
};

// One image of a device.
struct Component {
  std::string name;
  boot::Layout layout{};
};

struct NodeOptions {
  boot::Layout layout{};  // of image 0
  std::string component = "app";  // what image 0 is
  std::vector<Component> more_components{};  // images 1 and up; only in mode swap
  std::vector<mcuboot::PublicKey> keys{};
  std::optional<mcuboot::Uuid> vendor{}, device_class{};  // see boot::Trust
  std::string board = "node-m3", revision = "1.0", serial = "SIM-1", product = "thermostat";
  std::uint32_t buffer_size = 2048;
  std::uint32_t buffer_count = 4;
  Milliseconds boot_time{200};       // from reset until the application answers
  Milliseconds reset_delay{50};      // from the answer to a reset until it
  Milliseconds watchdog{2000};       // for an application that hangs
  // The flash is quick; what is told here lets a host's waiting be seen. No detach timer: the node leaves the bus itself.
  dfu::DeviceOptions usb{.function = {.attributes = dfu::attribute::can_download | dfu::attribute::can_upload |
                                                    dfu::attribute::will_detach,
                                      .timing = {.erase_sector_ms = 1, .program_kib_ms = 1, .check_kib_ms = 0}}};
  Milliseconds self_test{0};         // how long the application's self-test runs after its start
  Milliseconds confirm_deadline{0};  // for an image on test; 0: none
  Faults faults{};
  FaultyFlash::Wait wait = [](Milliseconds time) { std::this_thread::sleep_for(time); };  // for a slow flash

  // Of all images, in the order of their numbers.
  std::vector<boot::Layout> layouts() const;
};

// Made before the platform that uses it.
struct NodeFlash {
  FaultyFlash faulty;
  std::vector<boot::Layout> image_layouts;
};

class Node final : private NodeFlash, private agent::Platform {
 public:
  // One line of the device's log, without its end.
  using LogSink = std::function<void(const std::string&)>;

  // Borrows the flash, and `crypto` if given, which other nodes may use too. `options` are copied.
  Node(boot::Flash& flash, NodeOptions options, LogSink log, mcuboot::Crypto* crypto = nullptr);

  // Switches on: boots, and is deaf until the application runs.
  void power_on(Time now);
  // Switches off: deaf, and nothing is due, until power_on().
  void power_off();
  // Takes one SMP message. The answer is valid until the next call; empty when there is none.
  Bytes handle(Bytes request, Time now);
  // The same on USB. While it is off the bus, everything is stalled.
  usb::Answer control(const usb::Setup& setup, Bytes data, Time now);
  void on_bus_reset(Time now);
  // Writes the flash as far as the host was told that it takes time; call it when an answer has been sent.
  void usb_work() { usb_->function().work(); }
  bool is_on_bus() const { return is_running() && !options_.faults.silent; }
  // Another number: the device has left the bus since, and may be back.
  int bus_visit() const { return bus_visit_; }

  // Does what is due: the application starts, a reset or the watchdog strikes.
  void tick(Time now);
  // When tick() is to be called next; nothing: not before the next request.
  std::optional<Time> deadline() const { return deadline_; }

  bool is_running() const { return state_ == State::running || state_ == State::resetting; }
  // What the last boot did with an image; null when it may not run.
  const boot::BootReport* report(std::size_t image = 0) const {
    return image < reports_.size() ? &reports_[image] : nullptr;
  }

 private:
  enum class State {
    off,
    booting,    // until deadline_, then the application runs or hangs
    running,
    resetting,  // running, and restarts at deadline_
    hung,       // the application or its flash; until the watchdog restarts it at deadline_
    halted,     // in the bootloader for good
  };

  bool boot_images();  // false: it halted or hangs
  void start_application(Time now);
  void say(const std::string& line);  // to the sink, and into the log that can be downloaded
  void wait_for_deadline();
  void obey_reset_request();
  void hang(Time now);
  void tell_boot(const Result<boot::BootReport, boot::Errc>& report, std::size_t image);
  std::optional<agent::AppDescriptor> descriptor(std::size_t image);
  bool has_flag(std::uint32_t flag) const { return app_ && (app_->flags & flag) != 0; }
  bool is_lost(Bytes answer);

  int active_slot() override { return reports_.empty() ? 0 : reports_[0].slot; }
  std::string_view component(int image) override;
  agent::Identity identity() override;
  agent::Health health() override;
  agent::SelfTest self_test() override;
  std::uint32_t confirm_deadline_ms() override { return static_cast<std::uint32_t>(options_.confirm_deadline.count()); }
  std::uint64_t uptime_ms() override;
  agent::LogRing* log_ring() override { return &ring_; }
  agent::Limits limits() override { return {options_.buffer_size, options_.buffer_count}; }
  mcuboot::Crypto* crypto() override { return crypto_; }
  void request_reset() override { reset_requested_ = true; }

  NodeOptions options_;
  LogSink log_;
  device::MbedtlsCrypto own_crypto_;
  mcuboot::Crypto* crypto_;
  Buffer work_;
  Buffer log_memory_;    // not cleared by a reset, as RAM is
  agent::LogRing ring_;
  std::optional<agent::Server> server_;  // renewed at each boot: RAM forgets
  Buffer usb_block_;
  std::optional<dfu::UsbDevice> usb_;  // the same
  int bus_visit_ = 0;
  std::vector<boot::BootReport> reports_;   // of each image
  std::optional<agent::AppDescriptor> app_;  // of image 0
  std::string unwell_;                       // which other component is not well, in words; empty: none
  State state_ = State::off;
  std::optional<Time> deadline_;
  Time now_{};       // as of the last call
  Time started_{};   // of the application
  bool reset_requested_ = false;
  std::uint32_t answers_ = 0;
  std::uint32_t requests_ = 0;
};

}  // namespace lockstep::sim
