#include "device/sim/node.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"

namespace lockstep::sim {
namespace {

constexpr std::size_t usb_block_size = 1024;

template <std::size_t N>
std::string_view text_of(const char (&field)[N]) {
  return {field, static_cast<std::size_t>(std::find(field, field + N, '\0') - field)};
}

}  // namespace

Node::Node(boot::Flash& flash, NodeOptions options, LogSink log, mcuboot::Crypto* crypto)
    : Platform(flash, options_.layout),
      options_(std::move(options)),
      log_(std::move(log)),
      crypto_(crypto != nullptr ? crypto : &own_crypto_),
      work_(std::max<std::size_t>(options_.buffer_size, agent::Server::min_work)),
      usb_block_(usb_block_size) {}

void Node::power_on(Time now) {
  reset_requested_ = false;
  app_.reset();
  report_.reset();
  server_.emplace(static_cast<agent::Platform&>(*this), work_);
  usb_.emplace(static_cast<agent::Platform&>(*this), usb_block_, options_.usb);
  ++bus_visit_;
  log_(fmt::format("boot: lockstep-sim, mode={}", boot::text(options_.layout.mode)));
  const auto report = boot::boot(flash(), options_.layout, {.crypto = *crypto_, .keys = options_.keys});
  tell_boot(report);
  if (!report) {
    state_ = State::halted;
    deadline_.reset();
    return;
  }
  report_ = *report;
  state_ = State::booting;
  deadline_ = now + options_.boot_time;
}

void Node::power_off() {
  state_ = State::off;
  deadline_.reset();
}

void Node::tell_boot(const Result<boot::BootReport, boot::Errc>& report) {
  if (!report) {
    log_(fmt::format("boot: halted: {}", boot::text(report.error())));
    return;
  }
  if (report->resumed) log_("boot: finished a swap that a power cut had interrupted");
  if (report->refusal) {
    const auto why = report->refusal->below_counter ? "security counter too low" : mcuboot::text(report->refusal->why);
    log_(fmt::format("boot: image refused: {}", why));
  }
  log_(fmt::format("boot: slot={} version={} hash={} action={} confirmed={}", report->slot,
                   mcuboot::VersionText(report->image.header.version).view(),
                   to_hex(Bytes(report->image.image_hash).first(6)), boot::text(report->action),
                   report->confirmed ? "yes" : "no"));
}

void Node::start_application(Time now) {
  boot::FlashArea slot = boot::slot_area(flash(), options_.layout, report_->slot);
  const mcuboot::Header& header = report_->image.header;
  boot::FlashArea payload = slot.from(header.header_size);
  app_ = agent::find_app_descriptor(payload, header.payload_size);
  const mcuboot::VersionText image_version(header.version);
  const std::string app = fmt::format("app: {} {} slot={}", app_ ? text_of(app_->name) : "unknown",
                                      app_ ? text_of(app_->version) : image_version.view(), report_->slot);
  log_(fmt::format("{} serial={} starting", app, options_.serial));
  if (app_ && agent::hangs_on(app_->flags, options_.revision)) {
    state_ = State::hung;
    deadline_ = now + options_.watchdog;
    return;
  }
  log_(app + " ready");
  state_ = State::running;
  deadline_.reset();
}

void Node::tick(Time now) {
  if (!deadline_ || now < *deadline_) return;
  switch (state_) {
    case State::booting: return start_application(now);
    case State::hung:
      log_("watchdog: the application hangs, reset");
      return power_on(now);
    case State::resetting: return power_on(now);
    case State::off:
    case State::running:
    case State::halted: deadline_.reset();
  }
}

bool Node::is_lost(Bytes answer) {
  if (answer.empty()) return false;
  ++answers_;
  const bool dropped = options_.faults.drop_every != 0 && answers_ % options_.faults.drop_every == 0;
  return dropped || (reset_requested_ && options_.faults.no_reset_answer);
}

Bytes Node::handle(Bytes request, Time now) {
  if (!is_running() || options_.faults.silent) return {};
  // Now and then the application speaks in between, as real ones do on the same UART.
  if (++requests_ % 16 == 1) log_(fmt::format("app: {} requests so far", requests_));
  const Bytes answer = server_->handle(request);
  const bool lost = is_lost(answer);
  heed_reset_request(now);
  return lost ? Bytes{} : answer;
}

void Node::heed_reset_request(Time now) {
  if (!reset_requested_ || state_ != State::running) return;
  log_("app: reset requested");
  state_ = State::resetting;
  deadline_ = now + options_.reset_delay;
}

usb::Answer Node::control(const usb::Setup& setup, Bytes data, Time now) {
  if (!is_on_bus()) return {.stalled = true};
  usb_work();  // a board would be deaf until it is done
  dfu::Function& function = usb_->function();
  const bool was_there = !function.wants_reattach();
  const dfu::State before = function.state();
  const usb::Answer answer = usb_->control(setup, data);
  if (function.state() == dfu::State::error && before != dfu::State::error) {
    log_(fmt::format("dfu: {}", dfu::text(function.status())));
  }
  if (was_there && function.wants_reattach()) {
    log_("usb: leaves the bus to come back in DFU mode");
    ++bus_visit_;
  }
  heed_reset_request(now);
  return answer;
}

void Node::on_bus_reset(Time now) {
  if (!is_on_bus()) return;
  usb_work();
  usb_->on_bus_reset();
  log_(fmt::format("usb: bus reset, {}", dfu::text(usb_->function().state())));
  heed_reset_request(now);
}

agent::Identity Node::identity() {
  return {.board = options_.board,
          .revision = options_.revision,
          .serial = options_.serial,
          .product = options_.product};
}

agent::Health Node::health() {
  if (options_.faults.unhealthy || has_flag(agent::AppDescriptor::unhealthy)) {
    return {.healthy = false, .detail = "the self-test failed"};
  }
  return {.healthy = true, .detail = "all self-tests passed"};
}

}  // namespace lockstep::sim
