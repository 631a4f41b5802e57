#include "protocols/smp/raw.hpp"

#include <doctest/doctest.h>

#include "protocols/cbor/test_bytes.hpp"

namespace lockstep::smp {
namespace {

// mcumgr (Go), debug logs in apache/mynewt-mcumgr issues 167 and 164, without their framing.
const auto image_list = unhex("00 00 0001 0001 42 00 a0");
const auto echo = unhex("02 00 0009 0000 42 00 a1616465 68656c6c6f");

std::vector<std::string> feed(RawDecoder& decoder, Bytes wire) {
  std::vector<std::string> messages;
  for (const std::byte b : wire) {
    const auto event = decoder.feed(b);
    if (event.kind == RawDecoder::Kind::message) messages.push_back(hex(event.bytes));
  }
  return messages;
}

TEST_CASE("messages one after the other are taken apart by their length, in a buffer of the exact size") {
  std::vector<std::byte> buffer(echo.size());
  RawDecoder decoder(buffer);
  auto wire = image_list;
  wire.insert(wire.end(), echo.begin(), echo.end());
  const auto messages = feed(decoder, wire);
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] == hex(image_list));
  CHECK(messages[1] == hex(echo));
  CHECK(!decoder.pending());
}

TEST_CASE("a message without a body is whole with its header") {
  std::vector<std::byte> buffer(header_size);
  RawDecoder decoder(buffer);
  CHECK(feed(decoder, unhex("00 00 0000 0001 00 00")).size() == 1);
}

TEST_CASE("every truncation is dropped by the gap after it, and the next message is read") {
  for (std::size_t n = 1; n < echo.size(); ++n) {
    CAPTURE(n);
    std::vector<std::byte> buffer(64);
    RawDecoder decoder(buffer);
    CHECK(feed(decoder, exact(echo, n)).empty());
    CHECK(decoder.pending());
    const auto gap = decoder.on_gap();
    CHECK(gap.kind == RawDecoder::Kind::dropped);
    CHECK(gap.error == Errc::bad_length);
    CHECK(feed(decoder, image_list).size() == 1);
  }
}

TEST_CASE("silence between messages means nothing") {
  std::vector<std::byte> buffer(64);
  RawDecoder decoder(buffer);
  CHECK(decoder.on_gap().kind == RawDecoder::Kind::nothing);
}

TEST_CASE("a message that is too long is counted to its end and dropped") {
  std::vector<std::byte> buffer(header_size + 2);
  RawDecoder decoder(buffer);
  auto wire = echo;
  wire.pop_back();
  CHECK(feed(decoder, wire).empty());
  const auto last = decoder.feed(echo.back());
  CHECK(last.kind == RawDecoder::Kind::dropped);
  CHECK(last.error == Errc::too_long);
  CHECK(feed(decoder, image_list).size() == 1);
}

TEST_CASE("bytes that begin no message are noise") {
  std::vector<std::byte> buffer(64);
  RawDecoder decoder(buffer);
  for (const unsigned b : {0xffu, 0x20u, 0x04u, 0x10u, 0x0du}) {
    const auto event = decoder.feed(static_cast<std::byte>(b));
    CHECK(event.kind == RawDecoder::Kind::noise);
    REQUIRE(event.bytes.size() == 1);
    CHECK(event.bytes[0] == static_cast<std::byte>(b));
  }
  CHECK(feed(decoder, image_list).size() == 1);
}

}  // namespace
}  // namespace lockstep::smp
