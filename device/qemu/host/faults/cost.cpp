#include "device/qemu/host/faults/cost.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "device/qemu/host/faults/bad_images.hpp"
#include "device/qemu/host/faults/boot_memory.hpp"
#include "device/qemu/host/faults/debugged_board.hpp"
#include "device/qemu/host/faults/host_twin.hpp"
#include "device/qemu/host/faults/update_steps.hpp"

namespace lockstep::board {
namespace {

constexpr std::chrono::seconds patience{60};
constexpr std::uint32_t buffer_size = 2048;
constexpr std::byte untouched{0xA5};

// A flash whose next boot swaps version 2.0.0 in.
Buffer staged_flash(const FlashMaker& maker) {
  HostTwin twin(maker.flash(maker.good_image()), maker.key().public_key(), buffer_size);
  const NewImage update = new_image(maker.good_image("thermostat-2.0", "2.0.0"));
  if (!twin.power_on() || !stage(twin, update)) throw std::runtime_error("the update cannot be staged");
  return to_buffer(twin.flash());
}

constexpr std::uint32_t most_stack_bytes = 4608;  // of 5 KiB

BootCost measure(DebuggedBoard& board, std::string_view boot, Bytes flash, Ending::Kind expected,
                 std::uint64_t most_instructions) {
  board.set_flash(flash);
  board.set_ram(Buffer(ram_size, untouched));
  (void)board.executions();
  if (board.run(patience).kind != expected) throw std::runtime_error("the board does something else than to " + std::string(boot));
  const std::vector<std::uint64_t> executions = board.executions();
  const Buffer ram = board.ram();
  const auto deepest = std::ranges::find_if(ram, [](std::byte b) { return b != untouched; });
  return {.boot = boot,
          .instructions = std::accumulate(executions.begin(), executions.end(), std::uint64_t{0}),
          .stack_bytes = stack_size - static_cast<std::uint32_t>(deepest - ram.begin()),
          .most_instructions = most_instructions,
          .most_stack_bytes = most_stack_bytes};
}

}  // namespace

std::vector<BootCost> measure_boots(const std::filesystem::path& boot_elf, const std::filesystem::path& firmwares) {
  const FlashMaker maker(firmwares);
  const BadImages images = make_bad_images(maker);
  DebuggedBoard board(boot_elf, true);
  return {measure(board, "boot what is there", images.good, Ending::Kind::ran, 80'000'000),
          measure(board, "swap in and boot an update", staged_flash(maker), Ending::Kind::ran, 120'000'000),
          measure(board, "refuse a stranger's image", images.bad[0].flash, Ending::Kind::halted, 4'800'000)};
}

}  // namespace lockstep::board
