// Whole conversations with a device.
#include <doctest/doctest.h>

#include "device/dfu/test_host.hpp"

using namespace lockstep;
using namespace lockstep::dfu;
using namespace lockstep::dfu::testing;

namespace {

constexpr std::uint8_t both = attribute::can_download | attribute::can_upload;
constexpr std::uint8_t tolerant = both | attribute::manifestation_tolerant;

const Buffer& image1() {
  static const Buffer image = make_image({.version = {1, 0, 0, 0}, .payload_size = 1500});
  return image;
}
const Buffer& image2() {
  static const Buffer image = make_image({.version = {2, 0, 0, 0}, .payload_size = 2501});
  return image;
}

struct Running {
  explicit Running(const DeviceOptions& options = {}, boot::Mode mode = boot::Mode::swap, std::uint32_t align = 8)
      : board(mode, align), host((board.put(0, image1()), board), options) {}
  Buffer slot0() const { return {board.memory.begin(), board.memory.begin() + static_cast<long>(image1().size())}; }
  Buffer in_slot1(std::size_t size) const {
    const auto at = board.layout.slot1.offset + boot::upgrade_offset(board.layout, board.geometry);
    return {board.memory.begin() + at, board.memory.begin() + static_cast<long>(at + size)};
  }
  Board board;
  Host host;
};

}  // namespace

TEST_CASE("a download lands byte for byte, whatever the block size and write alignment, and the next boot tries it") {
  for (const std::uint32_t align : {1u, 8u, 32u}) {
    for (const std::size_t block : {64u, 100u, 256u}) {
      CAPTURE(align);
      CAPTURE(block);
      Running r({}, boot::Mode::swap, align);
      r.host.enter_dfu_mode();
      REQUIRE(r.host.download(image2(), block) == Status::ok);
      CHECK(r.host.state() == State::manifest_wait_reset);
      CHECK(r.in_slot1(image2().size()) == image2());
      CHECK(r.slot0() == image1());
      CHECK(r.host.platform.resets_ == 0);
      r.host.device.on_bus_reset();
      CHECK(r.host.state() == State::app_idle);
      CHECK(r.host.platform.resets_ == 1);
      const auto report = r.board.boot();
      REQUIRE(report);
      CHECK(report->action == boot::Action::tested);
      CHECK(report->image.image_hash == hash_of(image2()));
      CHECK_FALSE(report->confirmed);  // confirming is the host's act
    }
  }
}

TEST_CASE("a download ends where an SMP upload and a mark for a test end") {
  Running by_dfu, by_smp;
  by_dfu.host.enter_dfu_mode();
  REQUIRE(by_dfu.host.download(image2()) == Status::ok);
  agent::testing::TestNode node(by_smp.board);
  node.upload(image2(), 300);
  const mcuboot::Digest hash = hash_of(image2());
  REQUIRE(node.ask(smp::ImageStateWriteRequest{.hash = hash}).reply);
  CHECK((by_dfu.board.memory == by_smp.board.memory));
}

TEST_CASE("a device that tolerates its manifestation is idle afterwards, and boots the image at the next bus reset") {
  Running r(with_attributes(tolerant));
  r.host.enter_dfu_mode();
  REQUIRE(r.host.download(image2()) == Status::ok);
  CHECK(r.host.state() == State::idle);
  CHECK(r.host.platform.resets_ == 0);
  r.host.device.on_bus_reset();
  CHECK(r.host.platform.resets_ == 1);
}

TEST_CASE("a device that is about to restart shows the same descriptors as before the bus reset") {
  Running r;
  r.host.enter_dfu_mode();
  REQUIRE(r.host.download(image2()) == Status::ok);
  const auto configuration = [&r] {
    const Answer a = r.host.device.control({.request_type = 0x80, .request = 6, .value = 0x200, .length = 255}, {});
    return Buffer(a.data.begin(), a.data.end());
  };
  const Buffer before = configuration();
  r.host.device.on_bus_reset();
  CHECK(r.host.state() == State::app_idle);
  CHECK(configuration() == before);
  Host restarted(r.board);
  CHECK_FALSE(restarted.device.function().shows_dfu_mode());
}

