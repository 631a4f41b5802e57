#include "device/sim/node.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"

namespace lockstep::sim {
namespace {

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
      work_(std::max<std::size_t>(options_.buffer_size, agent::Server::min_work)) {}

void Node::power_on(Time now) {
  reset_requested_ = false;
  app_.reset();
  report_.reset();
  server_.emplace(static_cast<agent::Platform&>(*this), work_);
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
  if (reset_requested_ && state_ == State::running) {
    log_("app: reset requested");
    state_ = State::resetting;
    deadline_ = now + options_.reset_delay;
  }
  return lost ? Bytes{} : answer;
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
