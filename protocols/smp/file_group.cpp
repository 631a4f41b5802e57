#include "protocols/smp/file_group.hpp"

#include "protocols/smp/members.hpp"

namespace lockstep::smp {

using namespace std::string_view_literals;  // strlen is not there on the device

void FileDownloadRequest::encode(cbor::Writer& w) const {
  w.map(2);
  w.key("off"sv).uint(offset);
  w.key("name"sv).text(name);
}
Result<FileDownloadRequest, Errc> FileDownloadRequest::decode(Bytes body) {
  FileDownloadRequest request;
  bool has_offset = false, has_name = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "off"sv) has_offset = true, request.offset = value.uint();
    else if (key == "name"sv) has_name = true, request.name = value.text();
    else return false;
    return true;
  }));
  if (!has_offset || !has_name) return Fail(Errc::bad_body);
  return request;
}
void FileDownloadReply::encode(cbor::Writer& w) const {
  w.key("off"sv).uint(offset);
  w.key("data"sv).bytes(data);
  if (length) w.key("len"sv).uint(*length);
}
Result<FileDownloadReply, Errc> FileDownloadReply::decode(Bytes body) {
  FileDownloadReply reply;
  bool has_offset = false, has_data = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "off"sv) has_offset = true, reply.offset = value.uint();
    else if (key == "data"sv) has_data = true, reply.data = value.bytes();
    else if (key == "len"sv) reply.length = value.uint();
    else return false;
    return true;
  }));
  if (!has_offset || !has_data) return Fail(Errc::bad_body);
  return reply;
}

void FileStatusRequest::encode(cbor::Writer& w) const {
  w.map(1);
  w.key("name"sv).text(name);
}
Result<FileStatusRequest, Errc> FileStatusRequest::decode(Bytes body) {
  FileStatusRequest request;
  bool has_name = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key != "name"sv) return false;
    has_name = true;
    request.name = value.text();
    return true;
  }));
  if (!has_name) return Fail(Errc::bad_body);
  return request;
}
void FileStatusReply::encode(cbor::Writer& w) const { w.key("len"sv).uint(length); }
Result<FileStatusReply, Errc> FileStatusReply::decode(Bytes body) {
  FileStatusReply reply;
  bool has_length = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key != "len"sv) return false;
    has_length = true;
    reply.length = value.uint();
    return true;
  }));
  if (!has_length) return Fail(Errc::bad_body);
  return reply;
}

void FileHashRequest::encode(cbor::Writer& w) const {
  w.map(1u + (type.empty() ? 0u : 1u) + (offset != 0 ? 1u : 0u) + (length ? 1u : 0u));
  w.key("name"sv).text(name);
  if (!type.empty()) w.key("type"sv).text(type);
  if (offset != 0) w.key("off"sv).uint(offset);
  if (length) w.key("len"sv).uint(*length);
}
Result<FileHashRequest, Errc> FileHashRequest::decode(Bytes body) {
  FileHashRequest request;
  bool has_name = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "name"sv) has_name = true, request.name = value.text();
    else if (key == "type"sv) request.type = value.text();
    else if (key == "off"sv) request.offset = value.uint();
    else if (key == "len"sv) request.length = value.uint();
    else return false;
    return true;
  }));
  if (!has_name) return Fail(Errc::bad_body);
  return request;
}
void FileHashReply::encode(cbor::Writer& w) const {
  w.key("type"sv).text(type);
  if (offset != 0) w.key("off"sv).uint(offset);
  w.key("len"sv).uint(length);
  w.key("output"sv).bytes(output);
}
Result<FileHashReply, Errc> FileHashReply::decode(Bytes body) {
  FileHashReply reply;
  bool has_type = false, has_length = false, has_output = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "type"sv) has_type = true, reply.type = value.text();
    else if (key == "off"sv) reply.offset = value.uint();
    else if (key == "len"sv) has_length = true, reply.length = value.uint();
    else if (key == "output"sv) has_output = true, reply.output = value.bytes();
    else return false;
    return true;
  }));
  if (!has_type || !has_length || !has_output) return Fail(Errc::bad_body);
  return reply;
}

void FileCloseRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<FileCloseRequest, Errc> FileCloseRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return FileCloseRequest{};
}

}  // namespace lockstep::smp
