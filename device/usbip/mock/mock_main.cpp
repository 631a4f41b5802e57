// usbip-mock SOCKET PROGRAM [ARGUMENT...]: runs a program that uses libusb, with one USB port in which the device sits
// that is shown by USB/IP on the Unix socket. No kernel, no rights. Exits as the program did.
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "device/usbip/mock/mock_bus.hpp"

namespace {

using namespace lockstep;

constexpr char preload[] = "libumockdev-preload.so.0";

struct Run {
  usbip::MockBus* bus;
  GMainLoop* loop;
  char** command;
  pid_t child = 0;
  int status = 0;
};

// The program starts when the device is there: dfu-util looks once.
gboolean on_tick(gpointer data) {
  Run& run = *static_cast<Run*>(data);
  run.bus->tick();
  if (run.child == 0 && run.bus->is_plugged()) {
    if (::posix_spawnp(&run.child, run.command[0], nullptr, nullptr, run.command, environ) != 0) {
      fmt::print(stderr, "usbip-mock: cannot start {}\n", run.command[0]);
      run.status = 127;
      g_main_loop_quit(run.loop);
    }
  }
  int status = 0;
  if (run.child > 0 && ::waitpid(run.child, &status, WNOHANG) == run.child) {
    run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    g_main_loop_quit(run.loop);
  }
  return 1;
}

// Sending uevents needs the library here too, and it has to be loaded before everything else.
void be_preloaded(char** argv) {
  const char* const loaded = ::getenv("LD_PRELOAD");
  if (loaded != nullptr && std::string_view(loaded).find(preload) != std::string_view::npos) return;
  ::setenv("LD_PRELOAD", preload, 1);
#ifdef LOCKSTEP_SANITIZED
  ::setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0", 1);  // glib keeps some for good
#endif
  ::execv("/proc/self/exe", argv);
  fmt::print(stderr, "usbip-mock: cannot start itself again\n");
  std::exit(127);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: usbip-mock SOCKET PROGRAM [ARGUMENT...]\n");
    return 2;
  }
  be_preloaded(argv);
  usbip::MockBus bus(argv[1]);
  Run run{.bus = &bus, .loop = g_main_loop_new(nullptr, 0), .command = argv + 2};
  g_timeout_add(5, on_tick, &run);
  g_main_loop_run(run.loop);
  g_main_loop_unref(run.loop);
  return run.status;
}
