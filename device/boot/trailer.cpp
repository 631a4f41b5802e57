#include "device/boot/trailer.hpp"

#include <algorithm>

namespace lockstep::boot {

using namespace std::string_view_literals;  // length known without strlen
namespace {

constexpr std::uint32_t magic_size = 16;
constexpr std::byte flag_set{0x01};

constexpr std::uint32_t align_up(std::uint32_t value, std::uint32_t align) { return (value + align - 1) / align * align; }
constexpr std::uint32_t align_down(std::uint32_t value, std::uint32_t align) { return value / align * align; }
constexpr std::uint32_t max_align_of(const Geometry& g) { return std::max<std::uint32_t>(8, g.write_align); }

bool all_erased(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == erased_byte; });
}

std::array<std::byte, 4> little(std::uint32_t v) {
  return {std::byte(v & 0xff), std::byte(v >> 8 & 0xff), std::byte(v >> 16 & 0xff), std::byte(v >> 24)};
}

}  // namespace

std::string_view text(SwapType t) {
  switch (t) {
    case SwapType::none: return "none"sv;
    case SwapType::test: return "test"sv;
    case SwapType::perm: return "perm"sv;
    case SwapType::revert: return "revert"sv;
  }
  return "unknown"sv;
}

std::array<std::byte, 16> trailer_magic(std::uint32_t max_align) {
  constexpr auto b = [](auto... v) { return std::array<std::byte, 16>{std::byte(v)...}; };
  if (max_align == 8) {
    return b(0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80);
  }
  auto magic = b(0, 0, 0x2d, 0xe1, 0x5d, 0x29, 0x41, 0x0b, 0x8d, 0x77, 0x67, 0x9c, 0x11, 0x0f, 0x1f, 0x8a);
  magic[0] = std::byte(max_align & 0xff);
  magic[1] = std::byte(max_align >> 8);
  return magic;
}

std::uint32_t trailer_size(const Geometry& geometry, std::uint32_t sectors) {
  const std::uint32_t a = max_align_of(geometry);
  const std::uint32_t status = sectors * 2 * geometry.write_align;
  return status + 5 * a + align_up(magic_size, a);
}

std::uint32_t trailer_region(const Geometry& geometry, std::uint32_t sectors) {
  return align_up(trailer_size(geometry, sectors), geometry.sector_size);
}

Trailer::Trailer(FlashArea slot, std::uint32_t sectors)
    : slot_(slot), sectors_(sectors), max_align_(max_align_of(slot.geometry())) {}

std::uint32_t Trailer::image_ok_offset() const {
  return align_down(slot_.size() - magic_size - max_align_, max_align_);
}

Result<Flag, FlashErrc> Trailer::read_flag(std::uint32_t offset) {
  std::array<std::byte, 1> flag;
  LOCKSTEP_CHECK(slot_.load(offset, flag));
  if (flag[0] == erased_byte) return Flag::unset;
  return flag[0] == flag_set ? Flag::set : Flag::bad;
}

Result<TrailerState, FlashErrc> Trailer::read() {
  TrailerState state;
  std::array<std::byte, magic_size> magic;
  LOCKSTEP_CHECK(slot_.load(slot_.size() - magic_size, magic));
  if (!all_erased(magic)) state.magic = magic == trailer_magic(max_align_) ? Magic::good : Magic::bad;

  LOCKSTEP_TRY(image_ok, read_flag(image_ok_offset()));
  LOCKSTEP_TRY(copy_done, read_flag(image_ok_offset() - max_align_));
  state.image_ok = image_ok;
  state.copy_done = copy_done;

  std::array<std::byte, 1> info;
  LOCKSTEP_CHECK(slot_.load(image_ok_offset() - 2 * max_align_, info));
  const auto type = std::to_integer<std::uint8_t>(info[0] & std::byte{0x0f});
  const bool known = info[0] != erased_byte && type >= 2 && type <= 4;
  if (known) state.swap_type = static_cast<SwapType>(type);
  return state;
}

Result<SwapProgress, FlashErrc> Trailer::read_progress() {
  SwapProgress progress;
  std::array<std::byte, 4> size;
  LOCKSTEP_CHECK(slot_.load(image_ok_offset() - 4 * max_align_, size));
  progress.swap_size = ByteReader(size).u32le();

  const std::uint32_t align = slot_.geometry().write_align;
  const std::uint32_t status = slot_.size() - trailer_size(slot_.geometry(), sectors_);
  for (std::uint32_t i = sectors_ * 2; i > 0; --i) {  // the last record counts, whatever is before it
    std::array<std::byte, 1> record;
    LOCKSTEP_CHECK(slot_.load(status + (i - 1) * align, record));
    if (record[0] == erased_byte) continue;
    progress.steps = i;
    break;
  }
  return progress;
}

Result<bool, FlashErrc> Trailer::is_erased() {
  const std::uint32_t size = trailer_size(slot_.geometry(), sectors_);
  return slot_.is_erased(slot_.size() - size, size);
}

Result<void, FlashErrc> Trailer::erase() {
  const std::uint32_t size = trailer_size(slot_.geometry(), sectors_);
  return slot_.erase_range(slot_.size() - size, size);
}

Result<void, FlashErrc> Trailer::write_field(std::uint32_t offset, Bytes value) {
  return slot_.program_padded(offset, value);
}

Result<void, FlashErrc> Trailer::write_magic() {
  // The magic fills the end of its aligned field, so that the field's first byte is on the write alignment.
  const std::uint32_t field = align_up(magic_size, max_align_);
  std::array<std::byte, max_write_align> bytes;
  bytes.fill(erased_byte);
  const auto magic = trailer_magic(max_align_);
  std::copy(magic.begin(), magic.end(), bytes.begin() + (field - magic_size));
  return write_field(slot_.size() - field, Bytes(bytes).first(field));
}

Result<void, FlashErrc> Trailer::write_image_ok() { return write_field(image_ok_offset(), Bytes(&flag_set, 1)); }

Result<void, FlashErrc> Trailer::write_copy_done() {
  return write_field(image_ok_offset() - max_align_, Bytes(&flag_set, 1));
}

Result<void, FlashErrc> Trailer::write_swap_info(SwapType type) {
  const std::byte info{static_cast<std::uint8_t>(type)};  // the image number in the high bits is 0
  return write_field(image_ok_offset() - 2 * max_align_, Bytes(&info, 1));
}

Result<void, FlashErrc> Trailer::write_tlv_sizes(std::uint16_t slot0, std::uint16_t slot1) {
  return write_field(image_ok_offset() - 3 * max_align_, little(std::uint32_t{slot1} << 16 | slot0));
}

Result<void, FlashErrc> Trailer::write_swap_size(std::uint32_t bytes) {
  return write_field(image_ok_offset() - 4 * max_align_, little(bytes));
}

Result<void, FlashErrc> Trailer::write_step(std::uint32_t step) {
  const std::uint32_t align = slot_.geometry().write_align;
  const std::uint32_t status = slot_.size() - trailer_size(slot_.geometry(), sectors_);
  const std::byte record{static_cast<std::uint8_t>(step % 2 + 1)};
  return write_field(status + step * align, Bytes(&record, 1));
}

}  // namespace lockstep::boot
