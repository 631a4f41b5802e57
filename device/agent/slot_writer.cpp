#include "device/agent/slot_writer.hpp"

#include <algorithm>

#include "protocols/smp/image_group.hpp"

namespace lockstep::agent {

namespace image_rc = smp::image_rc;

Result<void, ImageError> SlotWriter::append(Bytes data) {
  const std::uint32_t align = platform_->flash().geometry().write_align;
  boot::FlashArea area = slots_.upload_area();
  const std::size_t waiting = taken_ - written_;
  taken_ += static_cast<std::uint32_t>(data.size());
  if (waiting > 0) {
    const std::size_t n = std::min<std::size_t>(align - waiting, data.size());
    std::copy_n(data.begin(), n, tail_.begin() + static_cast<long>(waiting));
    data = data.subspan(n);
    if (waiting + n < align) return {};
    if (!area.program(written_, Bytes(tail_).first(align))) return Fail(image_rc::flash_write_failed);
    written_ += align;
  }
  const std::size_t whole = data.size() / align * align;
  if (whole > 0 && !area.program(written_, data.first(whole))) return Fail(image_rc::flash_write_failed);
  written_ += static_cast<std::uint32_t>(whole);
  std::copy(data.begin() + static_cast<long>(whole), data.end(), tail_.begin());
  return {};
}

Result<void, ImageError> SlotWriter::finish() {
  const Bytes rest = Bytes(tail_).first(taken_ - written_);
  if (rest.empty()) return {};
  if (!slots_.upload_area().program_padded(written_, rest)) return Fail(image_rc::flash_write_failed);
  written_ = taken_;
  return {};
}

}  // namespace lockstep::agent
