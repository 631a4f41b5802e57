// A blocking SMP client for tests of the program: drives the protocols' own sessions over a file descriptor.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>

#include "host/base/buffer.hpp"
#include "protocols/core/action.hpp"
#include "protocols/smp/console.hpp"
#include "protocols/smp/raw.hpp"
#include "protocols/smp/request_session.hpp"
#include "protocols/smp/upload_session.hpp"

namespace lockstep::sim::testing {

class Client {
 public:
  enum class Framing { console, raw, packets };

  // Takes over the descriptor.
  Client(int file, Framing framing) : file_(file), framing_(framing) {}
  ~Client() { ::close(file_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  template <class Session>
  void drive(Session& session) {
    Action action = session.start();
    while (action.kind != Action::Kind::done) {
      if (action.kind == Action::Kind::send) {
        send(action.bytes);
        action = session.on_sent();
      } else {
        const auto message = receive(action.timeout_ms);
        action = message ? session.on_message(*message) : session.on_timeout();
      }
    }
  }

  template <class Request>
  std::optional<typename Request::Reply> ask(const Request& request, std::uint32_t timeout_ms = 100, int retries = 60) {
    smp::RequestSession session(buffer_, request,
                                {.timeout_ms = timeout_ms, .retries = static_cast<std::uint8_t>(retries),
                                 .sequence = sequence_});
    drive(session);
    sequence_ = session.next_sequence();
    error_ = session.server_error();
    if (session.error() != smp::Errc::none) return std::nullopt;
    const auto reply = session.reply<Request>();
    return reply ? std::optional(*reply) : std::nullopt;
  }
  smp::ServerError server_error() const { return error_; }

  // Text between the frames.
  const std::string& log() const { return log_; }

  void send(Bytes message) {
    if (framing_ != Framing::console) return write_all(message);
    Buffer lines(smp::console_encoded_size(message.size()));
    write_all(*smp::encode_console(message, lines));
  }

  std::optional<Bytes> receive(std::uint32_t timeout_ms) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    while (true) {
      while (taken_ < received_) {
        if (framing_ == Framing::raw) {
          const auto event = raw_decoder_.feed(incoming_[taken_++]);
          if (event.kind == smp::RawDecoder::Kind::message) return event.bytes;
          continue;
        }
        const auto event = decoder_.feed(incoming_[taken_++]);
        if (event.kind == smp::ConsoleDecoder::Kind::log) log_ += as_text(event.bytes);
        if (event.kind == smp::ConsoleDecoder::Kind::message) return event.bytes;
      }
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
      pollfd polled{.fd = file_, .events = POLLIN, .revents = 0};
      if (left <= 0 || ::poll(&polled, 1, static_cast<int>(left)) <= 0) return std::nullopt;
      const ssize_t n = ::read(file_, incoming_.data(), incoming_.size());
      if (n <= 0) return std::nullopt;
      if (framing_ == Framing::packets) return Bytes(incoming_).first(static_cast<std::size_t>(n));
      received_ = static_cast<std::size_t>(n);
      taken_ = 0;
    }
  }

 private:
  void write_all(Bytes bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(file_, bytes.data(), bytes.size());
      if (n < 0) return;  // the device is gone: the session will see that nothing comes
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }

  int file_;
  Framing framing_;
  Buffer buffer_ = Buffer(4096);
  Buffer frame_ = Buffer(4096);
  smp::ConsoleDecoder decoder_{frame_};
  smp::RawDecoder raw_decoder_{frame_};
  std::array<std::byte, 4096> incoming_{};
  std::size_t received_ = 0;
  std::size_t taken_ = 0;
  std::uint8_t sequence_ = 0;
  smp::ServerError error_{};
  std::string log_;
};

}  // namespace lockstep::sim::testing
