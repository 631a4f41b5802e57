#include "protocols/cbor/reader.hpp"

#include <doctest/doctest.h>
#include <cmath>
#include <limits>

#include "protocols/cbor/test_bytes.hpp"

namespace lockstep::cbor {
namespace {

// RFC 8949 appendix A, every kind of item; the values are checked below.
constexpr const char* well_formed[] = {"00",
                                       "17",
                                       "1818",
                                       "1903e8",
                                       "1a000f4240",
                                       "1b000000e8d4a51000",
                                       "1bffffffffffffffff",
                                       "20",
                                       "3903e7",
                                       "3bffffffffffffffff",
                                       "c249010000000000000000",
                                       "f90000",
                                       "fb3ff199999999999a",
                                       "fa47c35000",
                                       "f4",
                                       "f6",
                                       "f7",
                                       "f0",
                                       "f8ff",
                                       "c074323031332d30332d32315432303a30343a30305a",
                                       "c11a514b67b0",
                                       "d818456449455446",
                                       "40",
                                       "4401020304",
                                       "60",
                                       "6449455446",
                                       "62c3bc",
                                       "80",
                                       "83010203",
                                       "8301820203820405",
                                       "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                                       "a0",
                                       "a201020304",
                                       "a26161016162820203",
                                       "826161a161626163",
                                       "5f42010243030405ff",
                                       "7f657374726561646d696e67ff",
                                       "9fff",
                                       "9f018202039f0405ffff",
                                       "9f01820203820405ff",
                                       "83018202039f0405ff",
                                       "83019f0203ff820405",
                                       "bf61610161629f0203ffff",
                                       "826161bf61626163ff",
                                       "bf6346756ef563416d7421ff"};

// RFC 8949 appendix F.1, all groups of its examples.
constexpr const char* not_well_formed[] = {
    // end of input in a head
    "18", "19", "1a", "1b", "1901", "1a0102", "1b01020304050607", "38", "58", "78", "98", "9a01ff00", "b8",
    "d8", "f8", "f900", "fa0000", "fb000000",
    // strings and containers with too few bytes
    "41", "61", "5affffffff00", "5bffffffffffffffff010203", "7affffffff00", "7b7fffffffffffffff010203", "81",
    "818181", "8200", "a1", "a20102", "a100", "a2000000", "c0", "5f4100", "7f6100", "9f", "9f0102", "bf",
    "bf01020102", "819f", "9f8000", "9f9f9f9f9fffffffff", "9f819f819f9fffffff",
    // reserved values of the low bits
    "1c", "1d", "1e", "3c", "5c", "7d", "9e", "bc", "dd", "fe",
    // reserved two-byte simple values
    "f800", "f801", "f818", "f81f",
    // chunks of another kind, or nested ones
    "5f00ff", "5f21ff", "5f6100ff", "5f80ff", "5fa0ff", "5fc000ff", "5fe0ff", "7f4100ff", "5f5f4100ffff",
    "7f7f6100ffff",
    // breaks out of place
    "ff", "81ff", "8200ff", "a1ff", "a1ff00", "a100ff", "a20000ff", "9f81ff", "9f829f819f9fffffffff",
    "bf00ff", "bf000000ff",
    // indefinite length where there is none
    "1f", "3f", "df"};

TEST_CASE("every well-formed item of RFC 8949 appendix A is passed over to its end") {
  for (const char* text : well_formed) {
    CAPTURE(text);
    const auto bytes = unhex(text);
    Reader r(bytes);
    r.skip();
    CHECK(r.ok());
    CHECK(r.at_end());
  }
}

TEST_CASE("every item of RFC 8949 appendix F that is not well-formed is refused") {
  for (const char* text : not_well_formed) {
    CAPTURE(text);
    const auto bytes = unhex(text);
    Reader r(bytes);
    r.skip();
    CHECK(!r.ok());
  }
}

TEST_CASE("every truncation of a well-formed item is refused") {
  for (const char* text : well_formed) {
    const auto bytes = unhex(text);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      CAPTURE(text);
      CAPTURE(n);
      const auto cut = exact(bytes, n);
      Reader r(cut);
      r.skip();
      CHECK(r.error() == Errc::truncated);
    }
  }
}

TEST_CASE("integers have the values of RFC 8949 appendix A") {
  const struct {
    const char* hex;
    std::int64_t value;
  } cases[] = {{"00", 0},
               {"01", 1},
               {"0a", 10},
               {"17", 23},
               {"1818", 24},
               {"1864", 100},
               {"1903e8", 1000},
               {"1a000f4240", 1000000},
               {"20", -1},
               {"29", -10},
               {"3863", -100},
               {"3903e7", -1000},
               {"1b000000e8d4a51000", 1000000000000},
               {"3b7fffffffffffffff", std::numeric_limits<std::int64_t>::min()}};
  for (const auto& c : cases) {
    CAPTURE(c.hex);
    const auto bytes = unhex(c.hex);
    Reader r(bytes);
    CHECK(r.integer() == c.value);
    CHECK(r.ok());
  }
  const auto largest = unhex("1bffffffffffffffff");
  Reader r(largest);
  CHECK(r.uint() == 18446744073709551615u);
}

TEST_CASE("a number out of the range asked for is an error, not another number") {
  const auto below = unhex("3bffffffffffffffff"), above = unhex("1b8000000000000000"),
             large = unhex("190100");
  Reader lowest(below), highest(above), byte(large);
  CHECK(lowest.integer() == 0);
  CHECK(lowest.error() == Errc::too_large);
  CHECK(highest.integer() == 0);
  CHECK(highest.error() == Errc::too_large);
  CHECK(byte.uint(255) == 0);
  CHECK(byte.error() == Errc::too_large);
}

TEST_CASE("floating-point numbers of all three widths have the values of RFC 8949 appendix A") {
  const struct {
    const char* hex;
    double value;
  } cases[] = {{"f90000", 0.0},
               {"f93c00", 1.0},
               {"f93e00", 1.5},
               {"f97bff", 65504.0},
               {"f90001", 5.960464477539063e-8},
               {"f90400", 0.00006103515625},
               {"f9c400", -4.0},
               {"fa47c35000", 100000.0},
               {"fa7f7fffff", 3.4028234663852886e+38},
               {"fa00000001", 1.401298464324817e-45},
               {"fb3ff199999999999a", 1.1},
               {"fb7e37e43c8800759c", 1.0e+300},
               {"fbc010666666666666", -4.1},
               {"f97c00", std::numeric_limits<double>::infinity()},
               {"f9fc00", -std::numeric_limits<double>::infinity()},
               {"fa7f800000", std::numeric_limits<double>::infinity()}};
  for (const auto& c : cases) {
    CAPTURE(c.hex);
    const auto bytes = unhex(c.hex);
    Reader r(bytes);
    CHECK(r.peek() == Type::real);
    CHECK(r.real() == c.value);
    CHECK(r.ok());
  }
  const auto minus_zero = unhex("f98000"), not_a_number = unhex("f97e00");
  Reader z(minus_zero), n(not_a_number);
  CHECK(std::signbit(z.real()));
  CHECK(std::isnan(n.real()));
}

TEST_CASE("strings are views into the input, and tags before an item are passed over") {
  const auto bytes = unhex("4401020304 c074323031332d30332d32315432303a30343a30305a");
  Reader r(bytes);
  const Bytes string = r.bytes();
  CHECK(string.data() == bytes.data() + 1);
  CHECK(string.size() == 4);
  CHECK(r.peek() == Type::text);
  CHECK(r.text() == "2013-03-21T20:04:00Z");
  CHECK(r.ok());
}

TEST_CASE("maps read alike with definite and indefinite length") {
  for (const char* text : {"a3 6346756e f5 63416d74 21 6178 f6", "bf 6346756e f5 63416d74 21 6178 f6 ff"}) {
    CAPTURE(text);
    const auto bytes = unhex(text);
    Reader r(bytes);
    CHECK(r.peek() == Type::map);
    r.enter_map();
    REQUIRE(r.next());
    CHECK(r.key() == "Fun");
    CHECK(r.boolean());
    REQUIRE(r.next());
    CHECK(r.key() == "Amt");
    CHECK(r.integer() == -2);
    REQUIRE(r.next());
    CHECK(r.key() == "x");
    r.null();
    CHECK(!r.next());
    CHECK(r.ok());
    CHECK(r.at_end());
    CHECK(!r.next());
  }
}

TEST_CASE("nested containers are entered one after the other and left by themselves") {
  const auto bytes = unhex("9f 01 82 02 03 9f 04 05 ff ff 18 63");  // [_ 1, [2, 3], [_ 4, 5]], 99
  Reader r(bytes);
  r.enter_array();
  REQUIRE(r.next());
  CHECK(r.uint() == 1);
  for (const std::uint64_t first : {2u, 4u}) {
    REQUIRE(r.next());
    r.enter_array();
    REQUIRE(r.next());
    CHECK(r.uint() == first);
    REQUIRE(r.next());
    CHECK(r.uint() == first + 1);
    CHECK(!r.next());
  }
  CHECK(!r.next());
  CHECK(r.next());  // the item behind the array
  CHECK(r.uint() == 99);
  CHECK(r.ok());
}

TEST_CASE("asking for another type than the item has spoils the reader for good") {
  const struct {
    const char* hex;
    void (*read)(Reader&);
  } cases[] = {{"6161", [](Reader& r) { (void)r.uint(); }},   {"20", [](Reader& r) { (void)r.uint(); }},
               {"f5", [](Reader& r) { (void)r.integer(); }},  {"6161", [](Reader& r) { (void)r.bytes(); }},
               {"4161", [](Reader& r) { (void)r.text(); }},   {"f6", [](Reader& r) { (void)r.boolean(); }},
               {"f4", [](Reader& r) { r.null(); }},           {"f5", [](Reader& r) { (void)r.real(); }},
               {"80", [](Reader& r) { r.enter_map(); }},      {"a0", [](Reader& r) { r.enter_array(); }},
               {"f814", [](Reader& r) { (void)r.boolean(); }}};  // the last one: simple 20 in two bytes is no `false`
  for (const auto& c : cases) {
    CAPTURE(c.hex);
    auto bytes = unhex(c.hex);
    bytes.push_back(std::byte{0x01});
    Reader r(bytes);
    c.read(r);
    CHECK(!r.ok());
    CHECK(r.uint() == 0);
    CHECK(r.peek() == Type::nothing);
    CHECK(!r.next());
  }
}

TEST_CASE("a string in chunks can be passed over but not viewed") {
  const auto bytes = unhex("7f657374726561646d696e67ff 01");
  Reader r(bytes);
  CHECK(r.peek() == Type::text);
  r.skip();
  CHECK(r.uint() == 1);
  Reader viewed(bytes);
  CHECK(viewed.text().empty());
  CHECK(viewed.error() == Errc::unsupported);
}

TEST_CASE("nesting up to the limit is read, one deeper is refused, and a hostile depth is refused at once") {
  std::vector<std::byte> nested(Reader::max_depth, std::byte{0x81});
  nested.push_back(std::byte{0});
  Reader fits(nested);
  fits.skip();
  CHECK(fits.ok());
  nested.insert(nested.begin(), std::byte{0x81});
  Reader deep(nested);
  deep.skip();
  CHECK(deep.error() == Errc::too_deep);
  const std::vector<std::byte> hostile(100'000, std::byte{0x9f});
  Reader endless(hostile);
  endless.skip();
  CHECK(endless.error() == Errc::too_deep);
  Reader entered(hostile);
  for (std::size_t i = 0; i <= Reader::max_depth; ++i) entered.enter_array();
  CHECK(entered.error() == Errc::too_deep);
}

TEST_CASE("a count that the bytes cannot hold is refused before anything is read") {
  const auto bytes = unhex("bbffffffffffffffff 01");
  Reader r(bytes);
  r.enter_map();
  CHECK(r.error() == Errc::truncated);
}

TEST_CASE("find stands at the value of a key, wherever it is in the map") {
  const auto bytes =
      unhex("bf 01 02 6161 9f 61 62 ff 6162 a1 6163 05 ff");  // {_ 1: 2, "a": [_ "b"], "b": {"c": 5}}
  auto b = find(bytes, "b");
  REQUIRE(b);
  CHECK(b->peek() == Type::map);
  b->enter_map();
  REQUIRE(b->next());
  CHECK(b->key() == "c");
  CHECK(b->uint() == 5);
  CHECK(!find(bytes, "c"));
  CHECK(!find(unhex("83010203"), "a"));
  CHECK(!find({}, "a"));
}

TEST_CASE("every error has its own words") {
  for (int i = 0; i <= static_cast<int>(Errc::unsupported); ++i) {
    for (int j = 0; j < i; ++j) CHECK(text(static_cast<Errc>(i)) != text(static_cast<Errc>(j)));
  }
}

}  // namespace
}  // namespace lockstep::cbor
