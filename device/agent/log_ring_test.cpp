#include "device/agent/log_ring.hpp"

#include <doctest/doctest.h>

#include <string>

#include "host/base/buffer.hpp"

using namespace lockstep;
using namespace lockstep::agent;

namespace {

std::string all(const LogRing& log) {
  std::string text;
  for (std::uint32_t at = log.begin(); at < log.end();) {
    const Bytes piece = log.read(at, 1000);
    REQUIRE_FALSE(piece.empty());
    text += as_text(piece);
    at += static_cast<std::uint32_t>(piece.size());
  }
  return text;
}

constexpr std::size_t size = LogRing::head_size + 100;

}  // namespace

TEST_CASE("a log keeps its last lines, whole ones only") {
  Buffer memory(size);
  LogRing log(memory);
  CHECK(all(log).empty());
  log.line("first");
  log.line("second");
  CHECK(all(log) == "first\nsecond\n");
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string line = "line " + std::to_string(i);
    log.line(line);
    const std::string text = all(log);
    REQUIRE(text.size() <= 75);  // a quarter of the ring is for the reader
    REQUIRE(text.ends_with(line + "\n"));
    if (i > 20) REQUIRE(text.starts_with("line "));
    if (i > 20) REQUIRE(text.size() > 55);
  }
}

TEST_CASE("a line longer than the ring leaves its end") {
  Buffer memory(size);
  LogRing log(memory);
  log.line(std::string(300, 'x') + "end");
  CHECK(all(log) == std::string(71, 'x') + "end\n");
}

TEST_CASE("a log goes on where it was after a reset, and begins anew when its memory holds something else") {
  Buffer memory(size);
  LogRing(memory).line("before");
  {
    LogRing log(memory);
    log.line("after");
    CHECK(all(log) == "before\nafter\n");
  }
  for (std::size_t i = 0; i < LogRing::head_size; ++i) {
    CAPTURE(i);
    Buffer other = memory;
    other[i] ^= std::byte{0x10};
    CHECK(all(LogRing(other)).empty());
  }
  Buffer zeros(size), ones(size, std::byte{0xff});
  CHECK(all(LogRing(zeros)).empty());
  CHECK(all(LogRing(ones)).empty());
}

TEST_CASE("positions that are overwritten or still to come are not there") {
  Buffer memory(size);
  LogRing log(memory);
  log.put(std::string(150, 'x'));
  CHECK_FALSE(log.has(49));
  CHECK(log.read(49, 10).empty());
  CHECK(log.has(50));
  CHECK(log.read(50, 10).size() == 10);
  CHECK(log.has(150));
  CHECK(log.read(150, 10).empty());
  CHECK_FALSE(log.has(151));
}

TEST_CASE("a log that runs for years begins its positions again and keeps its lines") {
  Buffer memory(size);
  ByteWriter w(memory);
  w.u32le(0x31524b4c);
  w.u32le(0x7fff'fff0);
  w.u32le(~0x7fff'fff0u);
  LogRing log(memory);
  log.line("");
  log.line("the last line before");
  CHECK(log.end() < 0x1000);
  log.line("and after");
  CHECK(all(log).ends_with("the last line before\nand after\n"));
}
