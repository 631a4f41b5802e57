// The QEMU plugins that the fault programs load.
#pragma once

#include <filesystem>

namespace lockstep::board {

// They lie beside the programs that use them: build/<preset>/{bin,lib}.
std::filesystem::path executions_plugin();
std::filesystem::path power_cut_plugin();

}  // namespace lockstep::board
