#include "device/qemu/host/faults/walk.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "device/qemu/host/faults/host_twin.hpp"
#include "device/qemu/host/faults/plugins.hpp"
#include "host/base/files.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::board {
namespace {

void require(bool holds, std::string_view what) {
  if (!holds) throw std::runtime_error(std::string(what));
}

// What the host does once the firmware answers.
template <class Peer>
bool go(Walk::Kind kind, Peer& peer, const NewImage& image) {
  return kind == Walk::Kind::revert || complete_update(peer, image);
}

}  // namespace

const char* text(Walk::Kind kind) {
  switch (kind) {
    case Walk::Kind::update: return "update";
    case Walk::Kind::revert: return "revert";
  }
  return "unknown";
}

Walker::Walker(std::filesystem::path bin, std::filesystem::path cortex_m)
    : rig_(std::move(bin), std::move(cortex_m)), image_(new_image(rig_.image("thermostat-2.0", "2.0.0"))) {
  require(power_on(flash_before(Walk::Kind::update)), "the board does not start");
  const auto parameters = rig_.ask(smp::ParametersRequest{});
  require(parameters.has_value(), "the board does not answer");
  buffer_size_ = parameters->buffer_size;
}

Buffer Walker::flash_before(Walk::Kind kind) {
  rig_.make(rig_.image("thermostat-1.0", "1.0.0"));
  const auto made = read_file(rig_.flash());
  require(bool(made), "the flash cannot be read");
  const Buffer fresh = to_buffer(Bytes(*made).first(used_flash));
  if (kind == Walk::Kind::update) return fresh;
  require(power_on(fresh) && stage(rig_, image_) && rig_.restart(), "the board takes no update");
  return power_off();
}

// Waits until a firmware is ready; false when none is, or when the power fails before.
bool Walker::power_on(Bytes flash, std::vector<std::string> plugin) {
  rig_.power_cut();
  Buffer whole(flash_geometry.size, boot::erased_byte);
  std::ranges::copy(flash, whole.begin());
  require(bool(write_file(rig_.flash(), whole)), "the flash cannot be written");
  rig_.power_on(std::move(plugin));
  return rig_.wait_for_log(" ready");
}

Buffer Walker::power_off() {
  rig_.power_cut();
  const auto flash = read_file(rig_.flash());
  require(bool(flash), "the flash cannot be read");
  return to_buffer(Bytes(*flash).first(used_flash));
}

Walk Walker::record(Walk::Kind kind) {
  Walk walk{.kind = kind, .before = flash_before(kind)};
  const auto log = rig_.folder() / "stores";
  require(power_on(walk.before, {"-plugin", fmt::format("{},base={},size={},log={},flash={}", power_cut_plugin().string(),
                                                       an385.flash_base, flash_geometry.size, log.string(), rig_.flash().string())}) &&
              go(kind, rig_, image_),
          fmt::format("the {} fails without a fault", text(kind)));
  (void)power_off();
  auto stores = load_stores(log);
  if (!stores) throw std::runtime_error(stores.error().what);
  walk.stores = *std::move(stores);

  HostTwin twin(walk.before, key(), buffer_size_);
  require(twin.power_on() && go(kind, twin, image_), fmt::format("the {} fails on the host", text(kind)));
  walk.twin_written = twin.written();
  walk.twin_operations = twin.operations();
  return walk;
}

Buffer Walker::cut(const Walk& walk, std::size_t n) {
  const auto plugin = fmt::format("{},base={},size={},cut={}", power_cut_plugin().string(), an385.flash_base,
                                  flash_geometry.size, n);
  if (power_on(walk.before, {"-plugin", plugin})) (void)go(walk.kind, rig_, image_);
  require(rig_.wait_for_power_loss(std::chrono::seconds(60)), fmt::format("the board never came to store {}", n));
  return power_off();
}

bool Walker::completes(Bytes flash) {
  const bool done = power_on(flash) && complete_update(rig_, image_);
  rig_.power_cut();
  return done;
}

}  // namespace lockstep::board
