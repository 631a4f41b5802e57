// The board's twin on the host: the same boot code and agent over a copy of its flash, as the simulator runs them. It
// writes down every operation on the flash.
#pragma once

#include <optional>
#include <vector>

#include "device/boot/memory_flash.hpp"
#include "device/qemu/host/faults/store_log.hpp"
#include "device/sim/node.hpp"
#include "host/base/crypto.hpp"
#include "protocols/core/action.hpp"
#include "protocols/smp/request_session.hpp"
#include "protocols/smp/upload_session.hpp"

namespace lockstep::board {

class HostTwin {
 public:
  // Starts where the board is: off, with this flash, and taking messages as large as the board does.
  HostTwin(Bytes flash, const PublicKey& key, std::uint32_t buffer_size);
  HostTwin(const HostTwin&) = delete;
  HostTwin& operator=(const HostTwin&) = delete;

  // Boots until the firmware answers; false when no image may run.
  bool power_on();
  bool restart();  // by an SMP reset
  smp::Errc upload(Bytes image);
  template <class Request>
  std::optional<typename Request::Reply> ask(const Request& request) {
    smp::RequestSession session(buffer_, request, {});
    drive(session);
    if (session.error() != smp::Errc::none) return std::nullopt;
    const auto reply = session.reply<Request>();
    return reply ? std::optional(*reply) : std::nullopt;
  }

  Bytes flash() const { return memory_; }
  const boot::BootReport* report() const { return node_.report(); }
  std::size_t operations() const { return operations_; }             // programs and erases
  const std::vector<WrittenByte>& written() const { return written_; }  // by them, in order

 private:
  class RecordingFlash final : public boot::Flash {
   public:
    RecordingFlash(boot::Geometry geometry, HostTwin& twin)
        : Flash(geometry), inner_(geometry, twin.memory_), twin_(twin) {}
    Result<void, boot::FlashErrc> read(std::uint32_t address, MutableBytes into) override;
    Result<void, boot::FlashErrc> program(std::uint32_t address, Bytes bytes) override;
    Result<void, boot::FlashErrc> erase(std::uint32_t address) override;

   private:
    boot::MemoryFlash inner_;
    HostTwin& twin_;
  };

  template <class Session>
  void drive(Session& session) {
    Bytes answer;
    for (Action action = session.start(); action.kind != Action::Kind::done;) {
      if (action.kind == Action::Kind::send) {
        answer = node_.handle(action.bytes, now_);
        action = session.on_sent();
      } else {
        action = answer.empty() ? session.on_timeout() : session.on_message(std::exchange(answer, {}));
      }
    }
  }
  bool wait_until_running();
  void record(std::uint32_t address, std::size_t size);  // what lies there now

  Buffer memory_;
  std::size_t operations_ = 0;
  std::vector<WrittenByte> written_;
  RecordingFlash flash_;
  sim::Node node_;
  sim::Time now_{};
  Buffer buffer_ = Buffer(4096);
};

}  // namespace lockstep::board
