#include "device/agent/settings_log.hpp"

#include <algorithm>

#include "protocols/core/crc.hpp"

namespace lockstep::agent {

using boot::FlashArea;
using boot::FlashErrc;

namespace {

constexpr std::uint32_t magic = 0x31534b4c;  // "LKS1"
constexpr std::uint8_t deleted_mark = 0x80;  // in place of the value's size

bool is_blank(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == boot::erased_byte; });
}

// The first bytes of a record.
struct RecordHead {
  std::uint8_t name_size;
  std::uint8_t value_size;  // or deleted_mark
  std::uint16_t complement;
  std::uint32_t crc;

  explicit RecordHead(Bytes bytes) {
    ByteReader r(bytes);
    name_size = r.u8();
    value_size = r.u8();
    complement = r.u16le();
    crc = r.u32le();
  }
  bool deleted() const { return value_size == deleted_mark; }
  std::uint32_t content_size() const { return name_size + (deleted() ? 0u : value_size); }
  // Whether the sizes can be relied upon, so that the next record can be found.
  bool is_whole() const {
    const std::uint32_t sizes = name_size | static_cast<std::uint32_t>(value_size) << 8;
    return (sizes ^ complement) == 0xffff && name_size > 0 && name_size <= Setting::max_name &&
           (deleted() || value_size <= Setting::max_value);
  }
};

}  // namespace

void Setting::set_name(std::string_view text) {
  std::copy(text.begin(), text.end(), name_text.begin());
  name_size = static_cast<std::uint8_t>(text.size());
}

void Setting::set_value(Bytes bytes) {
  std::copy(bytes.begin(), bytes.end(), value_bytes.begin());
  value_size = static_cast<std::uint8_t>(bytes.size());
}

std::uint32_t SettingsLog::half_size() const {
  const std::uint32_t sector = area_.geometry().sector_size;
  return sector == 0 ? 0 : area_.size() / 2 / sector * sector;
}

std::uint32_t SettingsLog::padded(std::uint32_t size) const {
  const std::uint32_t align = area_.geometry().write_align;
  return (size + align - 1) / align * align;
}

Result<std::uint32_t, FlashErrc> SettingsLog::sequence_of(int n) {
  std::array<std::byte, head_size> head;
  FlashArea one = half(n);
  LOCKSTEP_CHECK(one.load(0, head));
  ByteReader r(head);
  const bool ours = r.u32le() == magic;
  const std::uint32_t sequence = r.u32le();
  return ours && r.u32le() == ~sequence ? sequence : 0;
}

Result<void, FlashErrc> SettingsLog::open() {
  LOCKSTEP_TRY(sequence0, sequence_of(0));
  LOCKSTEP_TRY(sequence1, sequence_of(1));
  half_ = sequence1 > sequence0 ? 1 : 0;
  sequence_ = std::max(sequence0, sequence1);
  end_ = half_size();
  rewind();
  Setting passed;
  while (true) {
    LOCKSTEP_TRY(more, next(passed));
    if (!more) break;
  }
  end_ = read_at_;
  rewind();
  return {};
}

Result<bool, FlashErrc> SettingsLog::next(Setting& out) {
  FlashArea from = half(half_);
  while (sequence_ != 0 && read_at_ + record_head_size <= end_) {
    std::array<std::byte, max_record> bytes;
    LOCKSTEP_CHECK(from.load(read_at_, MutableBytes(bytes).first(record_head_size)));
    if (is_blank(Bytes(bytes).first(record_head_size))) return false;
    const RecordHead head(bytes);
    const std::uint32_t size = record_head_size + head.content_size();
    // Torn at its very beginning: nobody knows where the next one would be. Nothing more goes into this half.
    if (!head.is_whole() || size > end_ - read_at_) {
      read_at_ = end_;
      return false;
    }
    LOCKSTEP_CHECK(from.load(read_at_, MutableBytes(bytes).first(size)));
    read_at_ += padded(size);
    const Bytes content = Bytes(bytes).subspan(record_head_size, head.content_size());
    if (crc32(content, crc32(Bytes(bytes).first(4))) != head.crc) continue;
    out = {};
    out.set_name(as_text(content.first(head.name_size)));
    out.set_value(content.subspan(head.name_size));
    out.deleted = head.deleted();
    return true;
  }
  return false;
}

Result<bool, FlashErrc> SettingsLog::write(int n, std::uint32_t& at, const Setting& setting) {
  std::array<std::byte, max_record> bytes;
  ByteWriter w(bytes);
  const std::uint8_t value_size = setting.deleted ? deleted_mark : setting.value_size;
  w.u8(setting.name_size);
  w.u8(value_size);
  w.u16le(static_cast<std::uint16_t>(~(setting.name_size | value_size << 8)));
  const Bytes content_head = Bytes(bytes).first(4);
  std::uint32_t crc = crc32(as_bytes(setting.name()), crc32(content_head));
  if (!setting.deleted) crc = crc32(setting.value(), crc);
  w.u32le(crc);
  w.text(setting.name());
  if (!setting.deleted) w.bytes(setting.value());

  const std::uint32_t size = padded(static_cast<std::uint32_t>(w.size()));
  FlashArea to = half(n);
  if (at > to.size() || size > to.size() - at) return false;
  // Remains of a write that failed behind the end: they would spoil this record.
  LOCKSTEP_TRY(blank, to.is_erased(at, size));
  if (!blank) return false;
  at += size;  // also when it fails: nothing is programmed twice
  LOCKSTEP_CHECK(to.program_padded(at - size, w.written()));
  return true;
}

Result<bool, FlashErrc> SettingsLog::append(const Setting& setting) {
  if (sequence_ == 0) return false;
  return write(half_, end_, setting);
}

Result<void, FlashErrc> SettingsLog::begin_rewrite() {
  FlashArea to = half(1 - half_);
  LOCKSTEP_TRY(blank, to.is_erased(0, to.size()));
  if (!blank) LOCKSTEP_CHECK(to.erase_range(0, to.size()));
  write_at_ = first();
  return {};
}

Result<void, FlashErrc> SettingsLog::finish_rewrite() {
  std::array<std::byte, head_size> head;
  ByteWriter w(head);
  w.u32le(magic);
  w.u32le(sequence_ + 1);
  w.u32le(~(sequence_ + 1));
  LOCKSTEP_CHECK(half(1 - half_).program_padded(0, head));
  ++sequence_;
  half_ = 1 - half_;
  end_ = write_at_;
  rewind();
  return {};
}

}  // namespace lockstep::agent
