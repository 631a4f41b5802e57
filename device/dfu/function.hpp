// The DFU function of a device: takes the class requests of its DFU interface and answers them, in run-time and in DFU
// mode. It has no clock, no wires and no loop: whoever owns it (the board's USB code, a simulator) calls it and does
// what wants_reattach(), detach_timer_ms() and has_work() say after each call. What each state does: transitions.hpp.
#pragma once

#include <cstdint>
#include <optional>

#include "device/dfu/download.hpp"
#include "device/dfu/transitions.hpp"
#include "protocols/usb/setup.hpp"

namespace lockstep::dfu {

using usb::Answer;

struct FunctionOptions {
  std::uint8_t attributes = attribute::can_download | attribute::can_upload | attribute::will_detach;
  std::uint16_t detach_timeout_ms = 1000;  // the longest that a host may take for its bus reset
  Timing timing{};
};

class Function {
 public:
  // Borrows platform and block buffer for its life. The buffer is the transfer size: 64 bytes or more, at most 65535.
  // Begins as after power-on, in app_idle.
  Function(agent::Platform& platform, MutableBytes block, const FunctionOptions& options);

  // One class request to the DFU interface. `data` is what an out transfer brought, borrowed for the call.
  Answer control(const usb::Setup& setup, Bytes data);
  // The host reset the bus, or the device came back to it. When a new image waits for its boot, the platform is asked for
  // a reset.
  void on_bus_reset();

  // After a call: leave the bus and come back, so that the host resets it (attribute::will_detach).
  bool wants_reattach() const { return state_ == State::app_detach && options_has(attribute::will_detach); }
  // After a call: on_detach_timeout() is due so long after the request; 0: no timer runs.
  std::uint32_t detach_timer_ms() const {
    return state_ == State::app_detach && !options_has(attribute::will_detach) ? detach_timer_ms_ : 0;
  }
  void on_detach_timeout() { take(Event::detach_timeout, {}); }
  // After a call, and after its answer was sent: flash is to be written, which takes as long as the host was told.
  bool has_work() const { return state_ == State::dnload_busy || state_ == State::manifest; }
  void work();

  State state() const { return state_; }
  Status status() const { return verdict_.status; }
  bool is_in_dfu_mode() const { return dfu::is_in_dfu_mode(state_); }
  // Which of the two interfaces the descriptors are to show. Until a device that is going to restart does so, it stays
  // the one that it was: a host that compares after its bus reset finds the same device, and reports no error.
  bool shows_dfu_mode() const { return is_in_dfu_mode() || is_restarting_; }
  FunctionalDescriptor descriptor() const;
  // The string indices from here on are texts of VendorError, beginning with slot_in_use.
  void set_vendor_strings(std::uint8_t first) { vendor_strings_ = first; }

 private:
  bool options_has(std::uint8_t a) const { return (options_.attributes & a) != 0; }
  std::optional<Event> event_of(const usb::Setup& setup) const;
  // What is true of a request that the state knows; remembers why it is not granted in verdict_.
  Facts look_at(Event event, const usb::Setup& setup, Bytes data);
  Verdict accept_block(const usb::Setup& setup, Bytes data);
  Verdict read_upload(const usb::Setup& setup);
  bool take(Event event, const Facts& facts);
  void enter(State next);
  Answer stall();
  Bytes answer_to(Event event, std::uint16_t length);
  Bytes status_report();

  agent::Platform* platform_;
  agent::Slots slots_;
  MutableBytes block_;
  FunctionOptions options_;
  Download download_;
  State state_ = State::app_idle;
  Verdict verdict_{};
  std::uint32_t detach_timer_ms_ = 0;
  bool is_fresh_ = false;          // in DFU mode, but nobody has asked anything yet
  bool is_pending_ = false;        // work for the next get_status to begin
  bool restarts_ = false;          // a new image waits for its boot
  bool is_restarting_ = false;     // the platform was asked for it; afterwards there is another Function
  std::size_t block_size_ = 0;     // of the block that waits, or of the piece read for an upload
  std::uint32_t upload_at_ = 0;    // bytes of the running image sent so far
  std::uint16_t upload_block_ = 0;
  std::uint8_t vendor_strings_ = 0;
  std::array<std::byte, StatusReport::size> report_{};
};

}  // namespace lockstep::dfu
