// What a host wants of the device in a sweep, and what must hold on the way. A scenario keeps no state of its own: what
// it does in a life follows from what the device reports, so that a life that a power cut ended can be lived again.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "device/sweep/device.hpp"

namespace lockstep::sweep {

// What one life showed.
struct Life {
  const Image* ran = nullptr;  // null: none of the scenario's images
  int slot = 0;                // it lies there
  bool confirmed = false;
  bool refused = false;        // an image was asked for and may not run
  std::uint32_t counter = 0;   // the stored one after the boot
  std::uint32_t operations = 0;  // flash operations, boot and application together
};

struct Scenario {
  const char* name;
  std::span<const boot::Mode> modes;
  const Image& (*from)(const Images&);  // the image that runs at the start, and must be there until...
  const Image& (*to)(const Images&);    // ... this one is confirmed
  bool patched;   // needs Images::patch
  bool may_test;  // whether `to` may run on test on the way; false: it was asked for for good
  // Brings a factory-new device (slot 0 holds the first image) to the scenario's start; null: it is there.
  void (*prepare)(boot::Flash&, const boot::Layout&, const Images&);
  // What application and host do after a boot.
  void (*act)(Application&, const Life&, const Images&);
  // Whether the host has what it wants. `before` is the life before, if there was one without a cut in between.
  bool (*reached)(const Life* before, const Life& now, const Images&);
};

std::span<const Scenario> all_scenarios();

// What is wrong about this life as such; nothing when all is well.
std::optional<std::string> complaint(const Scenario& scenario, const boot::Layout& layout, const Images& images,
                                     const Life& life);

// Runs the boot of one life.
Result<Life, boot::Errc> begin_life(boot::Flash& flash, const boot::Layout& layout, const Images& images);

// Slot 0 holds the first image and nothing else is there.
Buffer factory_memory(const Shape& shape, boot::Mode mode, const Images& images);
// The memory in which a scenario begins.
Buffer start_memory(const Scenario& scenario, const Shape& shape, boot::Mode mode, const Images& images);

}  // namespace lockstep::sweep
