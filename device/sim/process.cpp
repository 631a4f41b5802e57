#include "device/sim/process.hpp"

#include <signal.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <cstring>

#include "host/base/crypto.hpp"

namespace lockstep::sim {

Outcome<int> open_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const int file = ::signalfd(-1, &set, SFD_CLOEXEC);
  if (file < 0) return fail(ErrorKind::io, std::string("cannot watch for signals: ") + std::strerror(errno));
  return file;
}

Outcome<std::vector<mcuboot::PublicKey>> load_keys(const std::vector<std::string>& paths) {
  std::vector<mcuboot::PublicKey> keys;
  for (const std::string& path : paths) {
    LOCKSTEP_TRY(key, PublicKey::load(path));
    keys.push_back(key.mcuboot());
  }
  return keys;
}

}  // namespace lockstep::sim
