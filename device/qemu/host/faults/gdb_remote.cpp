#include "device/qemu/host/faults/gdb_remote.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "host/base/text.hpp"

namespace lockstep::board {
namespace {

constexpr std::chrono::seconds patience{60};
constexpr std::size_t memory_per_packet = 1024;  // QEMU takes packets of 4 KiB, two digits a byte

// Registers and memory travel in the target's byte order.
std::string little_endian_hex(std::uint32_t value) {
  return fmt::format("{:02x}{:02x}{:02x}{:02x}", value & 255u, value >> 8 & 255u, value >> 16 & 255u, value >> 24);
}

Buffer bytes_of(std::string_view hex) {
  auto bytes = from_hex(hex);
  if (!bytes) throw std::runtime_error(fmt::format("the debugger's answer '{}' is no memory", hex));
  return *std::move(bytes);
}

}  // namespace

GdbRemote::GdbRemote(const std::filesystem::path& socket) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket.string();
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("the socket's path is too long: " + path);
  std::copy(path.begin(), path.end(), std::begin(address.sun_path));
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (std::chrono::steady_clock::now() > deadline) {
      ::close(fd_);
      throw std::runtime_error("QEMU's debugger cannot be reached at " + path);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  (void)ask("qXfer:features:read:target.xml:0,8");  // QEMU gives single registers only to who has asked for this
}

GdbRemote::~GdbRemote() { ::close(fd_); }

void GdbRemote::set_breakpoint(std::uint32_t address) { expect_ok(fmt::format("Z1,{:x},2", address)); }
void GdbRemote::clear_breakpoint(std::uint32_t address) { expect_ok(fmt::format("z1,{:x},2", address)); }

std::uint32_t GdbRemote::read(Register r) {
  const Buffer bytes = bytes_of(ask(fmt::format("p{:x}", static_cast<unsigned>(r))));
  if (bytes.size() != 4) throw std::runtime_error("the debugger gave a register of another size");
  return ByteReader(bytes).u32le();
}

void GdbRemote::write(Register r, std::uint32_t value) {
  expect_ok(fmt::format("P{:x}={}", static_cast<unsigned>(r), little_endian_hex(value)));
}

Buffer GdbRemote::read_memory(std::uint32_t address, std::uint32_t size) {
  Buffer all;
  while (all.size() < size) {
    const std::size_t part = std::min(memory_per_packet, size - all.size());
    const Buffer bytes = bytes_of(ask(fmt::format("m{:x},{:x}", address + all.size(), part)));
    if (bytes.size() != part) throw std::runtime_error("the debugger read less than was asked for");
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  return all;
}

void GdbRemote::write_memory(std::uint32_t address, Bytes bytes) {
  while (!bytes.empty()) {
    const Bytes part = bytes.first(std::min(memory_per_packet, bytes.size()));
    expect_ok(fmt::format("M{:x},{:x}:{}", address, part.size(), to_hex(part)));
    address += static_cast<std::uint32_t>(part.size());
    bytes = bytes.subspan(part.size());
  }
}

void GdbRemote::reset() {
  constexpr std::string_view command = "system_reset";
  expect_ok("qRcmd," + to_hex(as_bytes(command)));
}

void GdbRemote::step() {
  send("s");
  if (receive(patience).empty()) throw std::runtime_error("QEMU does not step");
}

bool GdbRemote::run(std::chrono::milliseconds within) {
  send("c");
  if (!receive(within).empty()) return true;
  const char interrupt = 3;
  if (::send(fd_, &interrupt, 1, MSG_NOSIGNAL) != 1) throw QemuGone();
  if (receive(patience).empty()) throw std::runtime_error("QEMU does not stop");
  return false;
}

std::string GdbRemote::ask(std::string_view command) {
  send(command);
  std::string answer = receive(patience);
  if (answer.empty() || answer.front() == 'E') {
    throw std::runtime_error(fmt::format("the debugger answers '{}' to '{}'", answer, command));
  }
  return answer;
}

void GdbRemote::expect_ok(std::string_view command) {
  std::string answer = ask(command);
  while (answer != "OK" && answer.starts_with("O")) answer = receive(patience);  // a monitor command's output
  if (answer != "OK") throw std::runtime_error(fmt::format("the debugger answers '{}' to '{}'", answer, command));
}

void GdbRemote::send(std::string_view command) {
  const unsigned sum = std::accumulate(command.begin(), command.end(), 0u,
                                       [](unsigned s, char c) { return s + static_cast<unsigned char>(c); });
  const std::string packet = fmt::format("${}#{:02x}", command, sum & 255u);
  if (::send(fd_, packet.data(), packet.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(packet.size())) {
    throw QemuGone();
  }
}

std::string GdbRemote::receive(std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  for (;;) {
    const auto begin = input_.find('$');
    const auto end = input_.find('#', begin == std::string::npos ? 0 : begin);
    if (begin != std::string::npos && end != std::string::npos && input_.size() >= end + 3) {
      std::string text = input_.substr(begin + 1, end - begin - 1);
      input_.erase(0, end + 3);
      if (::send(fd_, "+", 1, MSG_NOSIGNAL) != 1) throw QemuGone();
      return text;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    if (left.count() < 0 || ::poll(&waiting, 1, static_cast<int>(left.count()) + 1) <= 0) return {};
    char bytes[4096];
    const ssize_t n = ::read(fd_, bytes, sizeof bytes);
    if (n <= 0) throw QemuGone();
    input_.append(bytes, static_cast<std::size_t>(n));
  }
}

}  // namespace lockstep::board
