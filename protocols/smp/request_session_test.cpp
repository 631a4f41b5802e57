#include "protocols/smp/request_session.hpp"

#include <doctest/doctest.h>

#include "protocols/cbor/test_bytes.hpp"
#include "protocols/smp/fake_device.hpp"

namespace lockstep::smp {
namespace {

const RequestSettings settings{.timeout_ms = 1000, .retries = 2, .sequence = 7};

TEST_CASE("a request is answered, and the answer outlives the message it came in") {
  FakeDevice device;
  std::vector<std::byte> buffer(64);
  RequestSession session(buffer, ParametersRequest{}, settings);
  Wire wire(session, device);
  REQUIRE(wire.run());
  CHECK(session.error() == Errc::none);
  REQUIRE(session.reply<ParametersRequest>());
  CHECK(session.reply<ParametersRequest>()->buffer_size == 512);
  CHECK(session.version() == Version::v2);
  CHECK(session.next_sequence() == 8);
  CHECK(wire.sent == 1);
}

TEST_CASE("any one fault on the wire is survived, at each attempt") {
  for (const Fault fault :
       {Fault::request_lost, Fault::reply_lost, Fault::reply_twice, Fault::garbage_first, Fault::late}) {
    for (const int at : {0, 1}) {
      CAPTURE(static_cast<int>(fault));
      CAPTURE(at);
      FakeDevice device;
      std::vector<std::byte> buffer(64);
      RequestSession session(buffer, ParametersRequest{}, settings);
      // The attempts before the one in question are lost.
      Wire wire(session, device, [&](int n) {
        return n < at ? Fault::request_lost : n == at ? fault : Fault::none;
      });
      REQUIRE(wire.run());
      CHECK(session.error() == Errc::none);
    }
  }
}

TEST_CASE("silence ends in no_reply after all attempts, each of them waited for once") {
  for (const std::uint8_t retries : std::initializer_list<std::uint8_t>{0, 1, 2, 5}) {
    CAPTURE(retries);
    FakeDevice device;
    std::vector<std::byte> buffer(64);
    RequestSession session(buffer, ParametersRequest{}, {.timeout_ms = 1000, .retries = retries});
    Wire wire(session, device, [](int) { return Fault::request_lost; });
    REQUIRE(wire.run());
    CHECK(session.error() == Errc::no_reply);
    CHECK(wire.sent == retries + 1);
    CHECK(wire.now_ms == 1000u * (retries + 1u));
    CHECK(session.reply_body().empty());
  }
}

TEST_CASE("a server that knows only version 1 is asked again in it, whether it is silent or refuses") {
  for (const auto old : {FakeDevice::Old::silent, FakeDevice::Old::refuses}) {
    FakeDevice device;
    device.old = old;
    std::vector<std::byte> buffer(64);
    RequestSession session(buffer, ParametersRequest{}, settings);
    Wire wire(session, device);
    REQUIRE(wire.run());
    CHECK(session.error() == Errc::none);
    CHECK(session.version() == Version::v1);
    CHECK(session.reply<ParametersRequest>()->buffer_size == 512);
  }
}

TEST_CASE("a version that was chosen is kept") {
  FakeDevice device;
  device.old = FakeDevice::Old::refuses;
  std::vector<std::byte> buffer(64);
  RequestSession v2(buffer, ParametersRequest{}, {.version = VersionChoice::v2});
  Wire wire(v2, device);
  REQUIRE(wire.run());
  CHECK(v2.error() == Errc::server_error);
  RequestSession v1(buffer, ParametersRequest{}, {.version = VersionChoice::v1});
  Wire again(v1, device);
  REQUIRE(again.run());
  CHECK(v1.error() == Errc::none);
  CHECK(again.sent == 1);
}

TEST_CASE("a refusal is told with its code, and not asked again when version 2 was understood") {
  FakeDevice device;
  device.buffer_size.reset();
  std::vector<std::byte> buffer(64);
  RequestSession session(buffer, ParametersRequest{}, settings);
  Wire wire(session, device);
  REQUIRE(wire.run());
  CHECK(session.error() == Errc::server_error);
  CHECK(session.server_error() == ServerError(Rc::not_supported));
  CHECK(wire.sent == 1);
}

TEST_CASE("an answer to another request is passed over, and babble cannot hold the session") {
  std::vector<std::byte> buffer(64);
  RequestSession session(buffer, EchoRequest{.text = "hi"}, settings);
  CHECK(session.start().kind == Action::Kind::send);
  CHECK(session.on_sent().timeout_ms == 1000);
  // {"r": "hi"} under sequence number 6, the last session's.
  const auto stale = unhex("0b 00 0006 0000 06 00 a1 6172 626869");
  for (int attempt = 0; attempt < 3; ++attempt) {
    Action action = Action::receive(0);
    int strays = 0;
    for (; action.kind == Action::Kind::receive; ++strays) action = session.on_message(stale);
    CHECK(strays == RequestSession::max_strays);
    CHECK(action.kind == (attempt < 2 ? Action::Kind::send : Action::Kind::done));
    if (attempt < 2) CHECK(session.on_sent().kind == Action::Kind::receive);
  }
  CHECK(session.error() == Errc::no_reply);
}

TEST_CASE("the answer is taken after stale ones") {
  std::vector<std::byte> buffer(64);
  RequestSession session(buffer, EchoRequest{.text = "hi"}, settings);
  (void)session.start();
  (void)session.on_sent();
  CHECK(session.on_message(unhex("0b 00 0006 0000 06 00 a1 6172 626869")).kind == Action::Kind::receive);
  CHECK(session.on_message({}).kind == Action::Kind::receive);
  CHECK(session.on_message(unhex("0b 00 0006 0000 07 00 a1 6172 626869")).kind == Action::Kind::done);
  CHECK(session.error() == Errc::none);
  CHECK(session.reply<EchoRequest>()->text == "hi");
}

TEST_CASE("an answer that makes no sense is bad_body, one too large for the buffer too_long") {
  std::vector<std::byte> buffer(16);
  RequestSession broken(buffer, EchoRequest{.text = "hi"}, settings);
  (void)broken.start();
  CHECK(broken.on_message(unhex("0b 00 0004 0000 07 00 bf 6172 62")).kind == Action::Kind::done);
  CHECK(broken.error() == Errc::bad_body);

  RequestSession small(buffer, EchoRequest{.text = "hi"}, settings);
  (void)small.start();
  CHECK(small.on_message(unhex("0b 00 0014 0000 07 00 a1 6172 70 30313233343536373839303132333435")).kind ==
        Action::Kind::done);
  CHECK(small.error() == Errc::too_long);
}

TEST_CASE("a request that does not fit the buffer is never sent") {
  std::vector<std::byte> buffer(15);
  RequestSession session(buffer, EchoRequest{.text = "hello"}, settings);
  CHECK(session.start().kind == Action::Kind::done);
  CHECK(session.error() == Errc::too_long);
}

}  // namespace
}  // namespace lockstep::smp
