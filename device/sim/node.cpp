#include "device/sim/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "host/base/text.hpp"

namespace lockstep::sim {
namespace {

constexpr std::size_t usb_block_size = 1024;
constexpr std::size_t log_bytes = 8192;

template <std::size_t N>
std::string_view text_of(const char (&field)[N]) {
  return {field, static_cast<std::size_t>(std::find(field, field + N, '\0') - field)};
}

std::string_view why(const boot::Refusal& refusal) {
  switch (refusal.reason) {
    case boot::Refusal::Reason::not_verified: break;
    case boot::Refusal::Reason::below_counter: return "security counter too low";
    case boot::Refusal::Reason::other_device: return "for another device";
  }
  return mcuboot::text(refusal.why);
}

}  // namespace

std::vector<boot::Layout> NodeOptions::layouts() const {
  std::vector<boot::Layout> all{layout};
  for (const Component& c : more_components) all.push_back(c.layout);
  return all;
}

Node::Node(boot::Flash& flash, NodeOptions options, LogSink log, mcuboot::Crypto* crypto)
    : NodeFlash{{flash, options.faults.flash, options.layout, options.wait}, options.layouts()},
      Platform(faulty, image_layouts),
      options_(std::move(options)),
      log_(std::move(log)),
      crypto_(crypto != nullptr ? crypto : &own_crypto_),
      work_(std::max<std::size_t>(options_.buffer_size, image_layouts.size() * agent::Server::min_work)),
      log_memory_(log_bytes),
      ring_(log_memory_),
      usb_block_(usb_block_size) {}

void Node::say(const std::string& line) {
  ring_.line(line);
  log_(line);
}

void Node::hang(Time now) {
  state_ = State::hung;
  deadline_ = now + options_.watchdog;
}

void Node::power_on(Time now) {
  now_ = now;
  faulty.release();
  reset_requested_ = false;
  app_.reset();
  reports_.clear();
  unwell_.clear();
  server_.emplace(static_cast<agent::Platform&>(*this), work_);
  usb_.emplace(static_cast<agent::Platform&>(*this), usb_block_, options_.usb);
  ++bus_visit_;
  say(fmt::format("boot: lockstep-sim, mode={}", boot::text(options_.layout.mode)));
  if (!boot_images()) return;
  state_ = State::booting;
  deadline_ = now + options_.boot_time;
}

// The device runs when all of its images do.
bool Node::boot_images() {
  const boot::Trust trust{.crypto = *crypto_,
                          .keys = options_.keys,
                          .vendor = options_.vendor ? &*options_.vendor : nullptr,
                          .device_class = options_.device_class ? &*options_.device_class : nullptr};
  for (std::size_t image = 0; image < image_layouts.size(); ++image) {
    const auto report = boot::boot_image(flash(), image_layouts, image, trust);
    if (faulty.is_stuck()) {
      hang(now_);
      return false;
    }
    tell_boot(report, image);
    if (!report) {
      reports_.clear();
      state_ = State::halted;
      deadline_.reset();
      return false;
    }
    reports_.push_back(*report);
  }
  return true;
}

void Node::power_off() {
  state_ = State::off;
  deadline_.reset();
}

void Node::tell_boot(const Result<boot::BootReport, boot::Errc>& report, std::size_t image) {
  const std::string who = image == 0 ? "boot:" : fmt::format("boot: {}:", component(static_cast<int>(image)));
  if (!report) {
    say(fmt::format("{} halted: {}", who, boot::text(report.error())));
    return;
  }
  if (const int revoked = std::popcount(report->ratchet.revoked_keys)) {
    say(fmt::format("{} {} of {} keys {} revoked", who, revoked, options_.keys.size(), revoked == 1 ? "is" : "are"));
  }
  if (report->resumed) say(who + " finished a swap that a power cut had interrupted");
  if (report->refusal) say(fmt::format("{} image refused: {}", who, why(*report->refusal)));
  say(fmt::format("{} slot={} version={} hash={} action={} confirmed={}", who, report->slot,
                   mcuboot::VersionText(report->image.header.version).view(),
                   to_hex(Bytes(report->image.image_hash).first(6)), boot::text(report->action),
                   report->confirmed ? "yes" : "no"));
}

std::optional<agent::AppDescriptor> Node::descriptor(std::size_t image) {
  const mcuboot::Header& header = reports_[image].image.header;
  boot::FlashArea payload =
      boot::slot_area(flash(), image_layouts[image], reports_[image].slot).from(header.header_size);
  return agent::find_app_descriptor(payload, header.payload_size);
}

void Node::start_application(Time now) {
  app_ = descriptor(0);
  for (std::size_t image = 1; image < reports_.size(); ++image) {
    const auto other = descriptor(image);
    const bool unwell = other && (other->flags & agent::AppDescriptor::unhealthy) != 0;
    if (unwell) unwell_ = fmt::format("the component {} is not well", component(static_cast<int>(image)));
  }
  const mcuboot::VersionText image_version(reports_[0].image.header.version);
  const std::string app = fmt::format("app: {} {} slot={}", app_ ? text_of(app_->name) : "unknown",
                                      app_ ? text_of(app_->version) : image_version.view(), reports_[0].slot);
  say(fmt::format("{} serial={} starting", app, options_.serial));
  if (app_ && agent::hangs_on(app_->flags, options_.revision)) {
    hang(now);
    return;
  }
  say(app + " ready");
  state_ = State::running;
  started_ = now;
  wait_for_deadline();
}

// Only an image on test has something to wait for.
void Node::wait_for_deadline() {
  deadline_.reset();
  const bool on_test = !std::ranges::all_of(reports_, &boot::BootReport::confirmed);
  const bool limited = options_.confirm_deadline > Milliseconds(0) && on_test;
  if (limited) deadline_ = started_ + options_.confirm_deadline;
}

void Node::obey_reset_request() {
  if (!reset_requested_ || state_ != State::running) return;
  say("app: reset requested");
  state_ = State::resetting;
  deadline_ = now_ + options_.reset_delay;
}

void Node::tick(Time now) {
  now_ = now;
  if (!deadline_ || now < *deadline_) return;
  switch (state_) {
    case State::booting: return start_application(now);
    case State::running:  // the image on test had its time
      deadline_.reset();
      server_->tick();
      if (reset_requested_) say("app: nobody confirmed in time");
      return obey_reset_request();
    case State::hung:
      say(faulty.is_stuck() ? "watchdog: the flash is busy for ever, reset" : "watchdog: the application hangs, reset");
      return power_on(now);
    case State::resetting: return power_on(now);
    case State::off:
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
  now_ = now;
  if (!is_running() || options_.faults.silent) return {};
  // Now and then the application speaks in between, as real ones do on the same UART.
  if (++requests_ % 16 == 1) say(fmt::format("app: {} requests so far", requests_));
  const Bytes answer = server_->handle(request);
  if (faulty.is_stuck()) return hang(now), Bytes{};
  const bool lost = is_lost(answer);
  obey_reset_request();
  return lost ? Bytes{} : answer;
}

usb::Answer Node::control(const usb::Setup& setup, Bytes data, Time now) {
  now_ = now;
  if (!is_on_bus()) return {.stalled = true};
  usb_work();  // a board would be deaf until it is done
  dfu::Function& function = usb_->function();
  const bool was_there = !function.wants_reattach();
  const dfu::State before = function.state();
  const usb::Answer answer = usb_->control(setup, data);
  if (faulty.is_stuck()) return hang(now), usb::Answer{.stalled = true};
  if (function.state() == dfu::State::error && before != dfu::State::error) {
    say(fmt::format("dfu: {}", dfu::text(function.status())));
  }
  if (was_there && function.wants_reattach()) {
    say("usb: leaves the bus to come back in DFU mode");
    ++bus_visit_;
  }
  obey_reset_request();
  return answer;
}

void Node::on_bus_reset(Time now) {
  now_ = now;
  if (!is_on_bus()) return;
  usb_work();
  usb_->on_bus_reset();
  say(fmt::format("usb: bus reset, {}", dfu::text(usb_->function().state())));
  obey_reset_request();
}

std::string_view Node::component(int image) {
  return image == 0 ? options_.component : options_.more_components[static_cast<std::size_t>(image) - 1].name;
}

agent::Identity Node::identity() {
  return {.board = options_.board,
          .revision = options_.revision,
          .serial = options_.serial,
          .product = options_.product};
}

std::uint64_t Node::uptime_ms() {
  return static_cast<std::uint64_t>(std::chrono::floor<Milliseconds>(now_ - started_).count());
}

agent::SelfTest Node::self_test() {
  if (now_ - started_ < options_.self_test) return agent::SelfTest::running;
  const bool fails = options_.faults.unhealthy || has_flag(agent::AppDescriptor::unhealthy) || !unwell_.empty();
  return fails ? agent::SelfTest::failed : agent::SelfTest::passed;
}

agent::Health Node::health() {
  if (!unwell_.empty()) return {.healthy = false, .detail = unwell_};
  return {.healthy = true, .detail = "all self-tests passed"};
}

}  // namespace lockstep::sim
