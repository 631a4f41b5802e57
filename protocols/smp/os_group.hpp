// Group 0, OS management: echo, reset, parameters, info, bootloader information.
// Specification: Zephyr Project documentation, "Default/OS Management Group".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocols/smp/message.hpp"

namespace lockstep::smp {

// Error codes of this group in `err{group 0, rc}`.
namespace os_rc {
inline constexpr std::int32_t unknown = 1;
inline constexpr std::int32_t invalid_format = 2;
inline constexpr std::int32_t query_yields_no_answer = 3;
}  // namespace os_rc

struct EchoReply {
  std::string_view text{};  // member `r`

  void encode(cbor::Writer& w) const;
  static Result<EchoReply, Errc> decode(Bytes body);
};
// Asks for the same text back.
struct EchoRequest {
  using Reply = EchoReply;
  static constexpr Command command{group::os, 0, Op::write};
  std::string_view text{};  // member `d`

  void encode(cbor::Writer& w) const;
  static Result<EchoRequest, Errc> decode(Bytes body);
};

// Restarts the device. The answer may never arrive: some devices are gone at once.
struct ResetRequest {
  using Reply = EmptyReply;
  static constexpr Command command{group::os, 5, Op::write};
  bool force = false;                        // even when the application objected (rc busy)
  std::optional<std::uint32_t> boot_mode{};  // 1: enter the bootloader's own server

  void encode(cbor::Writer& w) const;
  static Result<ResetRequest, Errc> decode(Bytes body);  // `force` may be a number or a boolean
};

struct ParametersReply {
  std::uint32_t buffer_size = 0;   // member `buf_size`, in bytes; see max_message() for what may be sent
  std::uint32_t buffer_count = 0;  // member `buf_count`; absent is 0

  void encode(cbor::Writer& w) const;
  static Result<ParametersReply, Errc> decode(Bytes body);
};
// Asks how much the server can take at once. Many old builds lack it.
struct ParametersRequest {
  using Reply = ParametersReply;
  static constexpr Command command{group::os, 6, Op::read};

  void encode(cbor::Writer& w) const;
  static Result<ParametersRequest, Errc> decode(Bytes body);
};
// Largest whole message for a server with such a buffer: length and checksum of the console framing share the buffer
// with the message, and servers count them even on other links. 0 for a buffer that is too small to be true.
constexpr std::size_t max_message(std::uint32_t buffer_size) { return buffer_size > 4 ? buffer_size - 4 : 0; }

struct InfoReply {
  std::string_view output{};

  void encode(cbor::Writer& w) const;
  static Result<InfoReply, Errc> decode(Bytes body);
};
// Asks what runs there. The letters of `format` choose the parts: s kernel, n node, r release, v version, b build
// time, m machine, p processor, i platform, o operating system, a all; empty means s.
struct InfoRequest {
  using Reply = InfoReply;
  static constexpr Command command{group::os, 7, Op::read};
  std::string_view format{};  // left out when empty

  void encode(cbor::Writer& w) const;
  static Result<InfoRequest, Errc> decode(Bytes body);
};

// MCUboot's modes as `mode` reports them (MCUboot: enum mcuboot_mode in bootutil/boot_status.h).
enum class BootMode : std::int32_t {
  unknown = -1,
  single_slot = 0,
  swap_scratch = 1,
  overwrite_only = 2,
  swap_move = 3,
  direct_xip = 4,
  direct_xip_revert = 5,
  ram_load = 6,
  firmware_loader = 7,
  single_slot_ram_load = 8,
  swap_offset = 9,
};
// "swap using offset" and so on; static text.
std::string_view text(BootMode m);

struct BootloaderInfoReply {
  std::string_view bootloader{};        // "MCUboot"; empty in the answer to query "mode"
  std::optional<BootMode> mode{};       // only in the answer to query "mode"; values we do not know are kept
  std::optional<bool> no_downgrade{};   // member `no-downgrade`, only true when present

  void encode(cbor::Writer& w) const;
  static Result<BootloaderInfoReply, Errc> decode(Bytes body);
};
struct BootloaderInfoRequest {
  using Reply = BootloaderInfoReply;
  static constexpr Command command{group::os, 8, Op::read};
  std::string_view query{};  // empty: the name; "mode": how the bootloader updates

  void encode(cbor::Writer& w) const;
  static Result<BootloaderInfoRequest, Errc> decode(Bytes body);
};

}  // namespace lockstep::smp
