// lockstep-board: makes and powers the reference board (device/qemu/README.md).
#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "device/qemu/host/flash_file.hpp"
#include "device/qemu/host/qemu.hpp"
#include "host/base/files.hpp"

namespace {

using namespace lockstep;
namespace fs = std::filesystem;

struct Options {
  fs::path flash;
  fs::path image;
  std::vector<fs::path> keys;
  board::Identity identity{.board = "node-m3", .revision = "1.0", .serial = {}, .product = "thermostat"};
  board::PowerOn power;
  fs::path uart1;
};

int failed(const Error& error) {
  fmt::print(stderr, "lockstep-board: {}\n", error.what);
  if (!error.next.empty()) fmt::print(stderr, "  {}\n", error.next);
  return exit_code(error);
}

Outcome<std::vector<PublicKey>> load_keys(const std::vector<fs::path>& files) {
  std::vector<PublicKey> keys;
  for (const fs::path& file : files) {
    LOCKSTEP_TRY(key, PublicKey::load(file));
    keys.push_back(key);
  }
  return keys;
}

// Writes what the command line gives into `flash`.
Outcome<void> apply(board::FlashFile& flash, const Options& options) {
  LOCKSTEP_TRY(keys, load_keys(options.keys));
  if (!keys.empty()) LOCKSTEP_CHECK(flash.set_keys(keys));
  if (!options.identity.serial.empty()) LOCKSTEP_CHECK(flash.set_identity(options.identity));
  if (options.image.empty()) return {};
  LOCKSTEP_TRY(image, read_file(options.image));
  return flash.set_image(image, keys);
}

Outcome<void> make(const Options& options) {
  board::FlashFile flash;
  LOCKSTEP_CHECK(apply(flash, options));
  return flash.save(options.flash);
}

// Keys and identity may be given at each start too, for a flash that was written by a programmer that knows only the
// slots, or that does not exist yet.
Outcome<void> prepare_start(const Options& options) {
  const bool give_pages = !options.keys.empty() || !options.identity.serial.empty();
  if (give_pages && !fs::exists(options.flash)) LOCKSTEP_CHECK(board::FlashFile().save(options.flash));
  LOCKSTEP_TRY(locked, board::lock_flash(options.flash));
  if (!give_pages) return {};
  LOCKSTEP_TRY(flash, board::FlashFile::load(options.flash));
  LOCKSTEP_CHECK(apply(flash, options));
  return flash.write_pages(locked);
}

Outcome<void> show(const Options& options) {
  LOCKSTEP_TRY(flash, board::FlashFile::load(options.flash));
  const board::FlashContents found = flash.contents();
  if (found.identity) {
    fmt::print("identity  board={} revision={} serial={} product={}\n", found.identity->board,
               found.identity->revision, found.identity->serial, found.identity->product);
  } else {
    fmt::print("identity  none\n");
  }
  for (const Sha256& key : found.keys) fmt::print("key       {}\n", key.hex());
  if (found.keys.empty()) fmt::print("key       none\n");
  fmt::print("slot 0    {}\nslot 1    {}\n", found.slot0.value_or("no image"), found.slot1.value_or("no image"));
  return {};
}

fs::path default_boot_elf(const board::Machine& machine) {
  std::error_code ec;
  const fs::path here = fs::read_symlink("/proc/self/exe", ec).parent_path();
  return here.parent_path().parent_path() / "cortex-m" / "bin" / fmt::format("boot{}.elf", machine.suffix);
}

void add_pages(CLI::App& command, Options& options, bool required) {
  command.add_option("--flash", options.flash, "the file that is the board's flash, 16 MiB")->required();
  command.add_option("--key", options.keys, "public key (PEM) whose images the board accepts; up to 4")
      ->required(required)->check(CLI::ExistingFile);
  command.add_option("--serial", options.identity.serial, "the board's serial number")->required(required);
  command.add_option("--board", options.identity.board, "kind of board")->capture_default_str();
  command.add_option("--revision", options.identity.revision, "the board's revision")->capture_default_str();
  command.add_option("--product", options.identity.product, "the product")->capture_default_str();
}

std::vector<std::string> machine_names() {
  std::vector<std::string> names;
  for (const board::Machine& machine : board::machines) names.emplace_back(machine.name);
  return names;
}

void add_start(CLI::App& command, Options& options) {
  add_pages(command, options, false);
  command.add_option("--uart0", options.power.uart0, "Unix socket for UART0: SMP and log")->required();
  command.add_option("--uart1", options.uart1, "Unix socket for UART1: log only");
  command.add_option("--udp", options.power.udp, "port on 127.0.0.1 that reaches the board's network; none unless given")
      ->type_name("PORT")->check(CLI::Range(1, 65535));
  command.add_flag("--wait", options.power.wait, "power on only when UART1 (UART0 without UART1) is connected: no log line is missed");
  command.add_flag("--outlive-parent", options.power.outlive_parent, "keep running when the starting process ends");
  command.add_option_function<std::string>("--machine", [&options](const std::string& name) {
    options.power.machine = *std::ranges::find(board::machines, name, &board::Machine::name);
  }, "QEMU's name of the board")->check(CLI::IsMember(machine_names()))->default_str(std::string(board::an385.name));
  command.add_option("--boot", options.power.boot_elf, "the boot code; that of the machine unless given");
  command.add_option("qemu", options.power.more, "further arguments for QEMU, after --");
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Makes and powers a board: a Cortex-M in QEMU with its flash in a file.\n"
               "Starting it is power on, killing it (SIGKILL) is a power cut."};
  app.require_subcommand(1);
  CLI::App& make_command = *app.add_subcommand("make", "write a new flash file");
  add_pages(make_command, options, true);
  make_command.add_option("--image", options.image, "signed image for slot 0")->check(CLI::ExistingFile);
  CLI::App& start_command = *app.add_subcommand("start", "power the board on; this process becomes QEMU");
  add_start(start_command, options);
  CLI::App& show_command = *app.add_subcommand("show", "say what a flash file holds");
  show_command.add_option("--flash", options.flash, "the flash file")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }

  const Outcome<void> done = make_command ? make(options) : show_command ? show(options) : prepare_start(options);
  if (!done) return failed(done.error());
  if (!start_command) return 0;
  options.power.flash = options.flash;
  if (options.power.boot_elf.empty()) options.power.boot_elf = default_boot_elf(options.power.machine);
  if (!options.uart1.empty()) options.power.uart1 = options.uart1;
  return failed(board::become_qemu(options.power));
}
