#include "protocols/delta/patch_header.hpp"

#include <doctest/doctest.h>

#include "host/base/buffer.hpp"
#include "protocols/delta/code_table.hpp"
#include "protocols/delta/number.hpp"

using namespace lockstep;
using namespace lockstep::delta;

namespace {

Buffer file(const PatchHeader& header) {
  Buffer app(PatchHeader::size), out(200);
  ByteWriter a(app), w(out);
  header.encode(a);
  write_file_header(w, a.written());
  out.resize(w.size());
  return out;
}

PatchHeader some_header() {
  PatchHeader h{.base_size = 33104, .target_size = 33148};
  h.base.fill(std::byte{0xb5});
  h.target.fill(std::byte{0x7a});
  return h;
}

}  // namespace

TEST_CASE("the header of a patch comes back, from exactly its bytes and no fewer") {
  const Buffer whole = file(some_header());
  CHECK(whole.size() == 4 + 1 + 1 + PatchHeader::size);
  const auto read = read_file_header(whole);
  REQUIRE(read);
  CHECK(read->size == whole.size());
  const auto header = PatchHeader::decode(read->app_header);
  REQUIRE(header);
  CHECK(*header == some_header());
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const Buffer cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK(read_file_header(cut).error() == Errc::too_short);
  }
}

TEST_CASE("other files and other headers are told apart") {
  Buffer changed = file(some_header());
  changed[0] = std::byte{'V'};
  CHECK(read_file_header(changed).error() == Errc::bad_magic);
  CHECK_FALSE(is_vcdiff(changed));
  changed = file(some_header());
  changed[4] = std::byte{6};  // a code table
  CHECK(read_file_header(changed).error() == Errc::unsupported);
  changed = file(some_header());
  changed[6] = std::byte{'X'};
  CHECK(PatchHeader::decode(read_file_header(changed)->app_header).error() == Errc::bad_header);
  CHECK(PatchHeader::decode(as_bytes("target.bin//base.bin/")).error() == Errc::bad_header);
}

TEST_CASE("numbers have as many digits as they need") {
  // 123456789 is the example of RFC 3284, section 2.
  const std::uint32_t values[] = {0, 127, 128, 16383, 16384, 123456789, UINT32_MAX};
  for (const std::uint32_t value : values) {
    Buffer out(max_number_size);
    ByteWriter w(out);
    write_number(w, value);
    CHECK(w.size() == number_size(value));
    ByteReader r(w.written());
    CHECK(read_number(r) == value);
    ByteReader cut(w.written().first(w.size() - 1));
    CHECK_FALSE(read_number(cut));
  }
  Buffer out(4);
  ByteWriter w(out);
  write_number(w, 123456789);
  CHECK(out == Buffer{std::byte{0xba}, std::byte{0xef}, std::byte{0x9a}, std::byte{0x15}});
}

TEST_CASE("the code table has the entries that RFC 3284 names") {
  CHECK(code_table[0].first == Instruction{Kind::run, 0});
  CHECK(code_table[18].first == Instruction{Kind::add, 17});
  CHECK(code_table[19].first == Instruction{Kind::copy, 0, 0});
  CHECK(code_table[162].first == Instruction{Kind::copy, 18, 8});
  CHECK(code_table[163].second == Instruction{Kind::copy, 4, 0});
  CHECK(code_table[234].first == Instruction{Kind::add, 4});
  CHECK(code_table[234].second == Instruction{Kind::copy, 6, 5});
  CHECK(code_table[246].second == Instruction{Kind::copy, 4, 8});
  CHECK(code_table[255].first == Instruction{Kind::copy, 4, 8});
  CHECK(code_table[255].second == Instruction{Kind::add, 1});
}
