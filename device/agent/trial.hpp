// An image on test: what has to be true before it may be confirmed, and until when somebody must do it.
#pragma once

#include <cstdint>
#include <optional>

#include "device/agent/slots.hpp"

namespace lockstep::agent {

std::string_view text(SelfTest t);

// What the platform says, and not well while its self-test has not passed.
Health health_of(Platform& platform);

class Trial {
 public:
  explicit Trial(Platform& platform) : platform_(&platform) {}

  // Whether a running image, any of the device's, goes at the next reset unless it is confirmed.
  bool on_test();
  // How long that may last still; nothing when it is not on test, or when there is no deadline.
  std::optional<std::uint64_t> left_ms();
  // Asks the platform for a reset, once, when nobody confirmed in time: the boot code then reverts.
  void tick();

 private:
  Platform* platform_;
  bool over_ = false;  // decided; the flash need not be looked at again
};

}  // namespace lockstep::agent
