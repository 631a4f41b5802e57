// One device of a fleet: the node with its flash behind a wire that may be bad and is not always there.
#pragma once

#include <memory>

#include "device/fleet/scenario.hpp"
#include "device/sim/agenda.hpp"
#include "device/sim/fleet_wire.hpp"
#include "device/sim/node.hpp"
#include "device/sim/sparse_flash.hpp"

namespace lockstep::sim {

// What all devices of a fleet share. It outlives them.
struct FleetShared {
  mcuboot::Crypto* crypto = nullptr;
  std::vector<mcuboot::PublicKey> keys{};
  Agenda agenda{};
  Time monday{};     // when the fleet's week began
  bool log = false;  // the devices' log to stderr
};

// The layout of its flash.
boot::Layout layout_of(const fleet::Kind& kind);

class FleetDevice {
 public:
  // `number` is what the agenda calls it. Borrows `what` and `shared`.
  FleetDevice(const fleet::Device& what, std::uint32_t number, std::unique_ptr<SparseFlash> flash,
              std::unique_ptr<FleetWire> wire, FleetShared& shared);
  FleetDevice(const FleetDevice&) = delete;
  FleetDevice& operator=(const FleetDevice&) = delete;

  // Switches on and comes into contact, if it is its time.
  Outcome<void> start(Time now);
  // Takes what came over the wire.
  void serve(Time now);
  // Does what the agenda had for it.
  Outcome<void> on_due(Due due, Time now);

  const fleet::Device& what() const { return *what_; }
  const std::string& uri() const { return wire_->uri(); }
  bool is_awake() const { return awake_; }

 private:
  Outcome<void> meet_schedule(Time now);
  void power_on(Time now);
  void take(Bytes request, FleetWire::Peer from, Time now);
  void arrive(Bytes request, FleetWire::Peer from, std::optional<std::uint64_t> wrong_bit, Time now);
  void answer(Bytes message, FleetWire::Peer to, Time now);
  void after_work(Time now);
  void log(const std::string& line);

  const fleet::Device* what_;
  std::uint32_t number_;
  FleetShared* shared_;
  std::unique_ptr<FleetWire> wire_;
  std::unique_ptr<SparseFlash> store_;
  boot::CutFlash flash_;
  Node node_;
  fleet::Weather weather_;
  bool awake_ = false;
  bool powered_ = false;
  std::optional<Time> planned_;  // the node's deadline that the agenda knows
};

}  // namespace lockstep::sim