TEST_CASE("in every mode the image goes to the slot that does not run") {
  for (const auto mode : {boot::Mode::overwrite_only, boot::Mode::direct_xip, boot::Mode::ram_load}) {
    CAPTURE(text(mode));
    Running r({}, mode);
    r.host.enter_dfu_mode();
    REQUIRE(r.host.download(image2()) == Status::ok);
    CHECK(r.slot0() == image1());
    const auto report = r.board.boot();
    REQUIRE(report);
    CHECK(report->image.image_hash == hash_of(image2()));
  }
}

TEST_CASE("direct-xip refuses an image that would never run, and says so") {
  Running r({}, boot::Mode::direct_xip);
  r.host.enter_dfu_mode();
  CHECK(r.host.download(make_image({.version = {0, 9, 0, 0}})) == Status::file);
}

TEST_CASE("an upload gives the running image, to the byte, also when it fills its last block") {
  for (const std::size_t block : {1u, 64u, 100u, 256u}) {
    CAPTURE(block);
    Running r;
    r.host.enter_dfu_mode();
    Buffer got;
    for (std::uint16_t number = 0;; ++number) {
      const auto piece = r.host.upload(number, block);
      REQUIRE(piece);
      got.insert(got.end(), piece->begin(), piece->end());
      if (piece->size() < block) break;
      REQUIRE(r.host.state() == State::upload_idle);
    }
    CHECK(got == image1());
    CHECK(r.host.state() == State::idle);
  }
}

TEST_CASE("an upload of a direct-xip device comes from the slot that runs") {
  Running r({}, boot::Mode::direct_xip);
  r.board.put(1, image2());
  r.host.platform.active_slot_ = 1;
  r.host.enter_dfu_mode();
  const auto piece = r.host.upload(0, 64);
  REQUIRE(piece);
  CHECK(*piece == Buffer(image2().begin(), image2().begin() + 64));
}

TEST_CASE("upload and download that the device does not offer, or blocks larger than it takes, are stalled") {
  Running r(with_attributes(0));
  r.host.enter_dfu_mode();
  CHECK_FALSE(r.host.upload(0, 64));
  CHECK(r.host.status().status == Status::stalled_packet);
  r.host.clear_status();
  CHECK_FALSE(r.host.dnload(0, Bytes(image2()).first(64)));

  Running offers;
  offers.host.enter_dfu_mode();
  CHECK_FALSE(offers.host.dnload(0, Bytes(image2()).first(transfer_size + 1)));
  CHECK(offers.host.status().status == Status::stalled_packet);
  offers.host.clear_status();
  CHECK_FALSE(offers.host.upload(0, transfer_size + 1));
  offers.host.clear_status();
  const auto lying = Host::out(Request::dnload, 0, 100);  // fewer bytes come than the setup says
  CHECK(offers.host.device.control(lying, Bytes(image2()).first(99)).stalled);
  CHECK(offers.host.status().status == Status::stalled_packet);
}

TEST_CASE("a block that is not the next one is refused") {
  for (const std::uint16_t wrong : std::initializer_list<std::uint16_t>{0, 2, 0xffff}) {
    Running r;
    r.host.enter_dfu_mode();
    REQUIRE(r.host.send_block(0, Bytes(image2()).first(100)) == Status::ok);
    CHECK(r.host.send_block(wrong, Bytes(image2()).subspan(100, 100)) == Status::address);
  }
  Running r;
  r.host.enter_dfu_mode();
  CHECK(r.host.send_block(1, Bytes(image2()).first(100)) == Status::address);
  r.host.clear_status();
  REQUIRE(r.host.upload(0, 64));
  CHECK_FALSE(r.host.upload(2, 64));
  CHECK(r.host.status().status == Status::address);
}

