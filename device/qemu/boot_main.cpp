// The boot code of the board: lets device/boot decide, says what it decided, and jumps with the watchdog running.
#include <array>

#include "device/boot/boot.hpp"
#include "device/boot/entry.hpp"
#include "device/crypto/crypto_mbedtls.hpp"
#include "device/qemu/console.hpp"
#include "device/qemu/pages/device_ids.hpp"
#include "device/qemu/provision.hpp"
#include "device/qemu/psram_flash.hpp"
#include "device/qemu/watchdog.hpp"

namespace lockstep::board {
namespace {

constinit TrustedKeys trusted;

// Nothing may run. The board stays reachable only for whoever writes its flash.
[[noreturn]] void halt(std::string_view why) {
  console::line("boot: halted: ", why);
  for (;;) wait_for_interrupt();
}

void put_version(const mcuboot::Version& v) {
  console::put(v.major);
  console::put(".");
  console::put(v.minor);
  console::put(".");
  console::put(v.revision);
}

void put_hash(const mcuboot::Digest& hash) {  // the first six bytes, as people compare them
  for (std::size_t i = 0; i < 6; ++i) {
    const auto byte = std::to_integer<unsigned>(hash[i]);
    const std::array<char, 2> digits{"0123456789abcdef"[byte >> 4], "0123456789abcdef"[byte & 15u]};
    console::put(std::string_view(digits.data(), digits.size()));
  }
}

// Short words; the sentences of mcuboot::text would cost one and a half KiB.
std::string_view why(const boot::Refusal& refusal) {
  using enum boot::Refusal::Reason;
  if (refusal.reason == below_counter) return "security counter too low";
  if (refusal.reason == other_device) return "for another device";
  switch (refusal.why) {
    using enum mcuboot::Errc;
    case hash_mismatch: return "damaged";
    case no_signature: return "not signed";
    case unknown_key: return "signed by an unknown key";
    case bad_signature: return "wrong signature";
    case crypto_failed: return "crypto failed";
    default: return "malformed";  // every fault of form; `lockstep image show` tells them apart
  }
}

void tell(const boot::BootReport& report) {
  if (report.resumed) console::line("boot: finished a swap that a power cut had interrupted");
  if (report.refusal) console::line("boot: image refused: ", why(*report.refusal));
  console::put("boot: slot=");
  console::put(static_cast<unsigned>(report.slot));
  console::put(" version=");
  put_version(report.image.header.version);
  console::put(" hash=");
  put_hash(report.image.image_hash);
  console::line(" action=", boot::text(report.action), " confirmed=", report.confirmed ? "yes" : "no");
}

// Hands the processor over as a reset would: vector table, stack, first instruction (Armv7-M ARM B1.5.5).
[[noreturn]] void jump(std::uint32_t vectors) {
  write32(scs::vector_table, vectors);
  barrier();
  const std::uint32_t stack = read32(vectors);
  const std::uint32_t entry = read32(vectors + 4);
  asm volatile("msr msp, %0\n\tbx %1" ::"r"(stack), "r"(entry) : "memory");
  __builtin_unreachable();
}

}  // namespace
}  // namespace lockstep::board

extern "C" [[noreturn]] void board_main() {
  using namespace lockstep;
  using namespace lockstep::board;
  console::start();
  console::line("boot: lockstep on " LOCKSTEP_BOARD_NAME ", mode=", boot::text(flash_layout.mode));
  PsramFlash flash;
  device::MbedtlsCrypto crypto;
  flash.lock();
  if (!trusted.load(flash, crypto)) halt("no valid key page");

  static_assert(flash_layout.mode == boot::Mode::swap);
  const boot::Trust trust{
      .crypto = crypto, .keys = trusted.keys(), .vendor = &vendor_id, .device_class = &class_id};
  const auto report = boot::boot_swap(flash, flash_layout, trust);
  if (!report) halt(boot::text(report.error()));
  tell(*report);
  const auto entry = boot::entry(flash, flash_layout, trust, report->slot);
  if (!entry) halt(why(entry.error()));
  watchdog::arm();
  jump(reinterpret_cast<std::uint32_t>(lockstep_flash) + *entry);
}
