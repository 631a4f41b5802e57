#include "protocols/dfu/dfu.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "protocols/cbor/test_bytes.hpp"
#include "protocols/dfu/suffix.hpp"

namespace lockstep::dfu {
namespace {

// Made by dfu-suffix 0.11: -a FILE -v 1209 -p 0001 -d 0100 over "hello dfu", and -a FILE over "b".
const auto named = unhex("68656c6c6f20646675 0001 0100 0912 0001 554644 10 03eb43c8");
const auto for_any = unhex("62 ffff ffff ffff 0001 554644 10 191e7592");

// The functional descriptor of STM32's ROM (DfuSe, 2,048 bytes), and one as DFU 1.0 has it, without a version.
const auto stm32 = unhex("09 21 0b ff00 0008 1a01");
const auto dfu_1_0 = unhex("07 21 07 e803 4000");

TEST_CASE("a file of dfu-suffix is taken apart, and its suffix is made again byte for byte") {
  const auto file = read_file(named);
  REQUIRE(file);
  CHECK(as_text(file->payload) == "hello dfu");
  CHECK(file->suffix == Suffix{.device = 0x0100, .product = 0x0001, .vendor = 0x1209, .dfu = 0x0100});
  std::vector<std::byte> out(named.size());
  ByteWriter w(out);
  w.bytes(file->payload);
  write_suffix(w, file->suffix, file->payload);
  REQUIRE(w.ok());
  CHECK(hex(w.written()) == hex(named));

  REQUIRE(read_file(for_any));
  CHECK(read_file(for_any)->suffix == Suffix{});
}

TEST_CASE("a file that was cut or changed is refused") {
  for (std::size_t n = 0; n < named.size(); ++n) CHECK_FALSE(read_file(exact(named, n)));
  CHECK(read_file(exact(named, 15)).error() == Errc::no_suffix);
  for (std::size_t i = 0; i < named.size(); ++i) {
    CAPTURE(i);
    auto changed = named;
    changed[i] ^= std::byte{1};
    CHECK_FALSE(read_file(changed));
  }
  auto longer = named;
  longer[9 + 11] = std::byte{26};  // one byte more than the file has
  CHECK(read_file(longer).error() == Errc::bad_suffix);
  longer[9 + 11] = std::byte{15};
  CHECK(read_file(longer).error() == Errc::bad_suffix);
}

TEST_CASE("a longer suffix takes its bytes from the payload") {
  // "hello dfu" with a suffix of 18 bytes; the checksum by zlib's crc32, inverted.
  const auto longer = unhex("68656c6c6f20646675 0001 0100 0912 0001 554644 12");
  std::vector<std::byte> out(longer.size() + 4);
  ByteWriter w(out);
  w.bytes(longer);
  w.u32le(0);
  CHECK(read_file(out).error() == Errc::bad_checksum);
  w = ByteWriter(out);
  w.bytes(longer);
  w.u32le(0x264d8a2f);
  REQUIRE(read_file(out));
  CHECK(as_text(read_file(out)->payload) == "hello d");
}

TEST_CASE("functional descriptors are read, old ones too") {
  const auto dfuse = FunctionalDescriptor::decode(stm32);
  REQUIRE(dfuse);
  CHECK(dfuse->transfer_size == 2048);
  CHECK(dfuse->detach_timeout_ms == 255);
  CHECK(dfuse->version == 0x011a);
  CHECK(dfuse->has(attribute::can_download));
  CHECK(dfuse->has(attribute::will_detach));
  CHECK_FALSE(dfuse->has(attribute::manifestation_tolerant));
  const auto old = FunctionalDescriptor::decode(dfu_1_0);
  REQUIRE(old);
  CHECK(old->version == 0x0100);
  CHECK(old->transfer_size == 64);

  std::vector<std::byte> out(FunctionalDescriptor::size);
  ByteWriter w(out);
  dfuse->encode(w);
  REQUIRE(w.ok());
  CHECK(hex(out) == hex(stm32));
}

TEST_CASE("a functional descriptor that is cut, or that says another length or type, is refused") {
  for (std::size_t n = 0; n < stm32.size(); ++n) {
    CAPTURE(n);
    CHECK(FunctionalDescriptor::decode(exact(stm32, n)).error() == Errc::bad_descriptor);
  }
  CHECK_FALSE(FunctionalDescriptor::decode(unhex("08 21 0b ff00 0008 1a")));
  CHECK_FALSE(FunctionalDescriptor::decode(unhex("06 21 0b ff00 00")));
  CHECK_FALSE(FunctionalDescriptor::decode(unhex("09 04 0b ff00 0008 1a01")));
}

TEST_CASE("a status report carries a timeout of 24 bits") {
  const auto busy = StatusReport::decode(unhex("00 640000 04 00"));
  REQUIRE(busy);
  CHECK(*busy == StatusReport{.status = Status::ok, .poll_timeout_ms = 100, .state = State::dnload_busy});
  CHECK(hex(busy->encode()) == "006400000400");
  const StatusReport long_one{.status = Status::vendor, .poll_timeout_ms = 0x123456, .state = State::error, .string = 5};
  CHECK(hex(long_one.encode()) == "0b5634120a05");
  CHECK(*StatusReport::decode(long_one.encode()) == long_one);
  const StatusReport too_long{.poll_timeout_ms = 0x1000000};
  CHECK(hex(too_long.encode()) == "00ffffff0200");
}

TEST_CASE("a status report of another length, or with words that there are not, is refused") {
  const auto good = unhex("00 640000 04 00");
  for (std::size_t n = 0; n < good.size(); ++n) CHECK(StatusReport::decode(exact(good, n)).error() == Errc::bad_length);
  CHECK(StatusReport::decode(unhex("00 640000 04 00 00")).error() == Errc::bad_length);
  CHECK(StatusReport::decode(unhex("10 640000 04 00")).error() == Errc::bad_status);
  CHECK(StatusReport::decode(unhex("00 640000 0b 00")).error() == Errc::bad_status);
}

TEST_CASE("every state, status and error has a text of its own") {
  std::set<std::string> texts;
  for (unsigned i = 0; i <= 10; ++i) texts.emplace(text(static_cast<State>(i)));
  for (unsigned i = 0; i <= 15; ++i) texts.emplace(text(static_cast<Status>(i)));
  for (unsigned i = 1; i <= 6; ++i) texts.emplace(text(static_cast<Errc>(i)));
  CHECK(texts.size() == 11 + 16 + 6);
}

}  // namespace
}  // namespace lockstep::dfu
