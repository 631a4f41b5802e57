// For tests: the real device code (boot, swap, agent) in this process, behind a link whose host can be killed at every
// message and whose power can be cut at every operation on its flash.
#pragma once

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "device/boot/memory_flash.hpp"
#include "device/sim/node.hpp"
#include "host/update/fake_board.hpp"
#include "host/update/test_images.hpp"

namespace lockstep::update::test {

inline constexpr std::uint32_t sector = 4096;
inline constexpr std::uint32_t slot_bytes = 4 * sector;
// What one image takes: its two slots and its ratchet.
inline constexpr std::uint32_t image_bytes = 2 * slot_bytes + 3 * sector;

inline boot::Layout layout(boot::Mode mode, std::uint32_t image = 0) {
  const std::uint32_t begin = image * image_bytes;
  return {.mode = mode,
          .slot0 = {begin, slot_bytes},
          .slot1 = {begin + slot_bytes, slot_bytes + sector},
          .ratchet = {begin + 2 * slot_bytes + sector, 2 * sector}};
}

inline sim::NodeOptions node_options(boot::Mode mode) {
  sim::NodeOptions options;
  options.layout = layout(mode);
  options.keys = {signing_key().public_key().mcuboot()};
  options.serial = "SN1";
  options.buffer_size = 2048;
  options.boot_time = std::chrono::milliseconds(2);
  options.reset_delay = std::chrono::milliseconds(1);
  options.watchdog = std::chrono::milliseconds(3);
  return options;
}

// A device with its flash, an image in slot 0 for each seed; lives on when the host dies.
struct Device {
  boot::Geometry geometry;
  Buffer memory;
  boot::MemoryFlash flash{geometry, memory};
  boot::CutFlash power{flash};  // its power is cut where the test says
  sim::Node node;
  std::function<void()> watched = [] {};               // called after each message and boot
  std::function<bool()> hears = [] { return true; };   // asked before each message; false: nobody listens just now

  Device(const std::vector<Buffer>& seeds, sim::NodeOptions options)
      : geometry{.size = static_cast<std::uint32_t>(seeds.size()) * image_bytes, .sector_size = sector, .write_align = 8},
        memory(geometry.size, boot::erased_byte),
        node((fill(seeds), power), std::move(options), [](const std::string&) {}) {
    node.power_on(std::chrono::steady_clock::now());
  }
  Device(const Buffer& seed, sim::NodeOptions options) : Device(std::vector<Buffer>{seed}, std::move(options)) {}

  void pass_time() {
    const auto now = std::chrono::steady_clock::now();
    while (node.deadline() && *node.deadline() <= now) {
      node.tick(now);
      rise_after_a_cut();
    }
  }
  // True: the power went, and is back; whatever was going to be answered is lost.
  bool rise_after_a_cut() {
    if (!power.is_cut()) return false;
    power.power_on();
    node.power_on(std::chrono::steady_clock::now());
    return true;
  }

 private:
  void fill(const std::vector<Buffer>& seeds) {
    for (std::size_t i = 0; i < seeds.size(); ++i)
      std::ranges::copy(seeds[i], memory.begin() + static_cast<std::ptrdiff_t>(i * image_bytes));
  }
};

// One packet, one message. A device that does not run refuses packets, as a UDP port that nobody listens on.
class NodeLink final : public link::Link {
 public:
  NodeLink(asio::any_io_executor executor, Device& device, Fate& fate)
      : device_(device), fate_(fate), wake_(executor, std::chrono::steady_clock::time_point::max()) {}

  asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes into) override {
    co_await fate_.point();
    while (answers_.empty()) {
      (void)co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto stop = co_await asio::this_coro::cancellation_state;
      if (stop.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "stopped");
    }
    const Buffer answer = std::move(answers_.front());
    answers_.pop_front();
    std::ranges::copy(answer, into.begin());
    co_return answer.size();
  }

  asio::awaitable<Outcome<void>> write_all(Bytes bytes) override {
    co_await fate_.point();
    device_.pass_time();
    if (!device_.hears() || !device_.node.is_running()) co_return fail(ErrorKind::unreachable, "node: connection refused");
    const Bytes answer = device_.node.handle(bytes, std::chrono::steady_clock::now());
    const bool cut = device_.rise_after_a_cut();
    if (!answer.empty() && !cut) answers_.push_back(to_buffer(answer));
    device_.watched();
    wake_.cancel();
    co_return Outcome<void>();
  }

  void close() override {}
  const std::string& name() const override { return name_; }

 private:
  Device& device_;
  Fate& fate_;
  asio::steady_timer wake_;
  std::deque<Buffer> answers_;
  std::string name_ = "node";
};

inline asio::awaitable<Outcome<std::unique_ptr<link::Link>>> open_node(asio::any_io_executor executor, Device& device,
                                                                       Fate& fate) {
  std::unique_ptr<link::Link> link = std::make_unique<NodeLink>(executor, device, fate);
  co_return link;
}

}  // namespace lockstep::update::test
