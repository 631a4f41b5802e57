#include "host/hil/smp_port.hpp"

#include <fmt/format.h>

#include "host/session/drive.hpp"
#include "protocols/cbor/writer.hpp"
#include "protocols/smp/request_session.hpp"

namespace lockstep::hil {
namespace {

// A request whose command and values are known only at run time (protocols/smp/message.hpp says what a request has).
struct RunTimeRequest {
  smp::Command command;
  const std::vector<SmpValue>& values;

  void encode(cbor::Writer& out) const {
    out.begin_map();
    for (const SmpValue& entry : values) {
      out.text(entry.key);
      std::visit([&](const auto& value) { write(out, value); }, entry.value);
    }
    out.end();
  }

 private:
  static void write(cbor::Writer& out, const std::string& value) { out.text(value); }
  static void write(cbor::Writer& out, std::int64_t value) { out.integer(value); }
  static void write(cbor::Writer& out, bool value) { out.boolean(value); }
  static void write(cbor::Writer& out, const std::vector<std::byte>& value) { out.bytes(value); }
};

constexpr std::uint8_t retries = 1;

}  // namespace

asio::awaitable<Outcome<std::vector<std::byte>>> LinkSmpPort::request(SmpRequest request) {
  if (!channel_) {
    auto link = co_await maker_();
    if (!link) co_return Fail(link.error());
    channel_.emplace(std::move(*link), framing_, log_);
  }
  std::array<std::byte, 4096> buffer;
  const smp::Command command{request.group, request.command, request.write ? smp::Op::write : smp::Op::read};
  smp::RequestSettings settings{.retries = retries, .sequence = sequence_};
  // All attempts together take no longer than the step allows.
  settings.timeout_ms = static_cast<std::uint32_t>(request.within.count() / (retries + 1));
  smp::RequestSession session(buffer, RunTimeRequest{command, request.values}, settings);
  auto driven = co_await session::drive(*channel_, session);
  sequence_ = session.next_sequence();
  if (!driven) {
    channel_.reset();
    co_return Fail(driven.error());
  }
  const bool answered = session.error() == smp::Errc::none || session.error() == smp::Errc::server_error;
  if (!answered) {
    co_return fail(ErrorKind::device, fmt::format("SMP group {} command {}: {}", request.group, request.command,
                                                  smp::text(session.error())));
  }
  const Bytes body = session.reply_body();
  co_return std::vector<std::byte>(body.begin(), body.end());
}

}  // namespace lockstep::hil
