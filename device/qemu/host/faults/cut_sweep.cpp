#include "device/qemu/host/faults/cut_sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "device/qemu/host/faults/cut_points.hpp"
#include "device/qemu/host/faults/debugged_board.hpp"
#include "device/qemu/host/faults/host_twin.hpp"
#include "device/qemu/host/faults/in_parallel.hpp"

namespace lockstep::board {
namespace {

constexpr std::chrono::seconds patience{60};

// Counts the flashes of both walks.
class Progress {
 public:
  explicit Progress(const std::function<void(std::size_t, std::size_t)>& show) : show_(show) {}

  void expect(std::size_t more) {
    const std::scoped_lock lock(counting_);
    all_ += more;
  }
  void step() {
    const std::scoped_lock lock(counting_);
    show_(++done_, all_);
  }

 private:
  const std::function<void(std::size_t, std::size_t)>& show_;
  std::mutex counting_;
  std::size_t done_ = 0, all_ = 0;
};

// What the threads of a walk share while they try flashes.
class Sweep {
 public:
  Sweep(const CutOptions& options, Progress& progress)
      : options_(options), progress_(progress), walker_(options.bin, options.cortex_m) {}

  void go(Walk::Kind kind);
  CutReport report() && { return std::move(report_); }

 private:
  void boot_each(const Walk& walk, const std::vector<std::size_t>& points);
  void boot_share(const Walk& walk, const std::vector<std::size_t>& points, std::size_t first);
  std::string try_flash(DebuggedBoard& board, Bytes flash) const;
  void kill_some(const Walk& walk);
  void find(const Walk& walk, std::size_t store, std::string_view what);

  const CutOptions& options_;
  Progress& progress_;
  Walker walker_;
  std::mutex reporting_;
  CutReport report_;
};

Buffer flash_behind(const Walk& walk, std::size_t stores) {
  Buffer flash = walk.before;
  for (std::size_t i = 0; i < stores; ++i) (void)walk.stores[i].apply(flash);
  return flash;
}

void Sweep::find(const Walk& walk, std::size_t store, std::string_view what) {
  const std::scoped_lock lock(reporting_);
  const Store& last = walk.stores[store - 1];
  report_.findings.push_back(fmt::format("{}, power cut behind store {} of {} ({} bytes at flash offset 0x{:06x}): {}",
                                         text(walk.kind), store, walk.stores.size(), last.bytes, last.offset, what));
}

// Empty when the board boots the flash, as its twin does, and the twin can be updated from there.
std::string Sweep::try_flash(DebuggedBoard& board, Bytes flash) const {
  board.set_flash(flash);
  if (board.run(patience).kind != Ending::Kind::ran) return "no firmware runs";
  HostTwin twin(flash, walker_.key(), walker_.buffer_size());
  if (!twin.power_on()) return "no firmware runs on the host, but one does on the board";
  if (!std::ranges::equal(twin.flash(), board.flash().first(flash.size()))) {
    return "behind the boot, the board's flash and the host's are not the same";
  }
  if (!complete_update(twin, walker_.image())) return "the update cannot be completed";
  return {};
}

void Sweep::boot_share(const Walk& walk, const std::vector<std::size_t>& points, std::size_t first) {
  DebuggedBoard board(options_.cortex_m / "bin" / "boot.elf");
  Buffer flash = walk.before;
  std::size_t applied = 0;
  for (std::size_t i = first; i < points.size(); i += options_.threads) {
    while (applied < points[i]) (void)walk.stores[applied++].apply(flash);
    if (const std::string wrong = try_flash(board, flash); !wrong.empty()) find(walk, points[i], wrong);
    progress_.step();
  }
}

void Sweep::boot_each(const Walk& walk, const std::vector<std::size_t>& points) {
  progress_.expect(points.size());
  in_parallel(options_.threads, [&](unsigned first) { boot_share(walk, points, first); });
}

// The flash as it is in fact when QEMU dies, which shows that the others are true, and the whole update on it.
void Sweep::kill_some(const Walk& walk) {
  for (std::uint32_t i = 1; i <= options_.real_cuts; ++i) {
    const std::size_t store = 1 + (walk.stores.size() - 1) * i / (options_.real_cuts + 1);
    const Buffer flash = walker_.cut(walk, store);
    ++report_.counts.back().killed;
    if (flash != flash_behind(walk, store)) find(walk, store, "the flash is not what was stored until then");
    if (!walker_.completes(flash)) find(walk, store, "the board cannot be updated any more");
  }
}

void Sweep::go(Walk::Kind kind) {
  const Walk walk = walker_.record(kind);
  CutPoints points = choose_cut_points(walk, walker_.image().file.size());
  const std::vector<WrittenByte> written = bytes_of(walk.stores);
  CutCount& count = report_.counts.emplace_back(CutCount{.walk = text(kind),
                                                         .stores = walk.stores.size(),
                                                         .bytes = written.size(),
                                                         .twin_bytes = walk.twin_written.size(),
                                                         .twin_operations = walk.twin_operations,
                                                         .changing = points.changing,
                                                         .sampled_out = points.changing - points.stores.size()});
  if (written != walk.twin_written) find(walk, walk.stores.size(), "board and host wrote different bytes on the way");
  if (options_.every > 1) {
    std::size_t n = 0;
    std::erase_if(points.stores, [&](std::size_t) { return n++ % options_.every != 0; });
  }
  count.booted = points.stores.size();
  boot_each(walk, points.stores);
  kill_some(walk);
}

}  // namespace

// Both walks at once: recording one, and killing its board, keeps no more than one processor busy.
CutReport sweep_cuts(const CutOptions& options, const std::function<void(std::size_t, std::size_t)>& show_progress) {
  constexpr std::array kinds{Walk::Kind::update, Walk::Kind::revert};
  std::array<CutReport, kinds.size()> reports;
  Progress progress(show_progress);
  in_parallel(kinds.size(), [&](unsigned i) {
    Sweep sweep(options, progress);
    sweep.go(kinds[i]);
    reports[i] = std::move(sweep).report();
  });
  CutReport both;
  for (CutReport& report : reports) {
    std::ranges::move(report.counts, std::back_inserter(both.counts));
    std::ranges::move(report.findings, std::back_inserter(both.findings));
  }
  return both;
}

}  // namespace lockstep::board
