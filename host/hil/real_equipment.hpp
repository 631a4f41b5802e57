// Drivers for rigs as their files describe them.
#pragma once

#include "host/hil/drivers.hpp"

namespace lockstep::hil {

// power: process; console: unix; flash: file; smp: any link URI, or a console of the rig.
class RealEquipment final : public Equipment {
 public:
  Outcome<Drivers> assemble(const Rig& rig, asio::any_io_executor executor, const RunRequest& request) override;
};

// The clocks of this machine.
class SystemClock final : public Clock {
 public:
  Moment now() const override;
};

}  // namespace lockstep::hil
