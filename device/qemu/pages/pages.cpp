#include "device/qemu/pages/pages.hpp"

#include <algorithm>

#include "protocols/core/crc.hpp"

namespace lockstep::board {
namespace {

constexpr std::string_view key_magic = "LKSTKEY1";
constexpr std::string_view identity_magic = "LKSTIDP1";

bool is_blank(Bytes page) {
  return std::all_of(page.begin(), page.end(), [](std::byte b) { return b == std::byte{0xff}; });
}

Result<void, PageErrc> check_magic(ByteReader& reader, Bytes page, std::string_view magic) {
  if (is_blank(page)) return Fail(PageErrc::blank);
  if (as_text(reader.take(magic.size())) != magic) return Fail(PageErrc::bad_magic);
  return {};
}

// The checksum follows what `reader` has taken of `page` so far.
Result<void, PageErrc> check_sum(ByteReader& reader, Bytes page) {
  if (!reader.ok()) return Fail(PageErrc::bad_form);
  const Bytes covered = page.first(page.size() - reader.remaining());
  const std::uint32_t stored = reader.u32le();
  if (!reader.ok()) return Fail(PageErrc::bad_form);
  if (stored != crc32(covered)) return Fail(PageErrc::bad_checksum);
  return {};
}

Result<std::size_t, PageErrc> finish(ByteWriter& writer) {
  writer.u32le(crc32(writer.written()));
  if (!writer.ok()) return Fail(PageErrc::no_room);
  return writer.size();
}

}  // namespace

std::string_view text(PageErrc e) {
  switch (e) {
    case PageErrc::none: return "no error";
    case PageErrc::blank: return "the page was never written";
    case PageErrc::bad_magic: return "the page holds something else";
    case PageErrc::bad_form: return "the page's lengths make no sense";
    case PageErrc::bad_checksum: return "the page is damaged";
    case PageErrc::no_room: return "a field is too long for the page";
  }
  return "unknown error";
}

Result<KeyPage, PageErrc> decode_key_page(Bytes page) {
  ByteReader reader(page);
  LOCKSTEP_CHECK(check_magic(reader, page, key_magic));
  KeyPage keys;
  keys.count = reader.u8();
  if (keys.count == 0 || keys.count > max_keys) return Fail(PageErrc::bad_form);
  for (std::size_t i = 0; i < keys.count; ++i) {
    const Bytes point = reader.take(keys.store[i].size());
    std::copy(point.begin(), point.end(), keys.store[i].begin());
  }
  LOCKSTEP_CHECK(check_sum(reader, page));
  return keys;
}

Result<IdentityPage, PageErrc> decode_identity_page(Bytes page) {
  ByteReader reader(page);
  LOCKSTEP_CHECK(check_magic(reader, page, identity_magic));
  IdentityPage identity;
  for (std::string_view* field : {&identity.board, &identity.revision, &identity.serial, &identity.product}) {
    const std::size_t size = reader.u8();
    if (size > max_text) return Fail(PageErrc::bad_form);
    *field = as_text(reader.take(size));
  }
  LOCKSTEP_CHECK(check_sum(reader, page));
  if (identity.board.empty() || identity.serial.empty()) return Fail(PageErrc::bad_form);
  return identity;
}

Result<std::size_t, PageErrc> encode_key_page(std::span<const mcuboot::P256Point> points, MutableBytes out) {
  if (points.empty()) return Fail(PageErrc::bad_form);
  if (points.size() > max_keys) return Fail(PageErrc::no_room);
  ByteWriter writer(out);
  writer.text(key_magic);
  writer.u8(static_cast<std::uint8_t>(points.size()));
  for (const mcuboot::P256Point& point : points) writer.bytes(point);
  return finish(writer);
}

Result<std::size_t, PageErrc> encode_identity_page(const IdentityPage& identity, MutableBytes out) {
  if (identity.board.empty() || identity.serial.empty()) return Fail(PageErrc::bad_form);
  ByteWriter writer(out);
  writer.text(identity_magic);
  for (const std::string_view field : {identity.board, identity.revision, identity.serial, identity.product}) {
    if (field.size() > max_text) return Fail(PageErrc::no_room);
    writer.u8(static_cast<std::uint8_t>(field.size()));
    writer.text(field);
  }
  return finish(writer);
}

}  // namespace lockstep::board
