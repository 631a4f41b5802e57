#include "device/qemu/host/rig/board_rig.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "host/base/files.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::board {
namespace {

void must(Outcome<void> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().what);
}

// What the program says on stderr goes into the file `log`: QEMU tells there that it waits and the like.
pid_t spawn(std::vector<std::string> command, const std::string& log) {
  const pid_t pid = ::fork();
  if (pid < 0) throw std::runtime_error("cannot fork");
  if (pid > 0) return pid;
  std::vector<char*> argv;
  for (std::string& argument : command) argv.push_back(argument.data());
  argv.push_back(nullptr);
  ::dup2(::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::uint16_t free_udp_port() {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  const int probe = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool found = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(probe);
  if (!found) throw std::runtime_error("there is no free UDP port");
  return ntohs(address.sin_port);
}

}  // namespace

BoardRig::BoardRig(std::filesystem::path bin_dir, const std::filesystem::path& cortex_m_dir, const Machine& machine)
    : bin_dir_(std::move(bin_dir)),
      machine_(machine),
      maker_(cortex_m_dir / "bin", machine),
      boot_elf_(cortex_m_dir / "bin" / fmt::format("boot{}.elf", machine.suffix)),
      flash_(folder_ / "flash.img") {
  if (!std::filesystem::exists(boot_elf_)) {
    throw std::runtime_error("build the firmware first: cmake --preset cortex-m && cmake --build --preset cortex-m");
  }
}

BoardRig::~BoardRig() { power_cut(); }

Buffer BoardRig::image(std::string_view name, std::string_view version, const PrivateKey* key) const {
  KeySigner signer(key != nullptr ? *key : maker_.key());
  return maker_.image(name, version, signer);
}

void BoardRig::make(Bytes image) {
  const std::vector keys{key()};
  FlashFile flash;
  must(flash.set_keys(keys));
  must(flash.set_identity({.board = "node-m3", .revision = "1.0", .serial = "SN-RIG", .product = "thermostat"}));
  must(flash.set_image(image, keys));
  must(flash.save(flash_));
}

void BoardRig::power_on(std::vector<std::string> qemu_arguments) {
  std::vector<std::string> command{(bin_dir_ / "lockstep-board").string(), "start", "--wait",
                                   "--flash", flash_.string(),
                                   "--uart0", (folder_ / "uart0").string(),
                                   "--machine", std::string(machine_.name), "--boot", boot_elf_.string()};
  if (over_udp_) {
    udp_port_ = free_udp_port();
    command.insert(command.end(), {"--udp", std::to_string(udp_port_)});
  }
  if (!qemu_arguments.empty()) {
    command.push_back("--");
    command.insert(command.end(), qemu_arguments.begin(), qemu_arguments.end());
  }
  std::filesystem::remove(folder_ / "uart0");
  pid_ = spawn(std::move(command), (folder_ / "stderr").string());
  input_.clear();
  decoder_.reset();
  connect_uart();
  if (over_udp_) connect_udp();
}

void BoardRig::connect_udp() {
  const sockaddr_in address = loopback(udp_port_);
  udp_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (::connect(udp_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("UDP cannot be used");
  }
}

void BoardRig::lose_datagrams(std::vector<unsigned> numbers) {
  lost_ = std::move(numbers);
  datagrams_ = 0;
}

bool BoardRig::is_lost() { return std::erase(lost_, ++datagrams_) > 0; }

void BoardRig::connect_uart() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder_ / "uart0").string();
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  uart_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  for (int tries = 0; tries < 1000; ++tries) {
    if (::connect(uart_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      const auto said = read_file(folder_ / "stderr");
      throw std::runtime_error(fmt::format("lockstep-board did not start: {}", said ? as_text(*said) : ""));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("UART0 cannot be reached");
}

void BoardRig::power_cut() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  pid_ = -1;
  if (uart_ >= 0) ::close(uart_);
  if (udp_ >= 0) ::close(udp_);
  uart_ = udp_ = -1;
}

bool BoardRig::wait_for_power_loss(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  while (Clock::now() < deadline) {
    (void)read_more(Clock::now() + std::chrono::milliseconds(1));  // so that the board never waits for a reader
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      power_cut();
      return true;
    }
  }
  return false;
}

bool BoardRig::restart() { return ask(smp::ResetRequest{}) && wait_for_log(" ready"); }

bool BoardRig::wait_for_log(std::string_view text, std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  for (;;) {
    if (const auto at = log_.find(text, log_read_); at != std::string::npos) {
      log_read_ = at + text.size();
      return true;
    }
    if (uart_ < 0 || Clock::now() >= deadline) return false;
    (void)receive(std::min(deadline, Clock::now() + std::chrono::milliseconds(50)));
  }
}

smp::Errc BoardRig::upload(Bytes image) {
  const Sha256 sha = Sha256::of(image);
  smp::UploadSession session(image, buffer_, {.sha = sha.bytes(), .sequence = sequence_++});
  drive(session);
  sequence_ = session.next_sequence();
  last_refusal = session.server_error();
  return session.error();
}

void BoardRig::send(Bytes message) {
  if (over_udp_) {
    if (!is_lost()) (void)::send(udp_, message.data(), message.size(), 0);  // the session's timeout tells
    return;
  }
  Buffer lines(smp::console_encoded_size(message.size()));
  const auto encoded = smp::encode_console(message, lines);
  if (!encoded) throw std::runtime_error("message too long");
  for (Bytes rest = *encoded; !rest.empty();) {
    const ssize_t n = ::send(uart_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0) return;  // the board is gone; the session's timeout tells
    rest = rest.subspan(static_cast<std::size_t>(n));
  }
}

std::optional<Bytes> BoardRig::receive(Clock::time_point deadline) {
  if (over_udp_) return receive_datagram(deadline);
  for (;;) {
    if (const auto message = next_message()) return message;
    if (!read_more(deadline)) return std::nullopt;
  }
}

// Of what UART0 sent; the log before it is put aside.
std::optional<Bytes> BoardRig::next_message() {
  while (!input_.empty()) {
    const std::byte b = input_.front();
    input_.erase(input_.begin());
    const auto event = decoder_.feed(b);
    if (event.kind == smp::ConsoleDecoder::Kind::log) log_ += as_text(event.bytes);
    if (event.kind == smp::ConsoleDecoder::Kind::message) return event.bytes;
  }
  return std::nullopt;
}

std::optional<Bytes> BoardRig::receive_datagram(Clock::time_point deadline) {
  while (Clock::now() < deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    std::array<pollfd, 2> waiting{{{.fd = udp_, .events = POLLIN, .revents = 0},  //
                                   {.fd = uart_, .events = POLLIN, .revents = 0}}};
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(left.count())) < 0) return std::nullopt;
    if (waiting[1].revents != 0) (void)read_more(Clock::now());
    (void)next_message();  // only log lines come there
    if (waiting[0].revents == 0) continue;
    const ssize_t n = ::recv(udp_, datagram_.data(), datagram_.size(), MSG_DONTWAIT);
    if (n > 0 && !is_lost()) return Bytes(datagram_).first(static_cast<std::size_t>(n));
  }
  return std::nullopt;
}

bool BoardRig::read_more(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  pollfd waiting{.fd = uart_, .events = POLLIN, .revents = 0};
  if (uart_ < 0 || ::poll(&waiting, 1, static_cast<int>(std::max<long>(left.count(), 0))) <= 0) return false;
  std::array<std::byte, 1024> bytes{};
  const ssize_t n = ::read(uart_, bytes.data(), bytes.size());
  if (n <= 0) {
    ::close(uart_);
    uart_ = -1;
    return false;
  }
  input_.insert(input_.end(), bytes.begin(), bytes.begin() + n);
  return true;
}

}  // namespace lockstep::board
