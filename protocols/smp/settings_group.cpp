#include "protocols/smp/settings_group.hpp"

#include "protocols/smp/members.hpp"

namespace lockstep::smp {

using namespace std::string_view_literals;  // strlen is not there on the device

void SettingReadRequest::encode(cbor::Writer& w) const {
  w.map(max_size ? 2 : 1);
  w.key("name"sv).text(name);
  if (max_size) w.key("max_size"sv).uint(*max_size);
}
Result<SettingReadRequest, Errc> SettingReadRequest::decode(Bytes body) {
  SettingReadRequest request;
  bool has_name = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& member) {
    if (key == "name"sv) has_name = true, request.name = member.text();
    else if (key == "max_size"sv) request.max_size = read_u32(member);
    else return false;
    return true;
  }));
  if (!has_name) return Fail(Errc::bad_body);
  return request;
}
void SettingReadReply::encode(cbor::Writer& w) const {
  w.key("val"sv).bytes(value);
  if (max_size) w.key("max_size"sv).uint(*max_size);
}
Result<SettingReadReply, Errc> SettingReadReply::decode(Bytes body) {
  SettingReadReply reply;
  bool has_value = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& member) {
    if (key == "val"sv) has_value = true, reply.value = member.bytes();
    else if (key == "max_size"sv) reply.max_size = read_u32(member);
    else return false;
    return true;
  }));
  if (!has_value) return Fail(Errc::bad_body);
  return reply;
}

void SettingWriteRequest::encode(cbor::Writer& w) const {
  w.map(2);
  w.key("name"sv).text(name);
  w.key("val"sv).bytes(value);
}
Result<SettingWriteRequest, Errc> SettingWriteRequest::decode(Bytes body) {
  SettingWriteRequest request;
  bool has_name = false, has_value = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& member) {
    if (key == "name"sv) has_name = true, request.name = member.text();
    else if (key == "val"sv) has_value = true, request.value = member.bytes();
    else return false;
    return true;
  }));
  if (!has_name || !has_value) return Fail(Errc::bad_body);
  return request;
}

void SettingDeleteRequest::encode(cbor::Writer& w) const {
  w.map(1);
  w.key("name"sv).text(name);
}
Result<SettingDeleteRequest, Errc> SettingDeleteRequest::decode(Bytes body) {
  SettingDeleteRequest request;
  bool has_name = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& member) {
    if (key != "name"sv) return false;
    has_name = true;
    request.name = member.text();
    return true;
  }));
  if (!has_name) return Fail(Errc::bad_body);
  return request;
}

void SettingsCommitRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<SettingsCommitRequest, Errc> SettingsCommitRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return SettingsCommitRequest{};
}

void SettingsLoadRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<SettingsLoadRequest, Errc> SettingsLoadRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return SettingsLoadRequest{};
}

void SettingsSaveRequest::encode(cbor::Writer& w) const {
  w.map(name.empty() ? 0 : 1);
  if (!name.empty()) w.key("name"sv).text(name);
}
Result<SettingsSaveRequest, Errc> SettingsSaveRequest::decode(Bytes body) {
  SettingsSaveRequest request;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& member) {
    if (key != "name"sv) return false;
    request.name = member.text();
    return true;
  }));
  return request;
}

}  // namespace lockstep::smp
