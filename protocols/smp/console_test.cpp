#include "protocols/smp/console.hpp"

#include <doctest/doctest.h>
#include <string>

#include "protocols/cbor/test_bytes.hpp"
#include "protocols/core/crc.hpp"

namespace lockstep::smp {
namespace {

struct Seen {
  std::string log;
  std::vector<std::string> messages;  // hex
  std::vector<Errc> dropped;
};

Seen feed(ConsoleDecoder& decoder, std::string_view wire) {
  Seen seen;
  for (const char c : wire) {
    const auto event = decoder.feed(static_cast<std::byte>(c));
    if (event.kind == ConsoleDecoder::Kind::message) seen.messages.push_back(hex(event.bytes));
    if (event.kind == ConsoleDecoder::Kind::dropped) seen.dropped.push_back(event.error);
    if (event.kind == ConsoleDecoder::Kind::log || event.kind == ConsoleDecoder::Kind::dropped) {
      seen.log += as_text(event.bytes);
    }
  }
  return seen;
}

Seen decode(std::string_view wire, std::size_t buffer_size = 512) {
  std::vector<std::byte> buffer(buffer_size);
  ConsoleDecoder decoder(buffer);
  return feed(decoder, wire);
}

std::string encode(Bytes message) {
  std::vector<std::byte> out(console_encoded_size(message.size()));
  const auto lines = encode_console(message, out);
  REQUIRE(lines);
  CHECK(lines->size() == out.size());
  return std::string(as_text(*lines));
}

std::vector<std::byte> pattern(std::size_t n) {
  std::vector<std::byte> bytes(n);
  for (std::size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(i * 7 + 3);
  return bytes;
}

// What other people's tools put on the wire, and the message it stands for.
const struct Golden {
  const char* origin;
  std::string wire;
  const char* message;
} golden[] = {
    {"mcumgr (Go), debug log in apache/mynewt-mcumgr issue 167", "\x06\tAAsAAAABAAFCAKD1Mw==\n",
     "0000000100014200a0"},
    {"AuTerm, thedjnK/AuTerm issue 54", "\x06\tABIKAAAIAAADAKFhZGRoZWxwdAE=\n",
     "0a00000800000300a161646468656c70"},
    {"newtmgr, debug log in apache/mynewt-core pull request 198: no body", "\x06\tAAoAAAAAAAEAADcw\n",
     "0000000000010000"},
};

// A Mynewt device to newtmgr, debug log of 2016; its first line has 130 bytes before the newline.
const std::string mynewt_first =
    "\x06\tAIUBAQB7AAEAAL9maW1hZ2Vzn79kc2xvdABndmVyc2lvbmUwLjMuMGRoYXNoWCDSTLMFE1QXK7UQn5y0rnhh2W1q/"
    "fxG20gs6y00qKeO0Ghi"
    "b290YWJsZfVncGVuZGlu\n";
const std::string mynewt_second = "\x04\x14Z/RpY29uZmlybWVk9WZhY3RpdmX1//9rc3BsaXRTdGF0dXMA/1Nt\n";
const char* const mynewt_message =
    "0101007b00010000bf66696d616765739fbf64736c6f74006776657273696f6e65302e332e3064686173685820d24cb305135417"
    "2bb5109f9c"
    "b4ae7861d96d6afdfc46db482ceb2d34a8a78ed068626f6f7461626c65f56770656e64696e67f469636f6e6669726d6564f56661"
    "637469766"
    "5f5ffff6b73706c697453746174757300ff";

TEST_CASE("messages that other tools framed are found, and framed by us they are the same bytes") {
  for (const Golden& g : golden) {
    CAPTURE(g.origin);
    const Seen seen = decode(g.wire);
    REQUIRE(seen.messages.size() == 1);
    CHECK(seen.messages[0] == g.message);
    CHECK(seen.log.empty());
    CHECK(encode(unhex(g.message)) == g.wire);
  }
}

TEST_CASE("a message in two lines is put together, also from a line longer than the usual 127 bytes") {
  const Seen seen = decode(mynewt_first + mynewt_second);
  REQUIRE(seen.messages.size() == 1);
  CHECK(seen.messages[0] == mynewt_message);
}

TEST_CASE("messages of every size up to several lines come back, in lines of at most 127 bytes") {
  for (std::size_t n = 0; n < 300; ++n) {
    CAPTURE(n);
    const auto message = pattern(n);
    const std::string wire = encode(message);
    CHECK(wire.size() == console_encoded_size(n));
    std::size_t begin = 0;
    while (begin < wire.size()) {
      const std::size_t end = wire.find('\n', begin);
      REQUIRE(end != std::string::npos);
      CHECK(end + 1 - begin <= console_line_size);
      CHECK(wire.substr(begin, 2) == (begin == 0 ? "\x06\t" : "\x04\x14"));
      begin = end + 1;
    }
    // Exactly the room that the message and its checksum need.
    const Seen seen = decode(wire, n + console_overhead);
    REQUIRE(seen.messages.size() == 1);
    CHECK(seen.messages[0] == hex(message));
  }
}

TEST_CASE("an encoder's buffer that is one byte short is refused") {
  for (const std::size_t n : {0u, 8u, 89u, 90u, 200u}) {
    CAPTURE(n);
    std::vector<std::byte> out(console_encoded_size(n) - 1);
    const auto lines = encode_console(pattern(n), out);
    REQUIRE(!lines);
    CHECK(lines.error() == Errc::too_long);
  }
  std::vector<std::byte> large(100'000);
  CHECK(encode_console(pattern(65533), large));
  CHECK(!encode_console(pattern(65534), large));
}

TEST_CASE("log lines, prompts and shell colours around and between the lines of a message reach the log") {
  const Seen seen = decode("*** Booting Zephyr ***\r\n\x1b[1;32muart:~$ " + mynewt_first +
                           "[00:00:01.000] <inf> app: tick\r\n" + mynewt_second + "bye\n");
  REQUIRE(seen.messages.size() == 1);
  CHECK(seen.messages[0] == mynewt_message);
  CHECK(seen.log == "*** Booting Zephyr ***\r\n\x1b[1;32muart:~$ [00:00:01.000] <inf> app: tick\r\nbye\n");
  CHECK(seen.dropped.empty());
}

TEST_CASE("bytes that look like the beginning of a marker are log when nothing follows") {
  const Seen seen = decode("\x06x\x04y\x06\x06\tAAsAAAABAAFCAKD1Mw==\r\n\x04\x06z");
  CHECK(seen.messages.size() == 1);
  CHECK(seen.log == "\x06x\x04y\x06\x04\x06z");
}

TEST_CASE("every truncation of a message is dropped when the next one begins, and the next one is read") {
  const std::string wire = mynewt_first + mynewt_second;
  for (std::size_t n = 0; n < wire.size(); ++n) {
    CAPTURE(n);
    const Seen seen = decode(wire.substr(0, n) + golden[0].wire);
    REQUIRE(!seen.messages.empty());
    CHECK(seen.messages.back() == golden[0].message);
    CHECK(seen.messages.size() == 1);
  }
}

TEST_CASE("each flipped bit of a message drops it and spares the next") {
  for (std::size_t at = 2; at + 1 < golden[1].wire.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      CAPTURE(at);
      CAPTURE(bit);
      std::string wire = golden[1].wire;
      wire[at] = static_cast<char>(wire[at] ^ 1 << bit);
      if (wire[at] == '\r') continue;
      const Seen seen = decode(wire + "\n" + golden[0].wire);
      REQUIRE(!seen.messages.empty());
      CHECK(seen.messages.back() == golden[0].message);
      // The last character's low bits lie beyond the message: such a flip is harmless.
      if (seen.messages.size() == 2) CHECK(seen.messages[0] == golden[1].message);
    }
  }
}

TEST_CASE("a wrong checksum is told as such") {
  const Seen seen = decode("\x06\tABIKAAAIAAADAKFhZGRoZWxwdAI=\n");
  CHECK(seen.messages.empty());
  REQUIRE(seen.dropped.size() == 1);
  CHECK(seen.dropped[0] == Errc::bad_crc);
}

TEST_CASE("a log line that breaks into a message's line drops the message and keeps the log") {
  const Seen seen = decode("\x06\tABIKAAAI[wrn] x\n" + golden[0].wire);
  REQUIRE(seen.dropped.size() == 1);
  CHECK(seen.dropped[0] == Errc::bad_encoding);
  CHECK(seen.log == "[wrn] x\n");
  CHECK(seen.messages.size() == 1);
}

TEST_CASE("a message that is too long is dropped once, with all its lines, and the next one is read") {
  const auto message = pattern(200);
  const Seen seen = decode(encode(message) + golden[0].wire, 200 + console_overhead - 1);
  REQUIRE(seen.dropped.size() == 1);
  CHECK(seen.dropped[0] == Errc::too_long);
  CHECK(seen.log.empty());
  REQUIRE(seen.messages.size() == 1);
  CHECK(seen.messages[0] == golden[0].message);
}

TEST_CASE("further lines without a first one are no log and no message") {
  const Seen seen = decode(mynewt_second + "log\n");
  CHECK(seen.messages.empty());
  CHECK(seen.dropped.empty());
  CHECK(seen.log == "log\n");
}

TEST_CASE("padding inside a line, surplus bytes and lengths without a checksum are refused") {
  for (const char* payload :
       {"AA==sAAAABAAFCAKD1Mw==", "AAsAAAABAAFCAKD1MwAA", "AAsAAAABAAFCAKD1Mw=", "A===", "AAAA", "AAE="}) {
    CAPTURE(payload);
    const Seen seen = decode(std::string("\x06\t") + payload + "\n");
    CHECK(seen.messages.empty());
    REQUIRE(seen.dropped.size() == 1);
    CHECK(seen.dropped[0] == Errc::bad_encoding);
  }
}

TEST_CASE("reset forgets a message that has begun") {
  std::vector<std::byte> buffer(512);
  ConsoleDecoder decoder(buffer);
  CHECK(feed(decoder, mynewt_first).messages.empty());
  decoder.reset();
  CHECK(feed(decoder, mynewt_second).messages.empty());
  CHECK(feed(decoder, golden[0].wire).messages.size() == 1);
}

}  // namespace
}  // namespace lockstep::smp
