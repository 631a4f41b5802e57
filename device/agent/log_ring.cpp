#include "device/agent/log_ring.hpp"

#include <algorithm>

namespace lockstep::agent {
namespace {

constexpr std::uint32_t magic = 0x31524b4c;         // "LKR1"
constexpr std::uint32_t high_water = 0x8000'0000u;  // positions begin again long before they would wrap

}  // namespace

LogRing::LogRing(MutableBytes memory) : head_(memory.first(head_size)), text_(memory.subspan(head_size)) {
  ByteReader r(head_);
  const bool ours = r.u32le() == magic;
  const std::uint32_t written = r.u32le();
  if (ours && r.u32le() == ~written) written_ = written;
  remember();
}

void LogRing::remember() {
  ByteWriter w(head_);
  w.u32le(magic);
  w.u32le(written_);
  w.u32le(~written_);
}

void LogRing::put(std::string_view text) {
  for (const char c : text) {
    text_[written_ % capacity()] = static_cast<std::byte>(c);
    ++written_;
  }
  // The same places under lower numbers; a reader in between finds that its own are gone.
  if (written_ >= high_water) written_ = written_ % capacity() + capacity();
  remember();
}

bool LogRing::has(std::uint32_t position) const {
  return position <= written_ && written_ - position <= capacity();
}

std::uint32_t LogRing::begin() const {
  const std::uint32_t readable = capacity() - capacity() / 4;
  if (written_ <= readable) return 0;
  const std::uint32_t first = written_ - readable;
  for (std::uint32_t at = first; at < written_; ++at) {
    if (this->at(at - 1) == '\n') return at;
  }
  return first;
}

Bytes LogRing::read(std::uint32_t position, std::uint32_t limit) const {
  if (!has(position)) return {};
  const std::uint32_t place = position % capacity();
  const std::uint32_t n = std::min({limit, written_ - position, capacity() - place});
  return Bytes(text_).subspan(place, n);
}

}  // namespace lockstep::agent
