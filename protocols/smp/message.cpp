#include "protocols/smp/message.hpp"

#include <cstring>
#include <limits>

#include "protocols/smp/members.hpp"

namespace lockstep::smp {

using namespace std::string_view_literals;  // strlen is not there on the device
namespace {

std::int32_t read_rc(cbor::Reader& r) {
  const std::int64_t rc = r.integer();
  // A code out of range is still an error, never success.
  if (rc < std::numeric_limits<std::int32_t>::min() || rc > std::numeric_limits<std::int32_t>::max()) {
    return static_cast<std::int32_t>(Rc::unknown);
  }
  return static_cast<std::int32_t>(rc);
}

// `err`: {group, rc}.
ServerError read_err(cbor::Reader& r) {
  ServerError error{std::uint16_t{0}, 0};
  each_member(r, [&](std::string_view key, cbor::Reader& value) {
    if (key == "group"sv) error.group = static_cast<std::uint16_t>(value.uint(0xffff));
    else if (key == "rc"sv) error.rc = read_rc(value);
    else return false;
    return true;
  });
  return error;
}

}  // namespace

MutableBytes body_place(MutableBytes buffer) {
  return buffer.size() < header_size ? MutableBytes{} : buffer.subspan(header_size);
}

Result<Bytes, Errc> seal(MutableBytes buffer, Header header, const cbor::Writer& body) {
  if (buffer.size() < header_size || !body.ok() || body.size() > 0xffff) return Fail(Errc::too_long);
  header.length = static_cast<std::uint16_t>(body.size());
  const auto front = encode(header);
  std::memcpy(buffer.data(), front.data(), front.size());
  return Bytes(buffer).first(header_size + body.size());
}

Result<ServerError, Errc> decode_server_error(Bytes body) {
  ServerError rc, err;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "rc"sv) rc.rc = read_rc(value);
    else if (key == "err"sv) err = read_err(value);
    else return false;
    return true;
  }));
  return err ? err : rc;
}

std::string_view server_reason(Bytes body) {
  auto value = cbor::find(body, "rsn"sv);
  if (!value) return {};
  return value->text();
}

Result<Bytes, Errc> encode_error(MutableBytes buffer, const Header& request, const ServerError& error) {
  cbor::Writer body(body_place(buffer));
  if (request.version == Version::v2 && error.group) {
    body.map(1);
    body.key("err"sv).map(2);
    body.key("group"sv).uint(*error.group);
    body.key("rc"sv).integer(error.rc);
  } else {
    body.map(1);
    body.key("rc"sv).integer(static_cast<std::int32_t>(common_code(error)));
  }
  return seal(buffer, reply_to(request), body);
}

Result<EmptyReply, Errc> EmptyReply::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return EmptyReply{};
}

}  // namespace lockstep::smp
