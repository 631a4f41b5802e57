// Feeds a USB device whatever comes: records of one byte that says what, and for a control transfer its eight bytes of
// setup and the data stage of an out transfer. Nothing crashes, no answer is longer than asked for, every status report
// is one of DFU 1.1, and slot 0, which runs, stays as it is to its last byte.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "device/boot/memory_flash.hpp"
#include "device/boot/toy_crypto.hpp"
#include "device/dfu/usb_device.hpp"
#include "protocols/mcuboot/build.hpp"

namespace {

using namespace lockstep;

constexpr std::uint32_t sector = 512;
constexpr boot::Geometry geometry{.size = 9 * sector, .sector_size = sector, .write_align = 4};
constexpr std::array modes{boot::Mode::swap, boot::Mode::overwrite_only, boot::Mode::direct_xip, boot::Mode::ram_load};

class FuzzPlatform final : public agent::Platform {
 public:
  using Platform::Platform;
  mcuboot::Crypto* crypto() override { return &crypto_; }

 private:
  boot::testing::ToyCrypto crypto_;
};

struct Memory {
  std::array<std::byte, geometry.size> bytes;

  Memory() {
    bytes.fill(boot::erased_byte);
    boot::testing::ToyCrypto crypto;
    boot::testing::ToySigner signer;
    const std::array<std::byte, 300> payload{};
    if (!mcuboot::build(payload, {.version = {1, 0, 0, 0}, .header_size = 32}, crypto, signer, bytes)) std::abort();
  }
};

void check(dfu::UsbDevice& device, const usb::Setup& setup, Bytes data) {
  const bool is_status = setup.request_type == 0xa1 && setup.index == 0 && setup.request == 3 && setup.length == 6;
  const dfu::Answer answer = device.control(setup, data);
  if (answer.data.size() > setup.length) std::abort();
  if (answer.stalled && !answer.data.empty()) std::abort();
  if (setup.direction() == usb::Direction::out && !answer.data.empty()) std::abort();
  if (!is_status || answer.stalled) return;
  const auto report = dfu::StatusReport::decode(answer.data);
  if (!report || report->state != device.function().state()) std::abort();
  if ((report->state == dfu::State::error) != (report->status != dfu::Status::ok)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Memory factory;
  Memory memory = factory;
  ByteReader records(std::as_bytes(std::span(data, size)));
  const std::uint8_t shape = records.u8();
  const boot::Layout layout{.mode = modes[shape >> 4 & 3], .slot0 = {0, 4 * sector}, .slot1 = {4 * sector, 5 * sector}};
  boot::MemoryFlash flash(geometry, memory.bytes);
  FuzzPlatform platform(flash, layout);
  std::array<std::byte, 128> block;
  dfu::UsbDevice device(platform, block, {.function = {.attributes = static_cast<std::uint8_t>(shape & 15)}});

  while (!records.at_end()) {
    switch (records.u8() & 7) {
      case 0: device.on_bus_reset(); break;
      case 1: device.function().on_detach_timeout(); break;
      case 2: device.function().work(); break;
      case 3: platform.take_upload_slot(); break;
      default: {
        const auto setup = usb::Setup::decode(records.take(usb::Setup::size));
        if (!setup) return 0;
        const bool is_out = setup->direction() == usb::Direction::out;
        const std::size_t length = is_out ? std::min<std::size_t>(setup->length, records.remaining()) : 0;
        check(device, *setup, records.take(length));
      }
    }
  }
  const auto slot_end = factory.bytes.begin() + static_cast<long>(layout.slot0.size);
  if (!std::equal(factory.bytes.begin(), slot_end, memory.bytes.begin())) std::abort();
  return 0;
}