TEST_CASE("block numbers wrap around behind 65535") {
  // Blocks of one byte behind the header; the board's slots hold more than 65536 of them.
  Board board(boot::Mode::swap, 1, 16 * 1024);
  board.put(0, image1());
  Host host(board);
  const Buffer large = make_image({.version = {2, 0, 0, 0}, .payload_size = 66000});
  host.enter_dfu_mode();
  const Bytes image(large);
  REQUIRE(host.send_block(0, image.first(64)) == Status::ok);
  std::uint16_t number = 1;
  for (std::size_t at = 64; at < image.size(); ++at) {
    if (host.send_block(number++, image.subspan(at, 1)) != Status::ok) FAIL("at " << at);
  }
  CHECK(number < 1000);  // went around
  CHECK(host.send_block(number, {}) == Status::ok);
  CHECK(board.boot()->image.image_hash == hash_of(large));
}

TEST_CASE("what is no image, or none for this device, is refused before anything is erased") {
  Running r;
  r.board.put(1, image2());
  const Buffer before = r.board.memory;
  r.host.enter_dfu_mode();
  CHECK(r.host.send_block(0, Buffer(100, std::byte{'x'})) == Status::target);
  r.host.clear_status();
  CHECK(r.host.send_block(0, Bytes(image2()).first(31)) == Status::target);
  r.host.clear_status();
  Buffer encrypted(image2().begin(), image2().begin() + 64);
  encrypted[16] = std::byte{4};
  CHECK(r.host.send_block(0, encrypted) == Status::file);
  r.host.clear_status();
  Buffer huge(image2().begin(), image2().begin() + 64);
  huge[14] = std::byte{0xff};
  CHECK(r.host.send_block(0, huge) == Status::address);
  r.host.clear_status();
  CHECK(r.host.send_block(0, {}) == Status::stalled_packet);  // an end without a beginning
  CHECK((r.board.memory == before));
}

TEST_CASE("an image that ends too early, goes on too long, or was changed on its way is not marked") {
  const Bytes image(image2());
  for (const std::size_t size : {100u, 2000u}) {  // inside of the payload
    Running r;
    r.host.enter_dfu_mode();
    CHECK(r.host.download(image.first(size)) == Status::not_done);
    CHECK(r.board.boot()->image.image_hash == hash_of(image1()));
  }
  for (std::size_t size = 64 + 2501 + 4; size < image.size(); ++size) {  // inside of the TLVs
    CAPTURE(size);
    Running r;
    r.host.enter_dfu_mode();
    const Status s = r.host.download(image.first(size));
    CHECK((s == Status::not_done || s == Status::file));
    CHECK(r.board.boot()->action == boot::Action::none);
  }
  Running changed;
  Buffer bad = image2();
  bad[1000] ^= std::byte{1};
  changed.host.enter_dfu_mode();
  CHECK(changed.host.download(bad) == Status::verify);
  CHECK(changed.board.boot()->action == boot::Action::none);

  Running longer;
  longer.host.enter_dfu_mode();
  Buffer endless = image2();
  endless.resize(10000);
  CHECK(longer.host.download(endless) == Status::address);
  CHECK(longer.slot0() == image1());
}

TEST_CASE("a badly signed image is taken, and the bootloader refuses it") {
  Running r;
  const PrivateKey other = *PrivateKey::generate();
  r.host.enter_dfu_mode();
  REQUIRE(r.host.download(make_image({.version = {2, 0, 0, 0}, .key = &other})) == Status::ok);
  const auto report = r.board.boot();
  REQUIRE(report);
  CHECK(report->action == boot::Action::refused);
  CHECK(report->image.image_hash == hash_of(image1()));
}

TEST_CASE("nothing is downloaded over an image that waits for its boot, or that is the way back") {
  Running r;
  r.board.put(1, image2());
  r.board.request(boot::SwapType::test);
  const Buffer pending = r.board.memory;
  r.host.enter_dfu_mode();
  CHECK(r.host.send_block(0, Bytes(image2()).first(100)) == Status::vendor);
  const std::uint8_t index = r.host.status().string;
  const usb::Setup ask{.request_type = 0x80, .request = 6, .value = static_cast<std::uint16_t>(0x300 + index), .length = 255};
  const Answer answer = r.host.device.control(ask, {});
  CHECK(answer.data.size() == 2 + 2 * text(VendorError::slot_in_use).size());
  CHECK((r.board.memory == pending));

  REQUIRE(r.board.boot());
  const Buffer on_test = r.board.memory;
  Host again(r.board);
  again.enter_dfu_mode();
  CHECK(again.send_block(0, Bytes(image1()).first(100)) == Status::vendor);
  CHECK((r.board.memory == on_test));
}

