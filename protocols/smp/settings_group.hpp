// Group 3, settings: read, write, delete, commit, load and save named values.
// Specification: Zephyr Project documentation, "Settings (Config) Management Group".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocols/smp/message.hpp"

namespace lockstep::smp {

// Error codes of this group in `err{group 3, rc}` (settings_mgmt_ret_code_t); text(ServerError) knows them all.
namespace settings_rc {
inline constexpr std::int32_t unknown = 1;
inline constexpr std::int32_t key_too_long = 2;
inline constexpr std::int32_t key_not_found = 3;
inline constexpr std::int32_t root_key_not_found = 5;
inline constexpr std::int32_t write_not_supported = 6;
}  // namespace settings_rc

struct SettingReadReply {
  Bytes value{};  // required; of what type is between firmware and client
  std::optional<std::uint32_t> max_size{};  // when the client asked for more than the device ever stores

  void encode(cbor::Writer& w) const;
  static Result<SettingReadReply, Errc> decode(Bytes body);
};
struct SettingReadRequest {
  using Reply = SettingReadReply;
  static constexpr Command command{group::settings, 0, Op::read};
  std::string_view name{};                  // required
  std::optional<std::uint32_t> max_size{};  // bytes of the value that are wanted

  void encode(cbor::Writer& w) const;
  static Result<SettingReadRequest, Errc> decode(Bytes body);
};

// Changes the value in use; it is kept over a reset only when it is saved too.
struct SettingWriteRequest {
  using Reply = EmptyReply;
  static constexpr Command command{group::settings, 0, Op::write};
  std::string_view name{};  // required
  Bytes value{};            // required; may have no bytes

  void encode(cbor::Writer& w) const;
  static Result<SettingWriteRequest, Errc> decode(Bytes body);
};

// Deletes the setting for good.
struct SettingDeleteRequest {
  using Reply = EmptyReply;
  static constexpr Command command{group::settings, 1, Op::write};
  std::string_view name{};  // required

  void encode(cbor::Writer& w) const;
  static Result<SettingDeleteRequest, Errc> decode(Bytes body);
};

// Everything that was written is to be obeyed from now on.
struct SettingsCommitRequest {
  using Reply = EmptyReply;
  static constexpr Command command{group::settings, 2, Op::write};

  void encode(cbor::Writer& w) const;
  static Result<SettingsCommitRequest, Errc> decode(Bytes body);
};

// Takes the stored values in place of those in use.
struct SettingsLoadRequest {
  using Reply = EmptyReply;
  static constexpr Command command{group::settings, 3, Op::read};

  void encode(cbor::Writer& w) const;
  static Result<SettingsLoadRequest, Errc> decode(Bytes body);
};

// Stores the values in use.
struct SettingsSaveRequest {
  using Reply = EmptyReply;
  static constexpr Command command{group::settings, 3, Op::write};
  std::string_view name{};  // only this setting and those below it; empty: all

  void encode(cbor::Writer& w) const;
  static Result<SettingsSaveRequest, Errc> decode(Bytes body);
};

}  // namespace lockstep::smp
