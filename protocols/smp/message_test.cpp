#include "protocols/smp/message.hpp"

#include <doctest/doctest.h>

#include "protocols/cbor/test_bytes.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::smp {
namespace {

const Header v1_request{.op = Op::write, .version = Version::v1, .group = 1, .sequence = 9, .command = 1};
const Header v2_request{.op = Op::write, .version = Version::v2, .group = 1, .sequence = 9, .command = 1};

TEST_CASE("an echo request is the very message that other clients send") {
  std::vector<std::byte> buffer(64);
  // mcumgr (Go), debug log in apache/mynewt-mcumgr issue 164.
  const auto v1 = encode_request(buffer, Version::v1, 0x42, EchoRequest{.text = "hello"});
  REQUIRE(v1);
  CHECK(hex(*v1) == "0200000900004200a161646568656c6c6f");
  // AuTerm, thedjnK/AuTerm issue 54.
  const auto v2 = encode_request(buffer, Version::v2, 3, EchoRequest{.text = "help"});
  REQUIRE(v2);
  CHECK(hex(*v2) == "0a00000800000300a161646468656c70");
}

TEST_CASE("a request fits a buffer of its exact size and no smaller one") {
  const ImageUploadRequest request{
      .image = 1, .length = 300, .sha = as_bytes("abcdef"), .data = as_bytes("0123456789")};
  const std::size_t size = header_size + request.encoded_size(10);
  for (std::size_t n = 0; n <= size; ++n) {
    CAPTURE(n);
    std::vector<std::byte> buffer(n);
    const auto message = encode_request(buffer, Version::v2, 0, request);
    CHECK(static_cast<bool>(message) == (n == size));
    if (message) CHECK(message->size() == size);
    if (!message) CHECK(message.error() == Errc::too_long);
  }
}

TEST_CASE("success is an absent rc, rc 0, an empty map or no body at all") {
  for (const char* body : {"a0", "bfff", "", "a1 627263 00", "bf 627263 00 636f6666 00 ff", "a1 616e 05"}) {
    CAPTURE(body);
    const auto error = decode_server_error(unhex(body));
    REQUIRE(error);
    CHECK(!*error);
  }
}

TEST_CASE("a refusal is read from rc and from err, whatever the version of the message") {
  const struct {
    const char* body;
    ServerError error;
  } cases[] = {
      {"a1 627263 08", Rc::not_supported},
      {"bf 627263 03 ff", Rc::invalid},
      {"a1 627263 20", ServerError(static_cast<Rc>(-1))},
      // {_ "err": {_ "group": 1, "rc": 33}}: what Zephyr 4.4 answers to a test of the active image
      {"bf 63657272 bf 6567726f7570 01 627263 1821 ff ff", {std::uint16_t{1}, 33}},
      {"a1 63657272 a2 627263 03 6567726f7570 00", {std::uint16_t{0}, 3}},
      {"a2 627263 00 63657272 a2 627263 03 6567726f7570 00", {std::uint16_t{0}, 3}},
      {"a1 627263 1b0000000100000000", Rc::unknown},  // too large a code is no success
  };
  for (const auto& c : cases) {
    CAPTURE(c.body);
    const auto error = decode_server_error(unhex(c.body));
    REQUIRE(error);
    CHECK(*error == c.error);
  }
}

TEST_CASE("a body that is no map, or has an rc that is no number, is not taken for success") {
  for (const char* body : {"80", "00", "a1 627263 f4", "a1 627263", "a1 63657272 05", "bf 627263 00", "ff"}) {
    CAPTURE(body);
    const auto error = decode_server_error(unhex(body));
    REQUIRE(!error);
    CHECK(error.error() == Errc::bad_body);
  }
}

TEST_CASE("the words that a server adds to a refusal are kept") {
  const auto body = unhex("a2 627263 01 6372736e 68 746f6f206c61746c");
  CHECK(server_reason(body) == "too latl");
  CHECK(server_reason(unhex("a1 627263 01")).empty());
}

TEST_CASE("our server's success carries rc 0 beside the rest") {
  std::vector<std::byte> buffer(64);
  const auto reply = encode_reply(buffer, v1_request, ImageUploadReply{.offset = 0});
  REQUIRE(reply);
  // The bytes of a Zephyr 3.0 server, zephyrproject-rtos/zephyr issue 44219, but for the sequence number.
  CHECK(hex(*reply) == "0300000b00010901bf62726300636f666600ff");
}

TEST_CASE("our server refuses a v2 client by err and a v1 client by the nearest rc") {
  std::vector<std::byte> buffer(64);
  const ServerError active_denied{group::image, image_rc::test_of_active_denied};
  const auto v2 = encode_error(buffer, v2_request, active_denied);
  REQUIRE(v2);
  CHECK(hex(*v2) == "0b00001200010901a163657272a26567726f7570016272631821");
  CHECK(*decode_server_error(decode_message(*v2)->body) == active_denied);
  const auto v1 = encode_error(buffer, v1_request, active_denied);
  REQUIRE(v1);
  CHECK(*decode_server_error(decode_message(*v1)->body) == ServerError(Rc::bad_state));
  const auto common = encode_error(buffer, v2_request, Rc::not_supported);
  REQUIRE(common);
  CHECK(*decode_server_error(decode_message(*common)->body) == ServerError(Rc::not_supported));
}

TEST_CASE("a refusal is never translated to success") {
  for (const std::uint16_t g : {group::os, group::image, std::uint16_t{2}, group::node}) {
    for (std::int32_t rc = 1; rc < 300; ++rc) CHECK(common_code({g, rc}) != Rc::ok);
  }
}

TEST_CASE("refusals have words") {
  CHECK(text(ServerError(Rc::bad_state)) == "the current state does not allow it");
  CHECK(text(ServerError{group::image, image_rc::test_of_active_denied}) ==
        "the active image cannot be set for test");
  CHECK(text(ServerError{group::image, image_rc::active_slot_not_known}) ==
        "the active slot cannot be determined");
  CHECK(text(ServerError{group::image, 35}) == "unknown error");
  CHECK(text(ServerError{group::image, -1}) == "unknown error");
  CHECK(text(ServerError{std::uint16_t{99}, 1}) == "unknown error");
  for (int i = 0; i <= static_cast<int>(Errc::image_corrupt); ++i) {
    for (int j = 0; j < i; ++j) CHECK(text(static_cast<Errc>(i)) != text(static_cast<Errc>(j)));
  }
}

}  // namespace
}  // namespace lockstep::smp