TEST_CASE("of a download and an SMP upload at the same time, the one that began last has the slot") {
  Running r;
  boot::MemoryFlash flash = r.board.flash();
  agent::testing::TestPlatform platform(flash, r.board.layout);
  Buffer work(2048), block(transfer_size), message(4096);
  agent::Server server(platform, work);
  Function function(platform, block, {});
  REQUIRE_FALSE(function.control(Host::out(Request::detach, 0, 0), {}).stalled);
  function.on_bus_reset();

  const auto smp_chunk = [&](std::size_t offset) {
    smp::ImageUploadRequest chunk{.offset = offset, .data = Bytes(image2()).subspan(offset, 100)};
    if (offset == 0) chunk.length = image2().size();
    const Bytes answer = server.handle(*smp::encode_request(message, smp::Version::v2, 1, chunk));
    return smp::ImageUploadReply::decode(smp::decode_message(answer)->body)->offset;
  };
  const auto dfu_block = [&](std::uint16_t number) {
    const Bytes data = Bytes(image2()).subspan(number * 100u, 100);
    if (function.control(Host::out(Request::dnload, number, 100), data).stalled) return false;
    (void)function.control(Host::in(Request::get_status, 0, 6), {});
    function.work();
    (void)function.control(Host::in(Request::get_status, 0, 6), {});
    return function.status() == Status::ok;
  };
  REQUIRE(smp_chunk(0) == 100);
  REQUIRE(dfu_block(0));
  CHECK(smp_chunk(100) == 0);  // begin anew
  CHECK(dfu_block(1));
  REQUIRE(smp_chunk(0) == 100);
  CHECK_FALSE(dfu_block(2));
  CHECK(function.status() == Status::vendor);
  CHECK(smp_chunk(100) == 200);
}

TEST_CASE("the poll timeout is the time that the flash needs at most") {
  Running r({.function = {.timing = {.erase_sector_ms = 100, .program_kib_ms = 8, .check_kib_ms = 2}}});
  r.host.enter_dfu_mode();
  REQUIRE(r.host.dnload(0, Bytes(image2()).first(256)));
  // The trailer's sector, the first one of the slot (swap by offset) and the one with the header.
  CHECK(r.host.status().poll_timeout_ms == 3 * 100 + 8);
  r.host.device.function().work();
  r.host.status();
  REQUIRE(r.host.dnload(1, Bytes(image2()).subspan(256, 256)));
  CHECK(r.host.status().poll_timeout_ms == 8);  // nothing to erase
}

TEST_CASE("detach ends by a bus reset in time, by a timeout, or by the device itself") {
  Running waits(with_attributes(both));
  REQUIRE(waits.host.detach(500));
  CHECK(waits.host.device.function().detach_timer_ms() == 500);
  CHECK_FALSE(waits.host.device.function().wants_reattach());
  waits.host.device.function().on_detach_timeout();
  CHECK(waits.host.state() == State::app_idle);
  waits.host.device.on_bus_reset();
  CHECK(waits.host.state() == State::app_idle);

  REQUIRE(waits.host.detach(60000));
  CHECK(waits.host.device.function().detach_timer_ms() == 1000);  // not longer than the descriptor says
  waits.host.device.on_bus_reset();
  CHECK(waits.host.state() == State::idle);
  waits.host.device.function().on_detach_timeout();  // comes late
  CHECK(waits.host.state() == State::idle);

  Running leaves;
  REQUIRE(leaves.host.detach());
  CHECK(leaves.host.device.function().wants_reattach());
  CHECK(leaves.host.device.function().detach_timer_ms() == 0);
  leaves.host.device.on_bus_reset();
  CHECK_FALSE(leaves.host.device.function().wants_reattach());
  CHECK(leaves.host.state() == State::idle);
}

