#include "device/qemu/host/faults/skip_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string_view>

#include "device/qemu/host/faults/bad_images.hpp"
#include "device/qemu/host/faults/debugged_board.hpp"
#include "device/qemu/host/faults/functions.hpp"
#include "device/qemu/host/faults/in_parallel.hpp"

namespace lockstep::board {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds patience{60};  // for a boot without a fault

// What takes so much longer than the same boot without a fault hangs.
std::chrono::milliseconds longest(Clock::duration boot) {
  return std::max(std::chrono::milliseconds(1000), 10 * std::chrono::duration_cast<std::chrono::milliseconds>(boot));
}

// Functions that move and multiply numbers without deciding anything.
bool is_arithmetic(std::string_view function) {
  constexpr std::array<std::string_view, 10> names{"mbedtls_mpi_", "mpi_",   "ecp_mod",    "ecp_double", "ecp_add",
                                                   "ecp_safe",     "mbedtls_internal_sha", "mem",        "__aeabi",
                                                   "board::Uart"};
  return std::ranges::any_of(names, [&](std::string_view name) { return function.starts_with(name); });
}

// Leaves the board's RAM at the beginning of each run as a boot of a good image does: stale memory that says "good" is
// the worst that a skipped instruction may meet.
void remember_a_good_boot(DebuggedBoard& board, Bytes good_flash) {
  board.set_flash(good_flash);
  if (board.run(patience).kind != Ending::Kind::ran) throw std::runtime_error("the good firmware does not run");
  board.set_ram(board.ram());
}

struct Work {
  std::size_t image = 0;
  Skip skip;
};

class Sweep {
 public:
  explicit Sweep(const SkipOptions& options)
      : options_(options), images_(make_bad_images(FlashMaker(options.firmwares))), functions_(load(options.boot_elf)) {}

  void plan();
  void work_off(const std::function<void(std::size_t, std::size_t)>& progress);
  SkipReport report() && { return std::move(report_); }

 private:
  static Functions load(const std::filesystem::path& elf) {
    auto functions = Functions::load(elf);
    if (!functions) throw std::runtime_error(functions.error().what);
    return *std::move(functions);
  }
  void plan(std::size_t image, const std::vector<std::uint64_t>& executions);
  void note(const Work& work, const Ending& ending);

  const SkipOptions& options_;
  const BadImages images_;
  const Functions functions_;
  std::vector<std::chrono::milliseconds> longest_;  // a boot of each bad image
  std::vector<Work> work_;
  std::atomic<std::size_t> next_{0};
  std::mutex reporting_;
  SkipReport report_;
};

// Every instruction that a boot of the bad image executes, but for the samples.
void Sweep::plan(std::size_t image, const std::vector<std::uint64_t>& executions) {
  SkipCount& count = report_.counts.emplace_back();
  count.image = images_.bad[image].name;
  const std::uint32_t thinning = images_.bad[image].costs_much ? options_.every_costly : 1;
  std::uint32_t decisions = 0, arithmetic = 0;
  for (std::uint32_t i = 0; i < executions.size(); ++i) {
    if (executions[i] == 0) continue;
    ++count.executed;
    const std::string_view function = functions_.name_at(i * 2);
    if (!function.starts_with(options_.function)) continue;
    const bool taken = is_arithmetic(function)
                           ? arithmetic++ % (options_.every_arithmetic * thinning) == 0
                           : decisions++ % (options_.every * thinning) == 0;
    if (taken) work_.push_back({.image = image, .skip = {.address = i * 2}});
  }
}

void Sweep::plan() {
  DebuggedBoard board(options_.boot_elf, true);
  remember_a_good_boot(board, images_.good);
  for (std::size_t i = 0; i < images_.bad.size(); ++i) {
    board.set_flash(images_.bad[i].flash);
    (void)board.executions();
    const auto begin = Clock::now();
    const Ending ending = board.run(patience);
    if (ending.kind != Ending::Kind::halted) {
      throw std::runtime_error(fmt::format("without any fault, the board does not refuse {}: it {} at {}", images_.bad[i].name, ending.kind == Ending::Kind::ran ? "runs" : "hangs", functions_.describe(ending.pc)));
    }
    longest_.push_back(longest(Clock::now() - begin));
    plan(i, board.executions());
  }
}

void Sweep::note(const Work& work, const Ending& ending) {
  SkipCount& count = report_.counts[work.image];
  ++count.skipped;
  switch (ending.kind) {
    case Ending::Kind::halted: ++count.halted; return;
    case Ending::Kind::hung: ++count.hung; return;
    case Ending::Kind::locked: ++count.locked; return;
    case Ending::Kind::ran: ++count.ran; break;
  }
  report_.findings.push_back({.image = count.image, .instruction = functions_.describe(work.skip.address), .pc = ending.pc});
}

// One thread's work: takes what is next until nothing is left.
void Sweep::work_off(const std::function<void(std::size_t, std::size_t)>& progress) {
  DebuggedBoard board(options_.boot_elf);
  remember_a_good_boot(board, images_.good);
  std::size_t image = images_.bad.size();
  for (std::size_t i = next_++; i < work_.size(); i = next_++) {
    const Work& work = work_[i];
    if (work.image != image) board.set_flash(images_.bad[image = work.image].flash);
    const Ending ending = board.run(longest_[image], work.skip);
    if (!ending.skipped) {
      throw std::runtime_error(fmt::format("the instruction at {} was executed before and is not met now",
                                           functions_.describe(work.skip.address)));
    }
    const std::scoped_lock lock(reporting_);
    note(work, ending);
    progress(i + 1, work_.size());
  }
}

}  // namespace

SkipReport sweep_skips(const SkipOptions& options, const std::function<void(std::size_t, std::size_t)>& progress) {
  Sweep sweep(options);
  sweep.plan();
  in_parallel(options.threads, [&](unsigned) { sweep.work_off(progress); });
  return std::move(sweep).report();
}

}  // namespace lockstep::board
