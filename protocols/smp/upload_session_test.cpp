#include "protocols/smp/upload_session.hpp"

#include <doctest/doctest.h>
#include <random>

#include "protocols/cbor/test_bytes.hpp"
#include "protocols/smp/fake_device.hpp"

namespace lockstep::smp {
namespace {

std::vector<std::byte> pattern(std::size_t n) {
  std::vector<std::byte> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(i * 31 + i / 256);
  return bytes;
}

const auto image = pattern(5000);
const auto sha = pattern(32);  // a name for the upload; the fake device does not compute it

struct Upload {
  FakeDevice device{};
  UploadSettings settings{.sha = sha};
  std::vector<std::byte> buffer = std::vector<std::byte>(4096);
  std::vector<std::byte> file = image;
  Errc error = Errc::none;
  ServerError server_error{};
  std::size_t max_message = 0;
  std::uint64_t took_ms = 0;
  int sent = 0;
  Version version = Version::v2;

  // Whether the device has the image when the session says so.
  bool run(std::function<Fault(int)> fault = {}) {
    UploadSession session(file, buffer, settings);
    Wire wire(session, device, std::move(fault));
    REQUIRE(wire.run());
    error = session.error();
    server_error = session.server_error();
    max_message = session.max_message();
    took_ms = wire.now_ms;
    sent = wire.sent;
    version = session.version();
    if (error == Errc::none) CHECK(session.offset_bytes() == file.size());
    return error == Errc::none && device.stored == file;
  }
};

std::size_t largest(const FakeDevice& device) { return *std::ranges::max_element(device.message_sizes); }

TEST_CASE("an image arrives whole, in messages that fill the device's buffer to the last byte") {
  for (const std::uint32_t buffer_size : {96u, 128u, 384u, 512u, 1024u, 2048u, 2475u}) {
    CAPTURE(buffer_size);
    Upload u;
    u.device.buffer_size = buffer_size;
    u.device.takes = buffer_size - 4;
    CHECK(u.run());
    CHECK(largest(u.device) == buffer_size - 4);
    CHECK(u.max_message == buffer_size - 4);
    CHECK(u.device.message_sizes.front() <= UploadSession::first_message);
    const auto full = std::ranges::count(u.device.message_sizes, buffer_size - 4);
    CHECK(static_cast<std::size_t>(full) + 2 >=
          u.device.message_sizes.size());  // all but the first and the last
  }
}

TEST_CASE("images of every small size arrive, also such that fit the first chunk") {
  for (const std::size_t n : {32u, 33u, 59u, 60u, 61u, 62u, 100u, 544u, 545u, 546u}) {
    CAPTURE(n);
    Upload u;
    u.file = pattern(n);
    CHECK(u.run());
  }
}

TEST_CASE("a lent buffer smaller than the device's is the limit, and one too small is refused") {
  Upload u;
  u.device.buffer_size = 2048;
  u.buffer.resize(200);
  CHECK(u.run());
  CHECK(largest(u.device) == 200);
  Upload tiny;
  tiny.buffer.resize(UploadSession::min_message - 1);
  CHECK(!tiny.run());
  CHECK(tiny.error == Errc::too_long);
  CHECK(tiny.sent == 0);
}

TEST_CASE("a size that is known beforehand spares the question") {
  Upload u;
  u.settings.max_message = 1020;
  CHECK(u.run());
  CHECK(largest(u.device) == 1020);
  CHECK(u.sent == static_cast<int>(u.device.message_sizes.size()));
}

TEST_CASE("any one fault at any step is survived") {
  Upload clean;
  REQUIRE(clean.run());
  for (const Fault fault : {Fault::request_lost, Fault::reply_lost, Fault::reply_twice, Fault::stale_first,
                            Fault::garbage_first, Fault::late}) {
    for (int step = 0; step < clean.sent; ++step) {
      CAPTURE(static_cast<int>(fault));
      CAPTURE(step);
      Upload u;
      CHECK(u.run([&](int n) { return n == step ? fault : Fault::none; }));
      CHECK(u.took_ms < 10'000);
    }
  }
}

TEST_CASE("faults at every third or fifth step are survived") {
  for (const Fault fault :
       {Fault::request_lost, Fault::reply_lost, Fault::reply_twice, Fault::stale_first, Fault::late}) {
    for (const int period : {3, 5}) {
      CAPTURE(static_cast<int>(fault));
      CAPTURE(period);
      Upload u;
      CHECK(u.run([&](int n) { return n % period == 1 ? fault : Fault::none; }));
    }
  }
}

TEST_CASE("a wire that does whatever it likes with one message in five is survived") {
  constexpr Fault faults[]{Fault::request_lost, Fault::reply_lost,    Fault::reply_twice,
                           Fault::stale_first,  Fault::garbage_first, Fault::late};
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::minstd_rand random(seed);
    Upload u;
    u.file = pattern(20'000);
    CHECK(u.run([&](int) { return random() % 5 != 0 ? Fault::none : faults[random() % 6]; }));
  }
}

TEST_CASE("a device that is cut off at any step ends in no_reply, in a bounded time") {
  for (int step = 0; step < 12; ++step) {
    CAPTURE(step);
    Upload u;
    CHECK(!u.run([&](int n) { return n >= step ? Fault::request_lost : Fault::none; }));
    CHECK(u.error == Errc::no_reply);
    CHECK(u.took_ms <= 2 * 30'000 + 8'000);
    if (step > 2) CHECK(u.took_ms <= 30'000);
  }
}

TEST_CASE("an upload resumes at the offset that the device reports") {
  Upload u;
  CHECK(!u.run([](int n) { return n >= 6 ? Fault::request_lost : Fault::none; }));
  const std::size_t before = u.device.stored.size();
  REQUIRE(before > 1000);
  const std::size_t messages = u.device.message_sizes.size();
  CHECK(u.run());
  // 5,000 bytes in chunks of almost 500: the rest, one first chunk, and nothing twice.
  CHECK(u.device.message_sizes.size() - messages == 1 + (5000 - before + 480) / 481);
}

TEST_CASE("an image that is there already takes one chunk") {
  Upload u;
  REQUIRE(u.run());
  u.device.message_sizes.clear();
  CHECK(u.run());
  CHECK(u.device.message_sizes.size() == 1);
}

TEST_CASE("without a sha the upload starts from the beginning and ends well") {
  Upload u;
  u.settings.sha = {};
  CHECK(!u.run([](int n) { return n >= 6 ? Fault::request_lost : Fault::none; }));
  CHECK(u.run());
}

TEST_CASE("off 0 in the middle begins anew with the whole first chunk") {
  Upload u;
  u.device.forgets_at = 2000;
  CHECK(u.run());
  CHECK(u.device.first_chunks == 2);
}

TEST_CASE("a device that asks for bytes again gets them") {
  Upload u;
  u.device.jumps_back_at = 3000;
  u.device.jump = 1234;
  CHECK(u.run());
}

TEST_CASE("a device that keeps only whole flash words is followed") {
  for (const std::size_t unit : {4u, 8u, 32u}) {
    CAPTURE(unit);
    Upload u;
    u.device.write_unit = unit;
    CHECK(u.run());
  }
}

TEST_CASE("a device that never gets farther ends in no_progress") {
  Upload u;
  u.device.write_unit = 4096;  // no chunk has so much
  CHECK(!u.run());
  CHECK(u.error == Errc::no_progress);
  Upload loops;
  loops.device.resumes = false;
  loops.device.forgets_at = 500;
  std::function<void()> again;
  loops.device.refuses = [&](const ImageUploadRequest& r) -> std::optional<ServerError> {
    if (r.offset != 0) loops.device.forgets_at = 500;  // it forgets every time
    return std::nullopt;
  };
  CHECK(!loops.run());
  CHECK(loops.error == Errc::no_progress);
}

TEST_CASE("match false is image_corrupt, and no match at all is no complaint") {
  Upload u;
  u.device.corrupts = true;
  CHECK(!u.run());
  CHECK(u.error == Errc::image_corrupt);
  Upload quiet;
  quiet.device.compares = false;
  CHECK(quiet.run());
}

TEST_CASE("an offset beyond the image is bad_offset") {
  std::vector<std::byte> buffer(256);
  UploadSession session(image, buffer, {.max_message = 256, .sequence = 5});
  CHECK(session.start().kind == Action::Kind::send);
  CHECK(session.on_sent().kind == Action::Kind::receive);
  CHECK(session.on_message(unhex("0b 00 0008 0001 05 01 a1 636f6666 191389")).kind ==
        Action::Kind::done);  // 5001
  CHECK(session.error() == Errc::bad_offset);
}

TEST_CASE("an answer without an offset, or with a broken body, is bad_body") {
  for (const char* reply :
       {"0b 00 0001 0001 05 01 a0", "0b 00 0006 0001 05 01 a1 636f6666 61", "0b 00 0001 0001 05 01 ff"}) {
    CAPTURE(reply);
    std::vector<std::byte> buffer(256);
    UploadSession session(image, buffer, {.max_message = 256, .sequence = 5});
    (void)session.start();
    (void)session.on_sent();
    CHECK(session.on_message(unhex(reply)).kind == Action::Kind::done);
    CHECK(session.error() == Errc::bad_body);
  }
}

TEST_CASE("a refusal ends the upload with its code, in both forms, at the first chunk and later") {
  for (const std::size_t at : {0u, 1500u}) {
    for (const ServerError refusal :
         {ServerError(Rc::bad_state), ServerError{group::image, image_rc::flash_write_failed}}) {
      CAPTURE(at);
      Upload u;
      u.device.refuses = [&](const ImageUploadRequest& r) -> std::optional<ServerError> {
        if (r.offset >= at) return refusal;
        return std::nullopt;
      };
      CHECK(!u.run());
      CHECK(u.error == Errc::server_error);
      CHECK(u.server_error == refusal);
    }
  }
}

TEST_CASE("a version 1 server is found out, silent or refusing, with parameters or without") {
  for (const auto old : {FakeDevice::Old::silent, FakeDevice::Old::refuses}) {
    for (const bool parameters : {false, true}) {
      CAPTURE(static_cast<int>(old));
      CAPTURE(parameters);
      Upload u;
      u.device.old = old;
      if (!parameters) u.device.buffer_size.reset();
      CHECK(u.run());
      CHECK(u.version == Version::v1);
    }
  }
}

TEST_CASE("a device that is silent about parameters and about version 2 is still served") {
  Upload u;
  u.device.buffer_size.reset();
  u.device.silent_on_unknown = true;
  u.device.old = FakeDevice::Old::silent;
  CHECK(u.run());
  CHECK(u.version == Version::v1);
}

TEST_CASE("without parameters messages are halved until the device takes them, silent or with an error") {
  for (const std::size_t takes : {92u, 200u, 380u, 1020u, 2044u}) {
    for (const auto& complaint :
         {std::optional<ServerError>{}, std::optional<ServerError>{Rc::message_size},
          std::optional<ServerError>{Rc::no_memory}, std::optional<ServerError>{Rc::invalid}}) {
      CAPTURE(takes);
      CAPTURE(complaint.has_value());
      Upload u;
      u.settings.max_message = 0;
      u.device.buffer_size.reset();
      u.device.takes = takes;
      u.device.too_large = complaint;
      // A first chunk that is too large for the smallest of devices can only fail.
      if (takes < UploadSession::first_message) {
        u.settings.sha = {};
        u.file = pattern(400);
        u.buffer.resize(takes);
      }
      CHECK(u.run());
      CHECK(u.max_message <= takes);
      CHECK(u.max_message * 2 >= std::min<std::size_t>(takes, 2044));
    }
  }
}

TEST_CASE("messages that vanish although the parameters allow them are made smaller") {
  Upload u;
  u.device.buffer_size = 2048;
  u.device.takes = 270;  // two console lines at once, about
  CHECK(u.run());
  CHECK(u.max_message <= 270);
  CHECK(u.took_ms < 20'000);
}

TEST_CASE("after a bad time on the link messages grow back to the size that passed before") {
  Upload u;
  u.file = pattern(30'000);
  CHECK(u.run([](int n) { return n >= 6 && n < 10 ? Fault::request_lost : Fault::none; }));
  CHECK(u.max_message == 508);
}

TEST_CASE("a long erase is waited for, with one first chunk only") {
  for (const std::uint64_t erase_ms : {1000u, 4000u, 12'000u, 29'000u}) {
    CAPTURE(erase_ms);
    Upload u;
    u.device.erase_ms = erase_ms;
    CHECK(u.run());
    CHECK(u.device.first_chunks == 1);
    CHECK(u.took_ms < erase_ms + 1000);
  }
}

TEST_CASE("a first chunk that is lost, or its answer, is noticed long before an erase could be over") {
  for (const Fault fault : {Fault::request_lost, Fault::reply_lost}) {
    Upload u;
    CHECK(u.run([&](int n) { return n == 1 ? fault : Fault::none; }));  // 0 asks for the parameters
    CHECK(u.took_ms < 3000);
  }
}

TEST_CASE("a busy device is asked again after a pause, and not for ever") {
  Upload u;
  u.device.busy_times = 3;
  CHECK(u.run());
  CHECK(u.took_ms >= 3 * UploadSession::busy_pause_ms);
  Upload always;
  always.device.busy_times = 1000;
  CHECK(!always.run());
  CHECK(always.error == Errc::server_error);
  CHECK(always.server_error.is(Rc::busy));
}

TEST_CASE("the first chunk alone carries length, sha, image and the upgrade flag") {
  Upload u;
  u.settings.image = 1;
  u.settings.upgrade_only = true;
  int chunks = 0;
  u.device.refuses = [&](const ImageUploadRequest& r) -> std::optional<ServerError> {
    const bool first = r.offset == 0;
    CHECK(r.length.has_value() == first);
    CHECK((r.sha.size() == 32) == first);
    CHECK((r.image == 1) == first);
    CHECK(r.upgrade == first);
    if (first) CHECK(r.length == 5000);
    ++chunks;
    return std::nullopt;
  };
  CHECK(u.run());
  CHECK(chunks > 2);
}

TEST_CASE("sequence numbers go on from those of the session before, and wrap") {
  std::vector<std::byte> buffer(256);
  UploadSession session(image, buffer, {.max_message = 256, .sequence = 255});
  const Action first = session.start();
  CHECK(decode_header(first.bytes)->sequence == 255);
  (void)session.on_sent();
  const Action second = session.on_message(unhex("0b 00 0006 0001 ff 01 a1 636f6666 05"));
  REQUIRE(second.kind == Action::Kind::send);
  CHECK(decode_header(second.bytes)->sequence == 0);
  CHECK(session.next_sequence() == 1);
}

}  // namespace
}  // namespace lockstep::smp
