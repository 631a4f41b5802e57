// Group 64, Lockstep's own: who the device is and whether it is well. Groups from 64 on are left to users
// (Zephyr Project documentation, "SMP Protocol Specification", section "Management groups"), so a device without it
// answers Rc::not_supported.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocols/smp/bounded_list.hpp"
#include "protocols/smp/message.hpp"

namespace lockstep::smp {

struct NodeIdentityReply {
  std::string_view board{};     // kind of hardware, as the release manifest names it
  std::string_view revision{};  // of the hardware
  std::string_view serial{};    // unique among devices of that product
  std::string_view product{};

  void encode(cbor::Writer& w) const;
  static Result<NodeIdentityReply, Errc> decode(Bytes body);  // all four are required
};
struct NodeIdentityRequest {
  using Reply = NodeIdentityReply;
  static constexpr Command command{group::node, 0, Op::read};

  void encode(cbor::Writer& w) const;
  static Result<NodeIdentityRequest, Errc> decode(Bytes body);
};

struct NodeHealthReply {
  bool healthy = false;         // required: a device that does not say is not healthy
  std::string_view detail{};    // for people; may be absent
  std::string_view self_test{}; // "passed", "running" or "failed"; absent: the device does not tell

  void encode(cbor::Writer& w) const;
  static Result<NodeHealthReply, Errc> decode(Bytes body);
};
struct NodeHealthRequest {
  using Reply = NodeHealthReply;
  static constexpr Command command{group::node, 1, Op::read};

  void encode(cbor::Writer& w) const;
  static Result<NodeHealthRequest, Errc> decode(Bytes body);
};

// Whether and how the device takes patches of its running image in place of whole images (device/agent/patch_upload.hpp).
// One that does not answers Rc::not_supported.
struct NodePatchesReply {
  std::uint32_t delta_window = 0;   // bytes that a window's delta encoding may have
  std::uint32_t target_window = 0;  // bytes of the new image that a window may make

  void encode(cbor::Writer& w) const;
  static Result<NodePatchesReply, Errc> decode(Bytes body);  // both are required, and `format` to be "vcdiff"
};
struct NodePatchesRequest {
  using Reply = NodePatchesReply;
  static constexpr Command command{group::node, 2, Op::read};

  void encode(cbor::Writer& w) const;
  static Result<NodePatchesRequest, Errc> decode(Bytes body);
};

// Whether the running image still waits to be confirmed, and how long the device lets it.
struct NodeTrialReply {
  bool on_test = false;           // required
  std::uint32_t deadline_ms = 0;  // from the start of the image on test to the reset that reverts it; 0: none
  std::uint32_t left_ms = 0;      // of that; 0 when not on test

  void encode(cbor::Writer& w) const;
  static Result<NodeTrialReply, Errc> decode(Bytes body);
};
struct NodeTrialRequest {
  using Reply = NodeTrialReply;
  static constexpr Command command{group::node, 3, Op::read};

  void encode(cbor::Writer& w) const;
  static Result<NodeTrialRequest, Errc> decode(Bytes body);
};

// Which component of a release each image of the device is. One that does not answer has image 0 only, which is "app".
struct NodeComponent {
  std::uint32_t image = 0;  // image number, as the image group counts them
  std::string_view name{};  // as the release manifest names the component
};
struct NodeComponentsReply {
  static constexpr std::size_t max_components = 8;
  BoundedList<NodeComponent, max_components> components{};
  bool more = false;  // the device named more than max_components; the rest was dropped

  void encode(cbor::Writer& w) const;
  // The list is required, and of each entry the image number and a name that is not empty.
  static Result<NodeComponentsReply, Errc> decode(Bytes body);
};
struct NodeComponentsRequest {
  using Reply = NodeComponentsReply;
  static constexpr Command command{group::node, 4, Op::read};

  void encode(cbor::Writer& w) const;
  static Result<NodeComponentsRequest, Errc> decode(Bytes body);
};

}  // namespace lockstep::smp
