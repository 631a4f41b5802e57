#include "device/qemu/host/faults/plugins.hpp"

namespace lockstep::board {
namespace {

std::filesystem::path plugin(const char* name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "lib" / name;
}

}  // namespace

std::filesystem::path executions_plugin() { return plugin("libexecutions.so"); }
std::filesystem::path power_cut_plugin() { return plugin("libpower_cut.so"); }

}  // namespace lockstep::board
