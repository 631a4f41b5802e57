#include "protocols/delta/decoder.hpp"

#include <doctest/doctest.h>

#include "host/base/buffer.hpp"
#include "host/base/files.hpp"
#include "protocols/delta/patch_header.hpp"
#include "protocols/delta/test_images.hpp"

namespace doctest {
template <>
struct StringMaker<lockstep::delta::Errc> {
  static String convert(lockstep::delta::Errc e) {
    return String(text(e).data(), static_cast<unsigned>(text(e).size()));
  }
};
}  // namespace doctest

using namespace lockstep;
using namespace lockstep::delta;
using testing::TestImages;

namespace {

Buffer vector_file(const std::string& name) {
  auto file = read_file(LOCKSTEP_SOURCE_DIR "/protocols/delta/vectors/" + name);
  REQUIRE_MESSAGE(file, name);
  return *file;
}

Buffer bytes_of(std::initializer_list<int> values) {
  Buffer out;
  for (const int v : values) out.push_back(std::byte(v));
  return out;
}

constexpr Limits wide{.target_size = 1 << 20, .target_window = 1 << 20};

struct Decoded {
  Errc errc = Errc::none;
  Buffer target{};
  std::vector<Images::Window> windows{};
  bool whole = false;  // it ended with a window
};

// Windows only, fed in pieces, from a buffer of the exact size.
Decoded decode(Bytes base, Bytes windows, std::size_t piece = SIZE_MAX, std::size_t room = 4096, Limits limits = wide) {
  const Buffer exact_base = to_buffer(base), exact = to_buffer(windows);
  TestImages images(exact_base);
  Buffer buffer(room);
  Decoder decoder(buffer, images);
  decoder.start(limits, 0, 0);
  Decoded out;
  for (std::size_t at = 0; at < exact.size() && out.errc == Errc::none; at += std::min(piece, exact.size() - at)) {
    const Buffer part = to_buffer(Bytes(exact).subspan(at, std::min(piece, exact.size() - at)));
    if (const auto fed = decoder.feed(part); !fed) out.errc = fed.error();
  }
  out.target = images.target;
  out.windows = images.windows;
  out.whole = decoder.between_windows();
  return out;
}

Buffer windows_of(const Buffer& file) {
  const auto header = read_file_header(file);
  REQUIRE(header);
  return Buffer(file.begin() + header->size, file.end());
}

// A window without segment around these three sections.
Buffer window(int target_size, const Buffer& data, const Buffer& instructions, const Buffer& addresses) {
  Buffer delta = bytes_of({target_size, 0, static_cast<int>(data.size()), static_cast<int>(instructions.size()),
                           static_cast<int>(addresses.size())});
  for (const Buffer* section : {&data, &instructions, &addresses}) {
    delta.insert(delta.end(), section->begin(), section->end());
  }
  Buffer out = bytes_of({0, static_cast<int>(delta.size())});
  out.insert(out.end(), delta.begin(), delta.end());
  return out;
}

// The example of RFC 3284, section 3: COPY 4,0 / ADD 4,wxyz / COPY 4,4 / COPY 12,24 / RUN 4,z, put into bytes by the
// default code table (section 5.6).
const std::string_view example_source = "abcdefghijklmnop";
const std::string_view example_target = "abcdwxyzefghefghefghefghzzzz";
Buffer example() {
  return bytes_of({1, 16, 0, 19, 28, 0, 5, 6, 3, 'w', 'x', 'y', 'z', 'z', 20, 5, 20, 28, 0, 4, 0, 4, 24});
}

}  // namespace

TEST_CASE("the example of RFC 3284 gives its target") {
  for (const std::size_t piece : {1, 2, 7, 100}) {
    const Decoded out = decode(as_bytes(example_source), example(), piece);
    CHECK(out.errc == Errc::none);
    CHECK(as_text(out.target) == example_target);
    REQUIRE(out.windows.size() == 1);
    CHECK(out.windows[0].patch_end == example().size());
    CHECK(out.windows[0].target_end == example_target.size());
  }
}

TEST_CASE("patches that xdelta3 made are taken in pieces of any size") {
  const Buffer base = vector_file("base.bin"), target = vector_file("target.bin");
  for (const std::string name : {"xdelta3-named.vcdiff", "xdelta3-plain.vcdiff"}) {
    CAPTURE(name);
    for (const std::size_t piece : {1, 13, 100000}) {
      const Decoded out = decode(base, windows_of(vector_file(name)), piece);
      CHECK(out.errc == Errc::none);
      CHECK(out.whole);
      CHECK(out.target == target);
    }
  }
  CHECK(read_file_header(vector_file("xdelta3-lzma.vcdiff")).error() == Errc::unsupported);
}

