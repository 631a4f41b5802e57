#include "device/qemu/host/faults/host_twin.hpp"

#include "device/qemu/pages/flash_map.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::board {
namespace {

boot::Geometry geometry_of(Bytes flash) {
  boot::Geometry geometry = flash_geometry;
  geometry.size = static_cast<std::uint32_t>(flash.size());
  return geometry;
}

}  // namespace

Result<void, boot::FlashErrc> HostTwin::RecordingFlash::read(std::uint32_t address, MutableBytes into) {
  return inner_.read(address, into);
}

Result<void, boot::FlashErrc> HostTwin::RecordingFlash::program(std::uint32_t address, Bytes bytes) {
  LOCKSTEP_CHECK(inner_.program(address, bytes));
  twin_.record(address, bytes.size());
  return {};
}

Result<void, boot::FlashErrc> HostTwin::RecordingFlash::erase(std::uint32_t address) {
  LOCKSTEP_CHECK(inner_.erase(address));
  twin_.record(address, geometry().sector_size);
  return {};
}

HostTwin::HostTwin(Bytes flash, const PublicKey& key, std::uint32_t buffer_size)
    : memory_(to_buffer(flash)),
      flash_(geometry_of(flash), *this),
      node_(flash_, {.layout = flash_layout, .keys = {key.mcuboot()}, .buffer_size = buffer_size, .buffer_count = 1},
            [](const std::string&) {}) {}

void HostTwin::record(std::uint32_t address, std::size_t size) {
  ++operations_;
  for (std::uint32_t i = 0; i < size; ++i) written_.push_back({address + i, memory_[address + i]});
}

bool HostTwin::wait_until_running() {
  while (!node_.is_running() && node_.deadline()) node_.tick(now_ = *node_.deadline());
  return node_.is_running();
}

bool HostTwin::power_on() {
  node_.power_on(now_);
  return wait_until_running();
}

bool HostTwin::restart() {
  if (!ask(smp::ResetRequest{}) || !node_.deadline()) return false;
  node_.tick(now_ = *node_.deadline());
  return wait_until_running();
}

smp::Errc HostTwin::upload(Bytes image) {
  const Sha256 sha = Sha256::of(image);
  smp::UploadSession session(image, buffer_, {.sha = sha.bytes()});
  drive(session);
  return session.error();
}

}  // namespace lockstep::board
