#include "device/qemu/host/faults/cut_points.hpp"

#include <optional>

namespace lockstep::board {
namespace {

constexpr std::uint32_t sector_size = flash_geometry.sector_size;

// The sectors that hold images: in slot 1 they may begin one sector up.
bool is_body(std::uint32_t offset, std::size_t image_size) {
  const std::uint32_t sectors = static_cast<std::uint32_t>((image_size + sector_size - 1) / sector_size) * sector_size;
  return offset - flash_layout.slot0.offset < sectors || offset - flash_layout.slot1.offset < sectors + sector_size;
}

// Stores of one kind into one sector of a body.
struct Run {
  std::uint32_t sector = 0;
  bool erases = false;
  std::vector<std::size_t> stores{};

  bool takes(const Store& store, bool erasing) const { return store.offset / sector_size == sector && erases == erasing; }
};

void take_sample(std::optional<Run>& run, std::vector<std::size_t>& into) {
  if (!run) return;
  const std::size_t last = run->stores.size() - 1;
  into.push_back(run->stores[0]);
  if (last > 1) into.push_back(run->stores[last / 2]);
  if (last > 0) into.push_back(run->stores[last]);
  run.reset();
}

bool is_erase(const Store& store) {
  const std::uint64_t all_ones = store.bytes == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << 8 * store.bytes) - 1;
  return store.value == all_ones;
}

}  // namespace

CutPoints choose_cut_points(const Walk& walk, std::size_t image_size) {
  CutPoints points;
  std::optional<Run> run;
  Buffer flash = walk.before;
  for (std::size_t i = 0; i < walk.stores.size(); ++i) {
    const Store& store = walk.stores[i];
    if (!store.apply(flash)) continue;
    ++points.changing;
    const bool body = is_body(store.offset, image_size);
    if (run && (!body || !run->takes(store, is_erase(store)))) take_sample(run, points.stores);
    if (!body) {
      points.stores.push_back(i + 1);
      continue;
    }
    if (!run) run = Run{.sector = store.offset / sector_size, .erases = is_erase(store)};
    run->stores.push_back(i + 1);
  }
  take_sample(run, points.stores);
  return points;
}

}  // namespace lockstep::board