TEST_CASE("a host that resets the port again while it enumerates does not end DFU mode, later it does") {
  Running r;
  r.host.enter_dfu_mode();
  r.host.device.on_bus_reset();
  CHECK(r.host.state() == State::idle);
  REQUIRE(r.host.get_state() == State::idle);
  r.host.device.on_bus_reset();
  CHECK(r.host.state() == State::app_idle);
  CHECK(r.host.platform.resets_ == 0);  // nothing new waits for a boot
}

TEST_CASE("descriptors tell the mode, and what dfu-util wants to know") {
  Running r;
  const auto ask = [&](std::uint16_t value, std::uint16_t length = 255) {
    const Answer a = r.host.device.control({.request_type = 0x80, .request = 6, .value = value, .length = length}, {});
    CHECK_FALSE(a.stalled);
    return Buffer(a.data.begin(), a.data.end());
  };
  const auto device = usb::DeviceDescriptor::decode(ask(0x100));
  REQUIRE(device);
  CHECK(device->vendor == 0x1209);
  CHECK(ask(0x100, 8).size() == 8);  // no more than asked for
  for (const std::uint8_t protocol : {protocol_runtime, protocol_dfu_mode}) {
    const Buffer configuration = ask(0x200);
    usb::DescriptorCursor cursor(configuration);
    CHECK(usb::ConfigurationDescriptor::decode((*cursor.next())->bytes)->total_length == configuration.size());
    const auto interface = usb::InterfaceDescriptor::decode((*cursor.next())->bytes);
    CHECK(interface->interface_class == interface_class);
    CHECK(interface->interface_protocol == protocol);
    const auto functional = FunctionalDescriptor::decode((*cursor.next())->bytes);
    CHECK(functional->transfer_size == transfer_size);
    CHECK(functional->version == version_1_1);
    if (protocol == protocol_runtime) r.host.enter_dfu_mode();
  }
  CHECK(ask(0x303).size() == 2 + 2 * 4);  // SN-7
  for (const std::uint16_t none : std::initializer_list<std::uint16_t>{0x101, 0x201, 0x307, 0x3ff, 0x400, 0x600}) {
    CHECK(r.host.device.control({.request_type = 0x80, .request = 6, .value = none, .length = 255}, {}).stalled);
  }
}

TEST_CASE("standard requests that enumerate a device are answered, others stalled") {
  Running r;
  const auto stalls = [&](const usb::Setup& s) { return r.host.device.control(s, {}).stalled; };
  CHECK_FALSE(stalls({.request_type = 0, .request = 5, .value = 9}));
  CHECK_FALSE(stalls({.request_type = 0, .request = 9, .value = 1}));
  CHECK(r.host.device.is_configured());
  CHECK(stalls({.request_type = 0, .request = 9, .value = 2}));
  CHECK(r.host.device.control({.request_type = 0x80, .request = 8, .length = 1}, {}).data[0] == std::byte{1});
  CHECK(r.host.device.control({.request_type = 0x80, .request = 0, .length = 2}, {}).data[0] == std::byte{1});
  CHECK_FALSE(stalls({.request_type = 1, .request = 11}));
  CHECK(stalls({.request_type = 1, .request = 11, .value = 1}));
  CHECK(stalls({.request_type = 0x80, .request = 12, .length = 2}));
  CHECK(stalls({.request_type = 0xc0, .request = 6, .length = 2}));
  CHECK(stalls({.request_type = 0xa1, .request = 3, .index = 1, .length = 6}));  // another interface
  CHECK(stalls({.request_type = 0x21, .request = 3}));                           // the wrong way
  CHECK(r.host.state() == State::app_idle);
  r.host.device.on_bus_reset();
  CHECK_FALSE(r.host.device.is_configured());
}

