#include "host/base/state_dir.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string>

namespace lockstep {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::filesystem::path default_state_dir() {
  if (const std::string state = environment("LOCKSTEP_STATE"); !state.empty()) return state;
  if (::geteuid() == 0) return "/var/lib/lockstep";
  if (const std::string xdg = environment("XDG_STATE_HOME"); !xdg.empty()) return std::filesystem::path(xdg) / "lockstep";
  return std::filesystem::path(environment("HOME")) / ".local/state/lockstep";
}

}  // namespace lockstep
