// What an application says about itself inside its image. The reference firmwares embed one, and the simulator,
// which cannot run the code, looks for it to behave as the firmware would.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocols/mcuboot/source.hpp"

namespace lockstep::agent {

// Little-endian, 4-byte aligned inside the payload, 44 bytes.
struct AppDescriptor {
  static constexpr std::uint32_t hang_after_boot = 1u << 0;  // never answers; the watchdog has to reset it
  static constexpr std::uint32_t unhealthy = 1u << 1;        // answers, and reports that it is not well
  static constexpr std::uint32_t hang_on_revision_2 = 1u << 2;  // as hang_after_boot, but only on boards of revision 2.x

  char magic[8] = {'L', 'K', 'S', 'T', 'A', 'P', 'P', '1'};
  std::uint32_t flags = 0;
  char name[16] = {};     // filled with zeros
  char version[16] = {};  // filled with zeros
};
static_assert(sizeof(AppDescriptor) == 44);

// Does an application with these flags hang on a board of this revision ("2.0")?
bool hangs_on(std::uint32_t flags, std::string_view revision);

// The first descriptor in the first `length` bytes of `payload`, or nothing. Read errors count as nothing.
std::optional<AppDescriptor> find_app_descriptor(mcuboot::Source& payload, std::uint32_t length);

}  // namespace lockstep::agent
