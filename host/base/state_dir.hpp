// Where this user's Lockstep keeps its state.
#pragma once

#include <filesystem>

namespace lockstep {

// $LOCKSTEP_STATE; else /var/lib/lockstep for root; else $XDG_STATE_HOME/lockstep or ~/.local/state/lockstep.
// The folder need not exist.
std::filesystem::path default_state_dir();

// The socket of the daemon that works on this state directory.
inline std::filesystem::path daemon_socket(const std::filesystem::path& state) { return state / "lockstepd.sock"; }

}  // namespace lockstep