TEST_CASE("a cut patch has made nothing of the window that was cut") {
  const Buffer base = vector_file("base.bin");
  const Buffer whole = windows_of(vector_file("xdelta3-named.vcdiff"));
  for (std::size_t n = 1; n < whole.size(); ++n) {
    const Decoded out = decode(base, Bytes(whole).first(n), 32);
    CHECK(out.errc == Errc::none);
    CHECK_FALSE(out.whole);
    CHECK(out.target.empty());
  }
}

TEST_CASE("a flipped bit never gives another target without being noticed") {
  const Buffer base = vector_file("base.bin"), target = vector_file("target.bin");
  const Buffer whole = windows_of(vector_file("xdelta3-named.vcdiff"));
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Buffer changed = whole;
    changed[bit / 8] ^= std::byte(1 << bit % 8);
    const Decoded out = decode(base, changed);
    CAPTURE(bit);
    const bool without_checksum = (changed[0] & std::byte{4}) == std::byte{0};
    CHECK((without_checksum || out.errc != Errc::none || !out.whole || out.target == target));
  }
}

TEST_CASE("the buffer bounds a window's instructions, not what it makes") {
  const Buffer zeros = window(127, bytes_of({0}), bytes_of({0, 127}), {});
  CHECK(decode({}, zeros, SIZE_MAX, 8).errc == Errc::none);
  CHECK(decode({}, zeros, SIZE_MAX, 7).errc == Errc::window_too_large);
  CHECK(decode({}, zeros, SIZE_MAX, 8, {.target_size = 126, .target_window = 200}).errc == Errc::outside);
  CHECK(decode({}, zeros, SIZE_MAX, 8, {.target_size = 200, .target_window = 126}).errc == Errc::window_too_large);
}

TEST_CASE("a window may copy from what earlier windows made") {
  Buffer patch = window(4, to_buffer("abcd"), bytes_of({5}), {});
  // VCD_TARGET, segment of 3 at 1; COPY 6 at 0: runs from the segment into the window.
  const Buffer second = bytes_of({2, 3, 1, 7, 6, 0, 0, 1, 1, 22, 0});
  patch.insert(patch.end(), second.begin(), second.end());
  const Decoded out = decode({}, patch);
  CHECK(out.errc == Errc::none);
  CHECK(as_text(out.target) == "abcdbcdbcd");
  CHECK(out.windows.size() == 2);
}

TEST_CASE("what contradicts itself is refused by name") {
  const Buffer base = to_buffer("0123456789abcdef");
  const auto errc = [&](const Buffer& patch) { return decode(base, patch).errc; };
  const auto changed = [&](std::size_t at, int value) {
    Buffer patch = example();
    patch[at] = std::byte(value);
    return decode(as_bytes(example_source), patch).errc;
  };
  CHECK(changed(0, 3) == Errc::bad_window);         // base and target at once
  CHECK(changed(0, 9) == Errc::bad_window);         // an unknown bit
  CHECK(changed(1, 17) == Errc::outside);           // one byte behind the base
  CHECK(changed(2, 1) == Errc::outside);
  CHECK(changed(4, 27) == Errc::bad_instruction);   // makes more than it says
  CHECK(changed(4, 29) == Errc::bad_instruction);   // less
  CHECK(changed(5, 1) == Errc::unsupported);        // compressed data section
  CHECK(changed(6, 6) == Errc::bad_window);         // sections longer than the window
  CHECK(changed(22, 25) == Errc::none);             // another address
  CHECK(changed(22, 28) == Errc::bad_address);      // not made yet: it would begin at itself
  CHECK(errc(window(4, {}, bytes_of({5}), {})) == Errc::bad_instruction);                   // no data to add
  CHECK(errc(window(4, to_buffer("abcde"), bytes_of({5}), {})) == Errc::bad_instruction);   // data left
  CHECK(errc(window(4, {}, bytes_of({20}), {})) == Errc::bad_address);                      // no address
  CHECK(errc(window(4, {}, bytes_of({20}), bytes_of({0}))) == Errc::bad_address);           // nothing is there yet
  CHECK(errc(window(4, to_buffer("abcd"), bytes_of({5}), bytes_of({0}))) == Errc::bad_instruction);  // address left
  CHECK(errc(window(4, to_buffer("a"), bytes_of({0}), {})) == Errc::bad_instruction);       // no size
  CHECK(errc(bytes_of({0, 0})) == Errc::bad_window);                                        // an empty window
  CHECK(errc(bytes_of({0, 0xff, 0xff, 0xff, 0xff, 0x7f})) == Errc::bad_number);             // 35 bits
  CHECK(errc(bytes_of({0, 0x80, 0x80, 0x80, 0x80, 0x80})) == Errc::bad_number);             // does not end
}

TEST_CASE("a failing medium ends the decoding") {
  const Buffer source = to_buffer(example_source);
  TestImages images(source);
  images.fail_at = 10;
  Buffer buffer(64);
  Decoder decoder(buffer, images);
  decoder.start(wide, 0, 0);
  CHECK(decoder.feed(example()).error() == Errc::write_failed);
}