namespace {

// The flash operations of a whole download on a board with something to erase.
std::uint32_t operations_of_a_download() {
  Running r;
  r.board.put(1, image1());
  boot::MemoryFlash memory = r.board.flash();
  boot::CutFlash counting(memory);
  Host host(r.board, counting);
  host.enter_dfu_mode();
  REQUIRE(host.download(image2()) == Status::ok);
  return counting.operations();
}

// A flash of which one operation fails, and every other one works.
class FailingOnce final : public boot::Flash {
 public:
  FailingOnce(boot::Flash& inner, std::uint32_t at) : Flash(inner.geometry()), inner_(&inner), at_(at) {}
  Result<void, boot::FlashErrc> read(std::uint32_t address, MutableBytes into) override { return inner_->read(address, into); }
  Result<void, boot::FlashErrc> program(std::uint32_t address, Bytes bytes) override {
    if (++operations_ != at_) return inner_->program(address, bytes);
    failed = Status::write;
    return Fail(boot::FlashErrc::io);
  }
  Result<void, boot::FlashErrc> erase(std::uint32_t address) override {
    if (++operations_ != at_) return inner_->erase(address);
    failed = Status::erase;
    return Fail(boot::FlashErrc::io);
  }
  Status failed = Status::ok;

 private:
  boot::Flash* inner_;
  std::uint32_t at_, operations_ = 0;
};

}  // namespace

TEST_CASE("each flash operation that fails is told as what it is, and the download can be begun anew") {
  const std::uint32_t total = operations_of_a_download();
  REQUIRE(total > 10);
  for (std::uint32_t at = 1; at <= total; ++at) {
    CAPTURE(at);
    Running r;
    r.board.put(1, image1());
    boot::MemoryFlash memory = r.board.flash();
    FailingOnce failing(memory, at);
    Host host(r.board, failing);
    host.enter_dfu_mode();
    const Status told = host.download(image2());
    REQUIRE(failing.failed != Status::ok);
    CHECK(told == failing.failed);
    CHECK(host.state() == State::error);
    CHECK(r.slot0() == image1());
    REQUIRE(host.clear_status());
    REQUIRE(host.download(image2()) == Status::ok);
    CHECK(r.board.boot()->image.image_hash == hash_of(image2()));
  }
}

TEST_CASE("a power cut anywhere in a download leaves a device that boots the old image or the new one") {
  const std::uint32_t total = operations_of_a_download();
  for (const auto last : {boot::CutFlash::Last::skipped, boot::CutFlash::Last::torn, boot::CutFlash::Last::torn_late}) {
    for (std::uint32_t at = 1; at <= total; ++at) {
      CAPTURE(at);
      Running r;
      r.board.put(1, image1());
      boot::MemoryFlash memory = r.board.flash();
      boot::CutFlash cut(memory, at, last);
      Host dying(r.board, cut);
      dying.enter_dfu_mode();
      CHECK(dying.download(image2()) != Status::ok);
      CHECK(r.slot0() == image1());
      const auto report = r.board.boot();
      REQUIRE(report);
      if (at < total) CHECK(report->image.image_hash == hash_of(image1()));
      if (report->image.image_hash == hash_of(image2())) continue;
      Host again(r.board);
      again.enter_dfu_mode();
      REQUIRE(again.download(image2()) == Status::ok);
      CHECK(r.board.boot()->image.image_hash == hash_of(image2()));
    }
  }
}

TEST_CASE("an interrupted download is begun anew after an abort or a bus reset") {
  for (const bool by_reset : {false, true}) {
    Running r;
    r.host.enter_dfu_mode();
    REQUIRE(r.host.send_block(0, Bytes(image2()).first(256)) == Status::ok);
    REQUIRE(r.host.send_block(1, Bytes(image2()).subspan(256, 256)) == Status::ok);
    if (by_reset) {
      r.host.device.on_bus_reset();
      r.host.enter_dfu_mode();
    } else {
      REQUIRE(r.host.abort());
    }
    REQUIRE(r.host.download(image2()) == Status::ok);
    CHECK(r.in_slot1(image2().size()) == image2());
  }
}
