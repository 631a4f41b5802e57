// A device with DFU function for tests, and a host that speaks to it as dfu-util does.
#pragma once

#include <doctest/doctest.h>

#include <vector>

#include "device/agent/test_node.hpp"
#include "device/dfu/usb_device.hpp"

// So that a failed check prints the words.
namespace doctest {
template <>
struct StringMaker<lockstep::dfu::State> {
  static String convert(lockstep::dfu::State s) { return String(text(s).data(), static_cast<unsigned>(text(s).size())); }
};
template <>
struct StringMaker<lockstep::dfu::Status> {
  static String convert(lockstep::dfu::Status s) { return String(text(s).data(), static_cast<unsigned>(text(s).size())); }
};
}  // namespace doctest

namespace lockstep::dfu::testing {

using agent::testing::hash_of;
using agent::testing::make_image;
using boot::testing::Board;

inline constexpr std::uint16_t transfer_size = 256;

inline DeviceOptions with_attributes(std::uint8_t attributes) { return {.function = {.attributes = attributes}}; }

// Slot 0 runs; its flash may be one that fails.
class Host {
 public:
  explicit Host(Board& board, const DeviceOptions& options = {})
      : memory_flash_(board.flash()), platform(memory_flash_, board.layout), device(platform, block_, options) {}
  Host(Board& board, boot::Flash& flash, const DeviceOptions& options = {})
      : memory_flash_(board.flash()), platform(flash, board.layout), device(platform, block_, options) {}

  static usb::Setup out(Request r, std::uint16_t value, std::size_t length) {
    return {.request_type = 0x21, .request = static_cast<std::uint8_t>(r), .value = value,
            .length = static_cast<std::uint16_t>(length)};
  }
  static usb::Setup in(Request r, std::uint16_t value, std::size_t length) {
    return {.request_type = 0xa1, .request = static_cast<std::uint8_t>(r), .value = value,
            .length = static_cast<std::uint16_t>(length)};
  }

  // False: stalled.
  bool detach(std::uint16_t timeout_ms = 1000) { return send(out(Request::detach, timeout_ms, 0)); }
  bool dnload(std::uint16_t block, Bytes data) { return send(out(Request::dnload, block, data.size()), data); }
  bool clear_status() { return send(out(Request::clear_status, 0, 0)); }
  bool abort() { return send(out(Request::abort, 0, 0)); }
  // Nothing: stalled.
  std::optional<Buffer> upload(std::uint16_t block, std::size_t length) {
    const Answer answer = device.control(in(Request::upload, block, length), {});
    if (answer.stalled) return std::nullopt;
    return Buffer(answer.data.begin(), answer.data.end());
  }
  StatusReport status() {
    const Answer answer = device.control(in(Request::get_status, 0, StatusReport::size), {});
    REQUIRE_FALSE(answer.stalled);
    const auto report = StatusReport::decode(answer.data);
    REQUIRE(report);
    return *report;
  }
  std::optional<State> get_state() {
    const Answer answer = device.control(in(Request::get_state, 0, 1), {});
    if (answer.stalled || answer.data.size() != 1) return std::nullopt;
    return static_cast<State>(answer.data[0]);
  }
  State state() { return device.function().state(); }

  void enter_dfu_mode() {
    REQUIRE(detach());
    device.on_bus_reset();
    REQUIRE(state() == State::idle);
  }
  // get_status until the device neither writes nor waits to be asked; works in between. The last report.
  StatusReport settle() {
    while (true) {
      const StatusReport report = status();
      waited_ms += report.poll_timeout_ms;
      if (!device.function().has_work()) return report;
      device.function().work();
      if (state() == State::manifest_wait_reset || state() == State::error) return status();
    }
  }
  // One block, as dfu-util sends it. Not ok: why.
  Status send_block(std::uint16_t number, Bytes data) {
    if (!dnload(number, data)) return status().status;
    return settle().status;
  }
  // The whole conversation from idle on. Not ok: why it ended.
  Status download(Bytes image, std::size_t block_size = transfer_size) {
    std::uint16_t number = 0;
    for (std::size_t at = 0; at < image.size(); at += block_size) {
      const Status s = send_block(number++, image.subspan(at, std::min(block_size, image.size() - at)));
      if (s != Status::ok) return s;
    }
    return send_block(number, {});
  }

 private:
  bool send(const usb::Setup& setup, Bytes data = {}) { return !device.control(setup, data).stalled; }

  boot::MemoryFlash memory_flash_;
  Buffer block_ = Buffer(transfer_size);

 public:
  agent::testing::TestPlatform platform;
  UsbDevice device;
  std::uint32_t waited_ms = 0;
};

}  // namespace lockstep::dfu::testing
