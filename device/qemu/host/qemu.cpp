#include "device/qemu/host/qemu.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "device/qemu/pages/flash_map.hpp"

namespace lockstep::board {
namespace {

Error error(ErrorKind kind, std::string what, std::string next = {}) {
  return {.kind = kind, .what = std::move(what), .next = std::move(next)};
}

// QEMU splits its options at commas; a comma that belongs to a value is doubled.
std::string quoted(const std::filesystem::path& path) {
  std::string out;
  for (const char c : path.string()) out += c == ',' ? ",," : std::string(1, c);
  return out;
}

std::string socket_option(std::string_view id, const std::filesystem::path& path, bool wait) {
  return fmt::format("socket,id={},path={},server=on,wait={}", id, quoted(path), wait ? "on" : "off");
}

// The firmware's address and port (device/firmware/node/net_port.hpp). Not restrict=on: it keeps the answers of UDP back
// as well. The firmware begins no conversation, so nothing leaves this machine all the same.
std::string network_option(std::uint16_t port) {
  return fmt::format("user,model=lan9118,ipv6=off,hostfwd=udp:127.0.0.1:{}-10.0.2.15:1337", port);
}

// QEMU would end with a message of its own that names no way out. It takes the port only after this has let it go.
Outcome<void> check_port_is_free(std::uint16_t port) {
  const int probe = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool free = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int why = errno;
  ::close(probe);
  if (free) return {};
  return fail(why == EADDRINUSE ? ErrorKind::conflict : ErrorKind::io,
              fmt::format("cannot take the UDP port {}: {}", port, std::strerror(why)), "give another one with --udp");
}

}  // namespace

Outcome<std::vector<std::string>> qemu_command(const PowerOn& board) {
  for (const auto& path : {std::optional(board.uart0), board.uart1}) {
    if (path && path->string().size() >= sizeof(sockaddr_un{}.sun_path)) {
      return fail(ErrorKind::invalid, fmt::format("the socket path {} is too long", path->string()));
    }
  }
  std::vector<std::string> args{
      "qemu-system-arm", "-accel", "tcg",  // never KVM
      "-machine", fmt::format("{},memory-backend=flash", board.machine.name), "-object",
      fmt::format("memory-backend-file,id=flash,mem-path={},size={},share=on", quoted(board.flash), flash_geometry.size),
      "-nodefaults", "-no-user-config", "-display", "none", "-kernel", board.boot_elf.string(),
      "-chardev", socket_option("uart0", board.uart0, board.wait && !board.uart1), "-serial", "chardev:uart0"};
  if (board.uart1) {
    args.insert(args.end(), {"-chardev", socket_option("uart1", *board.uart1, board.wait), "-serial", "chardev:uart1"});
  }
  if (board.udp) args.insert(args.end(), {"-nic", network_option(*board.udp)});
  args.insert(args.end(), board.more.begin(), board.more.end());
  return args;
}

Outcome<int> lock_flash(const std::filesystem::path& flash) {
  const int fd = ::open(flash.c_str(), O_RDWR);
  if (fd < 0) {
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io,
                fmt::format("cannot open the flash {}: {}", flash.string(), std::strerror(errno)),
                "make it with lockstep-board make");
  }
  if (std::error_code ec; std::filesystem::file_size(flash, ec) != flash_geometry.size) {
    return fail(ErrorKind::invalid, fmt::format("the flash {} does not have {} bytes", flash.string(), flash_geometry.size));
  }
  for (int tries = 0; ::flock(fd, LOCK_EX | LOCK_NB) != 0; ++tries) {
    if (tries == 40) return fail(ErrorKind::conflict, fmt::format("another board runs on the flash {}", flash.string()));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return fd;
}

Error become_qemu(const PowerOn& board) {
  const pid_t parent = ::getppid();
  auto args = qemu_command(board);
  if (!args) return std::move(args).error();
  if (!std::filesystem::exists(board.boot_elf)) {
    return error(ErrorKind::not_found, fmt::format("there is no boot code {}", board.boot_elf.string()),
                 "build it: cmake --preset cortex-m && cmake --build --preset cortex-m");
  }
  if (board.udp) {
    if (auto free = check_port_is_free(*board.udp); !free) return std::move(free).error();
  }
  if (!board.outlive_parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) return error(ErrorKind::cancelled, "the process that started this board is gone");
  }
  std::vector<char*> argv;
  for (std::string& arg : *args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  return error(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io,
               fmt::format("cannot run {}: {}", argv[0], std::strerror(errno)), "install it with tools/setup");
}

}  // namespace lockstep::board
