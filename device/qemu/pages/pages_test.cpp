#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <vector>

#include "device/qemu/pages/flash_map.hpp"
#include "device/qemu/pages/pages.hpp"

namespace lockstep::board {
namespace {

const IdentityPage thermostat{.board = "node-m3", .revision = "1.0", .serial = "SN-0001", .product = "thermostat"};

mcuboot::P256Point point(int seed) {
  mcuboot::P256Point p{};
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = static_cast<std::byte>(static_cast<std::size_t>(seed) * 31 + i);
  p[0] = std::byte{4};
  return p;
}

// The page in a buffer of its exact size, so that a sanitizer sees one byte too far.
std::vector<std::byte> key_page_bytes(std::size_t keys) {
  std::array<mcuboot::P256Point, max_keys> points{};
  for (std::size_t i = 0; i < keys; ++i) points[i] = point(static_cast<int>(i));
  std::vector<std::byte> page(max_key_page_size);
  const auto size = encode_key_page(std::span(points).first(keys), page);
  REQUIRE(size);
  return {page.begin(), page.begin() + static_cast<std::ptrdiff_t>(*size)};
}

std::vector<std::byte> identity_page_bytes() {
  std::vector<std::byte> page(max_identity_page_size);
  const auto size = encode_identity_page(thermostat, page);
  REQUIRE(size);
  return {page.begin(), page.begin() + static_cast<std::ptrdiff_t>(*size)};
}

TEST_CASE("the flash map is one that the boot code accepts, with the pages outside of it") {
  CHECK(boot::is_sound(flash_layout, flash_geometry));
  CHECK(boot::is_settings_region_sound(flash_layout, flash_geometry));
  CHECK(key_page.offset + key_page.size == identity_page.offset);
  CHECK(identity_page.offset + identity_page.size == flash_layout.ratchet.offset);
  CHECK(flash_layout.ratchet.offset + flash_layout.ratchet.size <= flash_layout.slot0.offset);
}

TEST_CASE("keys and identity come back from their pages as they were written, whatever follows") {
  auto keys = key_page_bytes(3);
  keys.resize(key_page.size, std::byte{0xff});
  const auto decoded = decode_key_page(keys);
  REQUIRE(decoded);
  REQUIRE(decoded->points().size() == 3);
  CHECK(decoded->points()[2] == point(2));

  auto identity = identity_page_bytes();
  identity.resize(identity_page.size, std::byte{0xff});
  const auto who = decode_identity_page(identity);
  REQUIRE(who);
  CHECK(who->board == "node-m3");
  CHECK(who->revision == "1.0");
  CHECK(who->serial == "SN-0001");
  CHECK(who->product == "thermostat");
}

// Worked by hand from the grammar in pages.hpp; the CRC-32 is that of Python's zlib.
TEST_CASE("an identity page has the documented bytes") {
  std::array<std::byte, 32> page{};
  const auto size = encode_identity_page({.board = "b", .serial = "s"}, page);
  REQUIRE(size);
  const std::string_view golden("LKSTIDP1\x01" "b\x00\x01s\x00" "\x82\x83\xac\xf4", 18);
  CHECK(as_text(Bytes(page).first(*size)) == golden);
}

TEST_CASE("every truncation and every flipped bit of a page is noticed") {
  const std::array pages{key_page_bytes(1), key_page_bytes(max_keys), identity_page_bytes()};
  for (const auto& page : pages) {
    const bool is_keys = page[4] == std::byte{'K'};
    const auto decodes = [&](Bytes bytes) { return is_keys ? bool(decode_key_page(bytes)) : bool(decode_identity_page(bytes)); };
    REQUIRE(decodes(page));
    for (std::size_t size = 0; size < page.size(); ++size) {
      CAPTURE(size);
      const auto exact = std::make_unique<std::byte[]>(size);
      std::copy_n(page.begin(), size, exact.get());
      CHECK(!decodes(Bytes(exact.get(), size)));
    }
    for (std::size_t bit = 0; bit < page.size() * 8; ++bit) {
      CAPTURE(bit);
      auto damaged = page;
      damaged[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
      CHECK(!decodes(damaged));
    }
  }
}

TEST_CASE("a page says why it is not used") {
  const std::vector<std::byte> blank(key_page.size, std::byte{0xff});
  CHECK(decode_key_page(blank).error() == PageErrc::blank);
  CHECK(decode_identity_page(blank).error() == PageErrc::blank);
  CHECK(decode_identity_page(key_page_bytes(1)).error() == PageErrc::bad_magic);
  auto damaged = identity_page_bytes();
  damaged.back() ^= std::byte{1};
  CHECK(decode_identity_page(damaged).error() == PageErrc::bad_checksum);
}

TEST_CASE("what does not fit is refused before it is written") {
  std::array<std::byte, max_identity_page_size> page{};
  const std::string longer(max_text + 1, 'x');
  CHECK(encode_identity_page({.board = "b", .serial = longer}, page).error() == PageErrc::no_room);
  CHECK(encode_identity_page({.board = "", .serial = "s"}, page).error() == PageErrc::bad_form);
  CHECK(encode_identity_page(thermostat, MutableBytes(page).first(20)).error() == PageErrc::no_room);
  CHECK(encode_key_page({}, page).error() == PageErrc::bad_form);
  const std::vector<mcuboot::P256Point> five(5);
  CHECK(encode_key_page(five, page).error() == PageErrc::no_room);
}

}  // namespace
}  // namespace lockstep::board
