// The settings in the flash: a log in two halves of an area, so that storing one survives a power cut anywhere. A half:
//
//   head:    "LKS1" (4) | sequence (4) | ~sequence (4)
//   record:  size of the name (1) | size of the value (1) | both complemented (2) | CRC-32 of the rest (4) | name | value
//
// each padded to the write alignment. Records are appended, the last one of a name counts. When a half is full, what
// still counts is written into the other one, whose head is written last: of two whole heads the higher sequence counts.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "device/boot/flash.hpp"

namespace lockstep::agent {

// One setting, or the fact that it was deleted.
struct Setting {
  static constexpr std::size_t max_name = 31;   // bytes
  static constexpr std::size_t max_value = 32;  // bytes

  std::array<char, max_name> name_text{};
  std::array<std::byte, max_value> value_bytes{};
  std::uint8_t name_size = 0;
  std::uint8_t value_size = 0;
  bool deleted = false;

  std::string_view name() const { return {name_text.data(), name_size}; }
  Bytes value() const { return Bytes(value_bytes).first(value_size); }
  // Both no longer than they may be.
  void set_name(std::string_view text);
  void set_value(Bytes bytes);
};

class SettingsLog {
 public:
  explicit SettingsLog(boot::FlashArea area) : area_(area) {}

  bool exists() const { return half_size() != 0; }
  // Finds the half that counts and its end. Before anything else, and again when the flash changed behind our back.
  Result<void, boot::FlashErrc> open();

  // Reads records from the oldest to the newest: false when there is no more. A damaged one is passed over.
  void rewind() { read_at_ = first(); }
  Result<bool, boot::FlashErrc> next(Setting& out);

  // Adds a record. False, and nothing is changed, when the half is full: then rewrite.
  Result<bool, boot::FlashErrc> append(const Setting& setting);

  // Begins the other half, adds what is still to count (false: no room), and lets it count from finish() on. Until then
  // the old half is what a power cut leaves; it can be read in between.
  Result<void, boot::FlashErrc> begin_rewrite();
  Result<bool, boot::FlashErrc> rewrite(const Setting& setting) { return write(1 - half_, write_at_, setting); }
  Result<void, boot::FlashErrc> finish_rewrite();

 private:
  static constexpr std::uint32_t head_size = 12;
  static constexpr std::uint32_t record_head_size = 8;
  static constexpr std::size_t max_record = record_head_size + Setting::max_name + Setting::max_value;

  std::uint32_t half_size() const;
  std::uint32_t padded(std::uint32_t size) const;
  std::uint32_t first() const { return padded(head_size); }
  boot::FlashArea half(int n) const { return area_.part(static_cast<std::uint32_t>(n) * half_size(), half_size()); }
  // 0 when the half has no whole head.
  Result<std::uint32_t, boot::FlashErrc> sequence_of(int n);
  Result<bool, boot::FlashErrc> write(int n, std::uint32_t& at, const Setting& setting);

  boot::FlashArea area_;
  int half_ = 0;                // the one that counts
  std::uint32_t sequence_ = 0;  // of it; 0: nothing was ever stored
  std::uint32_t end_ = 0;       // where its next record goes
  std::uint32_t read_at_ = 0;
  std::uint32_t write_at_ = 0;  // in the other half, while it is rewritten
};

}  // namespace lockstep::agent
