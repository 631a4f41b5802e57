#include "device/sim/fleet_device.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "device/sim/flip_bit.hpp"
#include "device/sim/layout.hpp"

namespace lockstep::sim {
namespace {

boot::Mode mode_of(fleet::Mode mode) {
  switch (mode) {
    case fleet::Mode::swap: return boot::Mode::swap;
    case fleet::Mode::overwrite: return boot::Mode::overwrite_only;
    case fleet::Mode::direct_xip: return boot::Mode::direct_xip;
    case fleet::Mode::ram_load: return boot::Mode::ram_load;
  }
  return boot::Mode::swap;
}

NodeOptions options_of(const fleet::Device& what, const FleetShared& shared) {
  const fleet::Faults& faults = what.faults;
  return {.layout = layout_of(what.kind),
          .keys = shared.keys,
          .board = what.kind.board,
          .revision = what.kind.revision,
          .serial = what.serial,
          .product = what.kind.product,
          .buffer_size = what.kind.buffer_bytes,
          .boot_time = what.kind.boot_time,
          .watchdog = what.kind.watchdog,
          .faults = {.silent = faults.silent,
                     .unhealthy = faults.unhealthy,
                     .no_reset_answer = faults.no_reset_answer,
                     .drop_every = faults.drop_every}};
}

}  // namespace

boot::Layout layout_of(const fleet::Kind& kind) { return layout_for(kind.slot_bytes, mode_of(kind.mode)); }

FleetDevice::FleetDevice(const fleet::Device& what, std::uint32_t number, std::unique_ptr<SparseFlash> flash,
                         std::unique_ptr<FleetWire> wire, FleetShared& shared)
    : what_(&what),
      number_(number),
      shared_(&shared),
      wire_(std::move(wire)),
      store_(std::move(flash)),
      flash_(*store_, what.faults.cut_at, what.faults.torn ? boot::CutFlash::Last::torn : boot::CutFlash::Last::skipped),
      node_(flash_, options_of(what, shared), [this](const std::string& line) { log(line); }, shared.crypto),
      weather_(what.kind.link, what.luck) {}

void FleetDevice::log(const std::string& line) {
  wire_->log(line);
  if (shared_->log) fmt::print(stderr, "{}: {}\n", what_->serial, line);
}

Outcome<void> FleetDevice::start(Time now) {
  LOCKSTEP_CHECK(meet_schedule(now));
  power_on(now);
  return {};
}

Outcome<void> FleetDevice::meet_schedule(Time now) {
  const auto moment = std::chrono::floor<Milliseconds>(now - shared_->monday);
  awake_ = fleet::is_awake(what_->contact, moment);
  if (awake_) LOCKSTEP_CHECK(wire_->wake());
  if (!awake_) wire_->sleep();
  if (const auto change = fleet::next_change(what_->contact, moment)) {
    shared_->agenda.add({.at = shared_->monday + *change, .device = number_, .what = Due::What::contact});
  }
  return {};
}

void FleetDevice::power_on(Time now) {
  powered_ = true;
  node_.power_on(now);
  after_work(now);
}

void FleetDevice::serve(Time now) {
  wire_->serve([this, now](Bytes request, FleetWire::Peer from) { take(request, from, now); });
}

void FleetDevice::take(Bytes request, FleetWire::Peer from, Time now) {
  for (const fleet::Arrival& arrival : weather_.next()) {
    if (arrival.wrong_bit && wire_->is_checked()) continue;
    if (arrival.after == Milliseconds{}) {
      arrive(request, from, arrival.wrong_bit, now);
    } else {
      shared_->agenda.add({.at = now + arrival.after, .device = number_, .what = Due::What::request, .peer = from,
                           .message = Buffer(request.begin(), request.end()), .wrong_bit = arrival.wrong_bit});
    }
  }
}

void FleetDevice::arrive(Bytes request, FleetWire::Peer from, std::optional<std::uint64_t> wrong_bit, Time now) {
  Buffer spoiled;
  if (wrong_bit) {
    spoiled.assign(request.begin(), request.end());
    flip_bit(spoiled, *wrong_bit);
    request = spoiled;
  }
  const Bytes reply = node_.handle(request, now);
  after_work(now);
  if (powered_ && !reply.empty()) answer(reply, from, now);
}

void FleetDevice::answer(Bytes message, FleetWire::Peer to, Time now) {
  for (const fleet::Arrival& arrival : weather_.next()) {
    if (arrival.after == Milliseconds{}) {
      wire_->send(message, to, arrival.wrong_bit);
    } else {
      shared_->agenda.add({.at = now + arrival.after, .device = number_, .what = Due::What::answer, .peer = to,
                           .message = Buffer(message.begin(), message.end()), .wrong_bit = arrival.wrong_bit});
    }
  }
}

// The node did something: its power may be gone since, or it may want to be called at another time.
void FleetDevice::after_work(Time now) {
  if (powered_ && flash_.is_cut()) {
    powered_ = false;
    node_.power_off();
    log("power: cut at a flash operation, as asked");
    shared_->agenda.add({.at = now + what_->faults.off, .device = number_, .what = Due::What::power});
  }
  const auto deadline = node_.deadline();
  if (!deadline || deadline == planned_) return;
  planned_ = deadline;
  shared_->agenda.add({.at = *deadline, .device = number_, .what = Due::What::node});
}

Outcome<void> FleetDevice::on_due(Due due, Time now) {
  switch (due.what) {
    case Due::What::contact: return meet_schedule(now);
    case Due::What::power:
      flash_.power_on();
      power_on(now);
      return {};
    case Due::What::node:
      if (planned_ == due.at) planned_.reset();
      node_.tick(now);
      after_work(now);
      return {};
    case Due::What::request:
      if (awake_) arrive(due.message, due.peer, due.wrong_bit, now);
      return {};
    case Due::What::answer:
      if (awake_) wire_->send(due.message, due.peer, due.wrong_bit);
      return {};
  }
  return {};
}

}  // namespace lockstep::sim
