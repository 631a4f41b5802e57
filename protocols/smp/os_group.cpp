#include "protocols/smp/os_group.hpp"

#include "protocols/smp/members.hpp"

namespace lockstep::smp {

using namespace std::string_view_literals;  // strlen is not there on the device
namespace {

// Bodies with one text member.
Result<std::string_view, Errc> decode_text(Bytes body, std::string_view name, bool required) {
  std::optional<std::string_view> found;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key != name) return false;
    found = value.text();
    return true;
  }));
  if (required && !found) return Fail(Errc::bad_body);
  return found.value_or(std::string_view{});
}

// A value that we have no name for is kept; one out of range is as good as none.
BootMode read_mode(cbor::Reader& r) {
  const std::int64_t mode = r.integer();
  return mode >= 0 && mode <= 0x7fffffff ? static_cast<BootMode>(mode) : BootMode::unknown;
}

void encode_optional_text(cbor::Writer& w, std::string_view name, std::string_view value) {
  w.map(value.empty() ? 0 : 1);
  if (!value.empty()) w.key(name).text(value);
}

}  // namespace

void EchoRequest::encode(cbor::Writer& w) const {
  w.map(1);
  w.key("d"sv).text(text);
}
Result<EchoRequest, Errc> EchoRequest::decode(Bytes body) {
  LOCKSTEP_TRY(text, decode_text(body, "d"sv, true));
  return EchoRequest{.text = text};
}
void EchoReply::encode(cbor::Writer& w) const { w.key("r"sv).text(text); }
Result<EchoReply, Errc> EchoReply::decode(Bytes body) {
  LOCKSTEP_TRY(text, decode_text(body, "r"sv, true));
  return EchoReply{.text = text};
}

void ResetRequest::encode(cbor::Writer& w) const {
  w.map((force ? 1u : 0u) + (boot_mode ? 1u : 0u));
  if (force) w.key("force"sv).uint(1);
  if (boot_mode) w.key("boot_mode"sv).uint(*boot_mode);
}
Result<ResetRequest, Errc> ResetRequest::decode(Bytes body) {
  ResetRequest request;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "force"sv) request.force = value.peek() == cbor::Type::boolean ? value.boolean() : value.integer() > 0;
    else if (key == "boot_mode"sv) request.boot_mode = read_u32(value);
    else return false;
    return true;
  }));
  return request;
}

void ParametersRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<ParametersRequest, Errc> ParametersRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return ParametersRequest{};
}
void ParametersReply::encode(cbor::Writer& w) const {
  w.key("buf_size"sv).uint(buffer_size);
  w.key("buf_count"sv).uint(buffer_count);
}
Result<ParametersReply, Errc> ParametersReply::decode(Bytes body) {
  ParametersReply reply;
  bool sized = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "buf_size"sv) {
      reply.buffer_size = read_u32(value);
      sized = true;
    } else if (key == "buf_count"sv) {
      reply.buffer_count = read_u32(value);
    } else {
      return false;
    }
    return true;
  }));
  if (!sized) return Fail(Errc::bad_body);
  return reply;
}

void InfoRequest::encode(cbor::Writer& w) const { encode_optional_text(w, "format"sv, format); }
Result<InfoRequest, Errc> InfoRequest::decode(Bytes body) {
  LOCKSTEP_TRY(format, decode_text(body, "format"sv, false));
  return InfoRequest{.format = format};
}
void InfoReply::encode(cbor::Writer& w) const { w.key("output"sv).text(output); }
Result<InfoReply, Errc> InfoReply::decode(Bytes body) {
  LOCKSTEP_TRY(output, decode_text(body, "output"sv, true));
  return InfoReply{.output = output};
}

std::string_view text(BootMode m) {
  switch (m) {
    case BootMode::unknown: return "unknown mode"sv;
    case BootMode::single_slot: return "single slot"sv;
    case BootMode::swap_scratch: return "swap using scratch"sv;
    case BootMode::overwrite_only: return "overwrite only"sv;
    case BootMode::swap_move: return "swap using move"sv;
    case BootMode::direct_xip: return "direct XIP"sv;
    case BootMode::direct_xip_revert: return "direct XIP with revert"sv;
    case BootMode::ram_load: return "RAM load"sv;
    case BootMode::firmware_loader: return "firmware loader"sv;
    case BootMode::single_slot_ram_load: return "single slot RAM load"sv;
    case BootMode::swap_offset: return "swap using offset"sv;
  }
  return "unknown mode"sv;
}

void BootloaderInfoRequest::encode(cbor::Writer& w) const { encode_optional_text(w, "query"sv, query); }
Result<BootloaderInfoRequest, Errc> BootloaderInfoRequest::decode(Bytes body) {
  LOCKSTEP_TRY(query, decode_text(body, "query"sv, false));
  return BootloaderInfoRequest{.query = query};
}
void BootloaderInfoReply::encode(cbor::Writer& w) const {
  if (!bootloader.empty()) w.key("bootloader"sv).text(bootloader);
  if (mode) w.key("mode"sv).integer(static_cast<std::int32_t>(*mode));
  if (no_downgrade) w.key("no-downgrade"sv).boolean(*no_downgrade);
}
Result<BootloaderInfoReply, Errc> BootloaderInfoReply::decode(Bytes body) {
  BootloaderInfoReply reply;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "bootloader"sv) reply.bootloader = value.text();
    else if (key == "mode"sv) reply.mode = read_mode(value);
    else if (key == "no-downgrade"sv) reply.no_downgrade = value.boolean();
    else return false;
    return true;
  }));
  return reply;
}

}  // namespace lockstep::smp
