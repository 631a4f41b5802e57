#include "protocols/dfu/dfu.hpp"

#include <algorithm>

namespace lockstep::dfu {

using namespace std::string_view_literals;  // length known without strlen

std::string_view text(State s) {
  switch (s) {
    case State::app_idle: return "appIDLE"sv;
    case State::app_detach: return "appDETACH"sv;
    case State::idle: return "dfuIDLE"sv;
    case State::dnload_sync: return "dfuDNLOAD-SYNC"sv;
    case State::dnload_busy: return "dfuDNBUSY"sv;
    case State::dnload_idle: return "dfuDNLOAD-IDLE"sv;
    case State::manifest_sync: return "dfuMANIFEST-SYNC"sv;
    case State::manifest: return "dfuMANIFEST"sv;
    case State::manifest_wait_reset: return "dfuMANIFEST-WAIT-RESET"sv;
    case State::upload_idle: return "dfuUPLOAD-IDLE"sv;
    case State::error: return "dfuERROR"sv;
  }
  return "unknown state"sv;
}

std::string_view text(Status s) {
  switch (s) {
    case Status::ok: return "no error"sv;
    case Status::target: return "the file is not for this device"sv;
    case Status::file: return "the file is for this device, but something is wrong with it"sv;
    case Status::write: return "the device could not write its memory"sv;
    case Status::erase: return "the device could not erase its memory"sv;
    case Status::check_erased: return "the device's memory is not erased where it should be"sv;
    case Status::prog: return "the device could not program its memory"sv;
    case Status::verify: return "what the device holds is not what was sent"sv;
    case Status::address: return "the data lie outside of the device's memory"sv;
    case Status::not_done: return "the download ended before the file did"sv;
    case Status::firmware: return "the device's firmware is damaged"sv;
    case Status::vendor: return "the device's vendor has a word for it"sv;
    case Status::usb_reset: return "an unexpected bus reset"sv;
    case Status::power_on_reset: return "an unexpected power-on reset"sv;
    case Status::unknown: return "the device does not know what went wrong"sv;
    case Status::stalled_packet: return "a request that does not fit the device's state"sv;
  }
  return "unknown status"sv;
}

void FunctionalDescriptor::encode(ByteWriter& w) const {
  w.u8(size);
  w.u8(descriptor_type);
  w.u8(attributes);
  w.u16le(detach_timeout_ms);
  w.u16le(transfer_size);
  w.u16le(version);
}

Result<FunctionalDescriptor, Errc> FunctionalDescriptor::decode(Bytes one) {
  ByteReader r(one);
  const std::size_t length = r.u8();
  if (r.u8() != descriptor_type || length != one.size()) return Fail(Errc::bad_descriptor);
  FunctionalDescriptor d{.attributes = r.u8(), .detach_timeout_ms = r.u16le(), .transfer_size = r.u16le(),
                         .version = 0x0100};
  if (!r.ok()) return Fail(Errc::bad_descriptor);
  if (r.at_end()) return d;
  d.version = r.u16le();
  if (!r.ok()) return Fail(Errc::bad_descriptor);
  return d;
}

std::array<std::byte, StatusReport::size> StatusReport::encode() const {
  const std::uint32_t poll = std::min(poll_timeout_ms, max_poll_timeout_ms);
  std::array<std::byte, size> bytes{};
  ByteWriter w(bytes);
  w.u8(static_cast<std::uint8_t>(status));
  w.u16le(static_cast<std::uint16_t>(poll));
  w.u8(static_cast<std::uint8_t>(poll >> 16));
  w.u8(static_cast<std::uint8_t>(state));
  w.u8(string);
  return bytes;
}

Result<StatusReport, Errc> StatusReport::decode(Bytes bytes) {
  if (bytes.size() != size) return Fail(Errc::bad_length);
  ByteReader r(bytes);
  const std::uint8_t status = r.u8();
  std::uint32_t poll = r.u16le();
  poll |= static_cast<std::uint32_t>(r.u8()) << 16;
  const std::uint8_t state = r.u8();
  const bool known = status <= static_cast<std::uint8_t>(Status::stalled_packet) &&
                     state <= static_cast<std::uint8_t>(State::error);
  if (!known) return Fail(Errc::bad_status);
  return StatusReport{.status = static_cast<Status>(status),
                      .poll_timeout_ms = poll,
                      .state = static_cast<State>(state),
                      .string = r.u8()};
}

}  // namespace lockstep::dfu
