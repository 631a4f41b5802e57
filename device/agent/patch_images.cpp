#include "device/agent/patch_images.hpp"

#include <algorithm>

namespace lockstep::agent {

void PatchImages::start(std::uint32_t base_size, std::uint32_t finished) {
  base_size_ = base_size;
  in_flash_ = recorded_ = finished;
  waiting_ = 0;
}

bool PatchImages::read_base(std::uint32_t offset, MutableBytes into) {
  return static_cast<bool>(slots_.area(platform_->active_slot()).load(offset, into));
}

bool PatchImages::read_target(std::uint32_t offset, MutableBytes into) {
  const std::size_t old = offset < in_flash_ ? std::min<std::size_t>(into.size(), in_flash_ - offset) : 0;
  if (old > 0 && !slots_.upload_area().load(offset, into.first(old))) return false;
  const std::size_t rest = into.size() - old;
  if (rest == 0) return true;
  const std::size_t at = offset + old - in_flash_;
  if (at > waiting_ || rest > waiting_ - at) return false;
  std::copy_n(page_.begin() + static_cast<std::ptrdiff_t>(at), rest, into.begin() + static_cast<std::ptrdiff_t>(old));
  return true;
}

bool PatchImages::write(std::uint32_t offset, Bytes bytes) {
  const std::uint32_t end = in_flash_ + waiting_;
  const std::size_t known = offset < end ? std::min<std::size_t>(bytes.size(), end - offset) : 0;
  for (bytes = bytes.subspan(known); !bytes.empty();) {
    const std::size_t n = std::min<std::size_t>(bytes.size(), page_.size() - waiting_);
    std::copy_n(bytes.begin(), n, page_.begin() + waiting_);
    waiting_ += static_cast<std::uint32_t>(n);
    bytes = bytes.subspan(n);
    if (waiting_ == page_.size() && !flush_units()) return false;
  }
  return true;
}

// Programs whole write units; the rest moves to the front.
bool PatchImages::flush_units() {
  const std::uint32_t whole = waiting_ - waiting_ % platform_->flash().geometry().write_align;
  if (whole == 0) return true;
  if (!slots_.upload_area().program(in_flash_, Bytes(page_).first(whole))) return false;
  std::copy(page_.begin() + whole, page_.begin() + waiting_, page_.begin());
  in_flash_ += whole;
  waiting_ -= whole;
  return true;
}

// Everything before the sector that is now being written stays as it is, so a reset can go on at its first byte.
bool PatchImages::on_window(const Window& window) {
  platform_->before_erase();  // a window may take a while: feed the watchdog
  if (!flush_units()) return false;
  const std::uint32_t finished = in_flash_ - in_flash_ % platform_->flash().geometry().sector_size;
  if (finished <= recorded_) return true;
  recorded_ = finished;
  return static_cast<bool>(journal_.append({window.patch_start, window.target_start, finished}));
}

Result<void, boot::FlashErrc> PatchImages::finish() {
  if (waiting_ == 0) return {};
  LOCKSTEP_CHECK(slots_.upload_area().program_padded(in_flash_, Bytes(page_).first(waiting_)));
  waiting_ = 0;
  return {};
}

}  // namespace lockstep::agent
