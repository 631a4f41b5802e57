#include "protocols/smp/node_group.hpp"

#include <optional>

#include "protocols/smp/members.hpp"

namespace lockstep::smp {

using namespace std::string_view_literals;  // strlen is not there on the device
namespace {

// One map in `components`.
std::optional<NodeComponent> read_component(cbor::Reader& r) {
  std::optional<std::uint32_t> image;
  std::string_view name;
  each_member(r, [&](std::string_view key, cbor::Reader& value) {
    if (key == "image"sv) image = read_u32(value);
    else if (key == "name"sv) name = value.text();
    else return false;
    return true;
  });
  if (!image || name.empty()) return std::nullopt;
  return NodeComponent{.image = *image, .name = name};
}

}  // namespace

void NodeIdentityRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<NodeIdentityRequest, Errc> NodeIdentityRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return NodeIdentityRequest{};
}
void NodeIdentityReply::encode(cbor::Writer& w) const {
  w.key("board"sv).text(board);
  w.key("revision"sv).text(revision);
  w.key("serial"sv).text(serial);
  w.key("product"sv).text(product);
}
Result<NodeIdentityReply, Errc> NodeIdentityReply::decode(Bytes body) {
  std::optional<std::string_view> board, revision, serial, product;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "board"sv) board = value.text();
    else if (key == "revision"sv) revision = value.text();
    else if (key == "serial"sv) serial = value.text();
    else if (key == "product"sv) product = value.text();
    else return false;
    return true;
  }));
  if (!board || !revision || !serial || !product) return Fail(Errc::bad_body);
  return NodeIdentityReply{.board = *board, .revision = *revision, .serial = *serial, .product = *product};
}

void NodeHealthRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<NodeHealthRequest, Errc> NodeHealthRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return NodeHealthRequest{};
}
void NodeHealthReply::encode(cbor::Writer& w) const {
  w.key("healthy"sv).boolean(healthy);
  if (!detail.empty()) w.key("detail"sv).text(detail);
  if (!self_test.empty()) w.key("self_test"sv).text(self_test);
}
Result<NodeHealthReply, Errc> NodeHealthReply::decode(Bytes body) {
  std::optional<bool> healthy;
  std::string_view detail, self_test;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "healthy"sv) healthy = value.boolean();
    else if (key == "detail"sv) detail = value.text();
    else if (key == "self_test"sv) self_test = value.text();
    else return false;
    return true;
  }));
  if (!healthy) return Fail(Errc::bad_body);
  return NodeHealthReply{.healthy = *healthy, .detail = detail, .self_test = self_test};
}

void NodePatchesRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<NodePatchesRequest, Errc> NodePatchesRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return NodePatchesRequest{};
}
void NodePatchesReply::encode(cbor::Writer& w) const {
  w.key("format"sv).text("vcdiff"sv);
  w.key("delta_window"sv).uint(delta_window);
  w.key("target_window"sv).uint(target_window);
}
Result<NodePatchesReply, Errc> NodePatchesReply::decode(Bytes body) {
  std::string_view format;
  std::optional<std::uint32_t> delta_window, target_window;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "format"sv) format = value.text();
    else if (key == "delta_window"sv) delta_window = read_u32(value);
    else if (key == "target_window"sv) target_window = read_u32(value);
    else return false;
    return true;
  }));
  if (format != "vcdiff"sv || !delta_window || !target_window) return Fail(Errc::bad_body);
  return NodePatchesReply{.delta_window = *delta_window, .target_window = *target_window};
}

void NodeTrialRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<NodeTrialRequest, Errc> NodeTrialRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return NodeTrialRequest{};
}
void NodeTrialReply::encode(cbor::Writer& w) const {
  w.key("on_test"sv).boolean(on_test);
  w.key("deadline_ms"sv).uint(deadline_ms);
  w.key("left_ms"sv).uint(left_ms);
}
Result<NodeTrialReply, Errc> NodeTrialReply::decode(Bytes body) {
  std::optional<bool> on_test;
  NodeTrialReply reply;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "on_test"sv) on_test = value.boolean();
    else if (key == "deadline_ms"sv) reply.deadline_ms = read_u32(value);
    else if (key == "left_ms"sv) reply.left_ms = read_u32(value);
    else return false;
    return true;
  }));
  if (!on_test) return Fail(Errc::bad_body);
  reply.on_test = *on_test;
  return reply;
}

void NodeComponentsRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<NodeComponentsRequest, Errc> NodeComponentsRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return NodeComponentsRequest{};
}
void NodeComponentsReply::encode(cbor::Writer& w) const {
  w.key("components"sv).begin_array();
  for (const NodeComponent& component : components) {
    w.begin_map();
    w.key("image"sv).uint(component.image);
    w.key("name"sv).text(component.name);
    w.end();
  }
  w.end();
}
Result<NodeComponentsReply, Errc> NodeComponentsReply::decode(Bytes body) {
  NodeComponentsReply reply;
  bool listed = false, complete = true;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key != "components"sv) return false;
    listed = true;
    value.enter_array();
    while (value.next()) {
      const auto component = read_component(value);
      if (!component) complete = false;
      else if (!reply.components.push_back(*component)) reply.more = true;
    }
    return true;
  }));
  if (!listed || !complete) return Fail(Errc::bad_body);
  return reply;
}

}  // namespace lockstep::smp
