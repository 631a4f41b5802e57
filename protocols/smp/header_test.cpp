#include "protocols/smp/header.hpp"

#include <doctest/doctest.h>

#include "protocols/cbor/test_bytes.hpp"

namespace lockstep::smp {
namespace {

TEST_CASE("headers of other people's tools are read and written as they are") {
  const struct {
    const char* origin;
    const char* hex;
    Header header;
  } cases[] = {
      {"mcumgr (Go), debug log in apache/mynewt-mcumgr issue 167: image list",
       "0000000100014200",
       {.op = Op::read, .version = Version::v1, .length = 1, .group = 1, .sequence = 0x42, .command = 0}},
      {"Zephyr 3.0 server, debug log in zephyrproject-rtos/zephyr issue 44219: upload",
       "0300000b0001d901",
       {.op = Op::write_reply,
        .version = Version::v1,
        .length = 11,
        .group = 1,
        .sequence = 0xd9,
        .command = 1}},
      {"AuTerm, thedjnK/AuTerm issue 54: echo in version 2",
       "0a00000800000300",
       {.op = Op::write, .version = Version::v2, .length = 8, .group = 0, .sequence = 3, .command = 0}},
      {"Mynewt device in a newtmgr debug log of 2016, flags set",
       "0101007b00010000",
       {.op = Op::read_reply, .version = Version::v1, .flags = 1, .length = 123, .group = 1}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.origin);
    const auto bytes = unhex(c.hex);
    const auto header = decode_header(bytes);
    REQUIRE(header);
    CHECK(*header == c.header);
    CHECK(hex(encode(c.header)) == c.hex);
  }
}

TEST_CASE("each first byte that the specification does not allow is refused") {
  for (unsigned first = 0; first < 256; ++first) {
    CAPTURE(first);
    auto bytes = unhex("00 00 0000 0000 00 00");
    bytes[0] = static_cast<std::byte>(first);
    const bool allowed = (first & 7) <= 3 && (first >> 3 & 3) <= 1 && first >> 5 == 0;
    const auto header = decode_header(bytes);
    CHECK(static_cast<bool>(header) == allowed);
    if (!header) CHECK(header.error() == Errc::bad_header);
  }
}

TEST_CASE("a message is exactly as long as its header says") {
  const auto whole = unhex("02 00 0009 0000 42 00 a1616465 68656c6c6f");
  REQUIRE(decode_message(whole));
  CHECK(decode_message(whole)->body.size() == 9);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CAPTURE(n);
    const auto cut = exact(whole, n);
    const auto message = decode_message(cut);
    REQUIRE(!message);
    CHECK(message.error() == Errc::bad_length);
  }
  auto longer = whole;
  longer.push_back(std::byte{0});
  CHECK(!decode_message(longer));
}

TEST_CASE("a reply answers its request only when sequence, group, command and direction fit") {
  const Header request{.op = Op::write, .version = Version::v2, .group = 1, .sequence = 7, .command = 1};
  const Header reply = reply_to(request);
  CHECK(reply.op == Op::write_reply);
  CHECK(answers(reply, request));
  auto old_server = reply;
  old_server.version = Version::v1;
  CHECK(answers(old_server, request));
  CHECK(!answers(request, request));
  auto other = reply;
  other.sequence = 6;
  CHECK(!answers(other, request));
  other = reply;
  other.group = 0;
  CHECK(!answers(other, request));
  other = reply;
  other.command = 0;
  CHECK(!answers(other, request));
  other = reply;
  other.op = Op::read_reply;
  CHECK(!answers(other, request));
}

}  // namespace
}  // namespace lockstep::smp
