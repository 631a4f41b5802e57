#include "device/agent/app_descriptor.hpp"

#include <algorithm>
#include <array>

namespace lockstep::agent {
namespace {

constexpr std::uint32_t size = sizeof(AppDescriptor);
constexpr std::uint32_t window_size = 512;

AppDescriptor decode(Bytes bytes) {
  AppDescriptor d;
  ByteReader reader(bytes);
  reader.skip(sizeof d.magic);
  d.flags = reader.u32le();
  const std::string_view name = as_text(reader.take(sizeof d.name));
  const std::string_view version = as_text(reader.take(sizeof d.version));
  std::copy(name.begin(), name.end(), d.name);
  std::copy(version.begin(), version.end(), d.version);
  return d;
}

}  // namespace

bool hangs_on(std::uint32_t flags, std::string_view revision) {
  if ((flags & AppDescriptor::hang_after_boot) != 0) return true;
  const bool second = !revision.empty() && revision[0] == '2' && (revision.size() == 1 || revision[1] == '.');
  return second && (flags & AppDescriptor::hang_on_revision_2) != 0;
}

std::optional<AppDescriptor> find_app_descriptor(mcuboot::Source& payload, std::uint32_t length) {
  const AppDescriptor pattern;
  const Bytes magic = as_bytes({pattern.magic, sizeof pattern.magic});
  std::array<std::byte, window_size> window;
  // Windows overlap by one descriptor, so that none is missed at a border.
  for (std::uint32_t at = 0; at + size <= length; at += window_size - size) {
    const auto n = std::min(length - at, window_size);
    if (!payload.read(at, MutableBytes(window).first(n))) return std::nullopt;
    for (std::size_t i = 0; i + size <= n; i += 4) {
      if (std::equal(magic.begin(), magic.end(), window.begin() + static_cast<long>(i))) {
        return decode(Bytes(window).subspan(i, size));
      }
    }
  }
  return std::nullopt;
}

}  // namespace lockstep::agent
