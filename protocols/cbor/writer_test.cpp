#include "protocols/cbor/writer.hpp"

#include <doctest/doctest.h>
#include <array>
#include <limits>

#include "protocols/cbor/reader.hpp"
#include "protocols/cbor/test_bytes.hpp"

namespace lockstep::cbor {
namespace {

std::string written(void (*write)(Writer&)) {
  std::array<std::byte, 64> buffer{};
  Writer w(buffer);
  write(w);
  REQUIRE(w.ok());
  return hex(w.written());
}

// The expected bytes are RFC 8949 appendix A's.
TEST_CASE("items are written as in RFC 8949 appendix A") {
  CHECK(written([](Writer& w) { w.uint(0); }) == "00");
  CHECK(written([](Writer& w) { w.uint(23); }) == "17");
  CHECK(written([](Writer& w) { w.uint(24); }) == "1818");
  CHECK(written([](Writer& w) { w.uint(1000); }) == "1903e8");
  CHECK(written([](Writer& w) { w.uint(1000000); }) == "1a000f4240");
  CHECK(written([](Writer& w) { w.uint(1000000000000); }) == "1b000000e8d4a51000");
  CHECK(written([](Writer& w) { w.uint(18446744073709551615u); }) == "1bffffffffffffffff");
  CHECK(written([](Writer& w) { w.integer(-1); }) == "20");
  CHECK(written([](Writer& w) { w.integer(-1000); }) == "3903e7");
  CHECK(written([](Writer& w) { w.integer(std::numeric_limits<std::int64_t>::min()); }) ==
        "3b7fffffffffffffff");
  CHECK(written([](Writer& w) { w.integer(100); }) == "1864");
  CHECK(written([](Writer& w) { w.boolean(false), w.boolean(true), w.null(); }) == "f4f5f6");
  CHECK(written([](Writer& w) { w.text("IETF"); }) == "6449455446");
  CHECK(written([](Writer& w) { w.bytes({}); }) == "40");
  CHECK(written([](Writer& w) { w.map(1), w.key("a").uint(1); }) == "a1616101");
  CHECK(written([](Writer& w) { w.array(2), w.uint(1), w.uint(2); }) == "820102");
  CHECK(written([](Writer& w) {
          w.begin_map(), w.key("Fun").boolean(true), w.key("Amt").integer(-2), w.end();
        }) == "bf6346756ef563416d7421ff");
  CHECK(written([](Writer& w) { w.begin_array(), w.end(); }) == "9fff");
}

TEST_CASE("the size of a head is what the writer makes of it") {
  for (const std::uint64_t n :
       {std::uint64_t{0}, std::uint64_t{23}, std::uint64_t{24}, std::uint64_t{255}, std::uint64_t{256},
        std::uint64_t{65535}, std::uint64_t{65536}, std::uint64_t{0xffffffff}, std::uint64_t{0x100000000}}) {
    CAPTURE(n);
    std::array<std::byte, 9> buffer{};
    Writer w(buffer);
    w.uint(n);
    CHECK(w.size() == head_size(n));
  }
}

void write_message(Writer& w) {
  w.begin_map();
  w.key("off").uint(70000);
  w.key("data").bytes(as_bytes("0123456789"));
  w.key("list").array(2);
  w.integer(-300);
  w.text("two");
  w.end();
}

TEST_CASE("a buffer of the exact size is enough, and every smaller one spoils the writer") {
  std::array<std::byte, 64> large{};
  Writer reference(large);
  write_message(reference);
  REQUIRE(reference.ok());
  const std::size_t size = reference.size();
  for (std::size_t n = 0; n <= size; ++n) {
    CAPTURE(n);
    std::vector<std::byte> buffer(n);
    Writer w(buffer);
    write_message(w);
    CHECK(w.ok() == (n == size));
  }
}

TEST_CASE("what is written is read back") {
  std::array<std::byte, 64> buffer{};
  Writer w(buffer);
  write_message(w);
  Reader r(w.written());
  r.skip();
  CHECK(r.ok());
  CHECK(r.at_end());
  auto off = find(w.written(), "off");
  REQUIRE(off);
  CHECK(off->uint() == 70000);
}

}  // namespace
}  // namespace lockstep::cbor
