// For tests: a whole board of one's own, with its key, its flash and somebody at UART0 who reads the log and talks
// SMP, there or over UDP. Everything blocks, with deadlines, so that a test reads from top to bottom.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/qemu/host/flash_file.hpp"
#include "device/qemu/host/rig/flash_maker.hpp"
#include "host/base/buffer.hpp"
#include "host/base/crypto.hpp"
#include "host/base/temp_dir.hpp"
#include "protocols/core/action.hpp"
#include "protocols/smp/console.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/request_session.hpp"
#include "protocols/smp/upload_session.hpp"

namespace lockstep::board {

class BoardRig {
 public:
  // `bin_dir` holds lockstep-board, `cortex_m_dir`/bin the boot code and the firmwares. Throws std::runtime_error.
  BoardRig(std::filesystem::path bin_dir, const std::filesystem::path& cortex_m_dir, const Machine& machine = an385);
  ~BoardRig();  // takes the power away
  BoardRig(const BoardRig&) = delete;
  BoardRig& operator=(const BoardRig&) = delete;

  // The firmware `name` ("thermostat-2.0") as a signed image; by another key than the board's when one is given.
  Buffer image(std::string_view name, std::string_view version, const PrivateKey* key = nullptr) const;
  // A new flash that holds `image` in slot 0.
  void make(Bytes image);

  // Returns when the board runs and UART0 is connected; its log is complete from the first line on.
  void power_on(std::vector<std::string> qemu_arguments = {});
  void power_cut();  // kill -9; returns when QEMU is gone
  // From the next power_on() on the board has a network, on a free port of 127.0.0.1, and requests go over it.
  void use_udp() { over_udp_ = true; }
  // Which datagrams get lost on their way from now on, requests and answers, counted together from 1.
  void lose_datagrams(std::vector<unsigned> numbers);
  std::uint16_t udp_port() const { return udp_port_; }
  // Waits until the board goes off by itself; false when it does not.
  bool wait_for_power_loss(std::chrono::milliseconds within);
  // Resets the board by SMP and waits until a firmware is ready again.
  bool restart();

  // Reads the log until a line contains `text`, from where the last wait_for_log ended. False when it does not come, at
  // once when the board is off.
  bool wait_for_log(std::string_view text, std::chrono::milliseconds within = std::chrono::seconds(60));
  const std::string& log() const { return log_; }

  // One request; the answer, or nothing when it failed. Views live until the next request.
  template <class Request>
  std::optional<typename Request::Reply> ask(const Request& request) {
    smp::RequestSession session(buffer_, request, {.timeout_ms = 5000, .sequence = sequence_++});
    drive(session);
    last_refusal = session.server_error();
    if (session.error() != smp::Errc::none) return std::nullopt;
    const auto reply = session.reply<Request>();
    return reply ? std::optional(*reply) : std::nullopt;
  }
  smp::Errc upload(Bytes image);
  smp::ServerError last_refusal{};

  PublicKey key() const { return maker_.key().public_key(); }  // whose images the board accepts
  const std::filesystem::path& flash() const { return flash_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  pid_t pid() const { return pid_; }

 private:
  using Clock = std::chrono::steady_clock;

  template <class Session>
  void drive(Session& session) {
    for (Action action = session.start(); action.kind != Action::Kind::done;) {
      if (action.kind == Action::Kind::send) {
        send(action.bytes);
        action = session.on_sent();
      } else {
        const auto message = receive(Clock::now() + std::chrono::milliseconds(action.timeout_ms));
        action = message ? session.on_message(*message) : session.on_timeout();
      }
    }
  }
  void send(Bytes message);
  std::optional<Bytes> receive(Clock::time_point deadline);
  std::optional<Bytes> receive_datagram(Clock::time_point deadline);
  std::optional<Bytes> next_message();
  bool read_more(Clock::time_point deadline);
  bool is_lost();
  void connect_uart();
  void connect_udp();

  std::filesystem::path bin_dir_;
  Machine machine_;
  FlashMaker maker_;
  std::filesystem::path boot_elf_;
  TempDir folder_;
  std::filesystem::path flash_;
  pid_t pid_ = -1;
  int uart_ = -1;
  int udp_ = -1;
  bool over_udp_ = false;
  std::uint16_t udp_port_ = 0;
  std::vector<unsigned> lost_;      // numbers of datagrams still to come
  unsigned datagrams_ = 0;
  std::array<std::byte, 2048> datagram_{};
  std::string log_;
  std::size_t log_read_ = 0;
  Buffer input_;               // bytes of UART0 that were not fed yet
  std::vector<std::byte> frame_ = std::vector<std::byte>(4096);
  smp::ConsoleDecoder decoder_{frame_};
  std::array<std::byte, 4096> buffer_{};
  std::uint8_t sequence_ = 0;
};

}  // namespace lockstep::board
