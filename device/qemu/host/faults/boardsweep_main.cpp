// lockstep-boardsweep: faults on the board in QEMU, with the boot code that ships, untouched (README.md).
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "device/qemu/host/faults/cost.hpp"
#include "device/qemu/host/faults/cut_sweep.hpp"
#include "device/qemu/host/faults/skip_sweep.hpp"

namespace {

using namespace lockstep;
namespace fs = std::filesystem;

fs::path own_folder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

void show_progress(std::size_t done, std::size_t all) {
  if (::isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r{} of {}{}", done, all, done == all ? "\n" : "");
  std::fflush(stderr);
}

int skip(const board::SkipOptions& options) {
  const board::SkipReport report = board::sweep_skips(options, show_progress);
  fmt::print("{:45}  {:>12}  {:>7}  {:>6}  {:>4}  {:>6}  {:>8}\n", "image with", "instructions", "skipped", "halted", "hung",
             "locked", "findings");
  for (const board::SkipCount& count : report.counts) {
    fmt::print("{:45}  {:12}  {:7}  {:6}  {:4}  {:6}  {:8}\n", count.image, count.executed, count.skipped, count.halted,
               count.hung, count.locked, count.ran);
  }
  for (const board::SkipFinding& finding : report.findings) {
    fmt::print("finding: the image with {} runs when the instruction at {} is skipped (pc=0x{:08x})\n", finding.image,
               finding.instruction, finding.pc);
  }
  return report.findings.empty() ? 0 : 1;
}

int cut(const board::CutOptions& options) {
  const board::CutReport report = board::sweep_cuts(options, show_progress);
  fmt::print("{:8}  {:>7}  {:>8}  {:>10}  {:>10}  {:>9}  {:>8}  {:>7}  {:>7}\n", "walk", "stores", "bytes", "host bytes",
             "operations", "changing", "sampled", "booted", "killed");
  for (const board::CutCount& count : report.counts) {
    fmt::print("{:8}  {:7}  {:8}  {:10}  {:10}  {:9}  {:8}  {:7}  {:7}\n", count.walk, count.stores, count.bytes,
               count.twin_bytes, count.twin_operations, count.changing, count.changing - count.sampled_out, count.booted,
               count.killed);
  }
  for (const std::string& finding : report.findings) fmt::print("finding: {}\n", finding);
  return report.findings.empty() ? 0 : 1;
}

int cost(const fs::path& boot_elf, const fs::path& firmwares) {
  bool within = true;
  fmt::print("{:28}  {:>12}  {:>12}  {:>6}  {:>6}\n", "to ...", "instructions", "at most", "stack", "at most");
  for (const board::BootCost& boot : board::measure_boots(boot_elf, firmwares)) {
    fmt::print("{:28}  {:12}  {:12}  {:6}  {:6}\n", boot.boot, boot.instructions, boot.most_instructions, boot.stack_bytes,
               boot.most_stack_bytes);
    within = within && boot.is_within_budget();
  }
  return within ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Faults on the Cortex-M3 board in QEMU. Exit status 0: nothing was found.");
  app.require_subcommand(1);
  fs::path cortex_m = own_folder().parent_path().parent_path() / "cortex-m";
  unsigned threads = 2;
  app.add_option("--firmware", cortex_m, "build folder of the preset cortex-m")->capture_default_str();
  app.add_option("--threads", threads, "boards at once (cut: for the update, and for the revert)")->check(CLI::Range(1, 64))->capture_default_str();

  board::SkipOptions skips;
  CLI::App* const skip_command = app.add_subcommand("skip", "skip each instruction of the decision whether an image may run");
  skip_command->add_option("--boot", skips.boot_elf, "another boot code than boot.elf")->check(CLI::ExistingFile);
  skip_command->add_option("--in", skips.function, "only instructions of functions whose name begins so");
  skip_command->add_option("--every", skips.every, "one instruction in N")->check(CLI::PositiveNumber)->capture_default_str();
  skip_command->add_option("--every-arithmetic", skips.every_arithmetic, "one in N of those of hash and curve")
      ->check(CLI::PositiveNumber)->capture_default_str();
  skip_command->add_option("--every-costly", skips.every_costly, "N times fewer where a boot verifies a signature")
      ->check(CLI::PositiveNumber)->capture_default_str();

  board::CutOptions cuts;
  CLI::App* const cut_command = app.add_subcommand("cut", "cut the power behind each store into the flash of an update and of a revert");
  cut_command->add_option("--every", cuts.every, "one store in N")->check(CLI::PositiveNumber)->capture_default_str();
  cut_command->add_option("--kill", cuts.real_cuts, "of each, kill QEMU in fact at so many")->capture_default_str();

  app.add_subcommand("cost", "count the instructions of boots, and the stack that they take");

  CLI11_PARSE(app, argc, argv);
  try {
    if (skip_command->parsed()) {
      skips.firmwares = cortex_m / "bin";
      skips.threads = threads;
      if (skips.boot_elf.empty()) skips.boot_elf = cortex_m / "bin" / "boot.elf";
      return skip(skips);
    }
    if (!cut_command->parsed()) return cost(cortex_m / "bin" / "boot.elf", cortex_m / "bin");
    cuts.bin = own_folder();
    cuts.cortex_m = cortex_m;
    cuts.threads = threads;
    return cut(cuts);
  } catch (const std::exception& error) {
    fmt::print(stderr, "lockstep-boardsweep: {}\n", error.what());
    return 1;
  }
}
