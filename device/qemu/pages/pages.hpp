// The two pages that are written when a board is made: whose images it accepts, and who it is.
//
// Key page (little-endian):       "LKSTKEY1" | count (1) | count points of 65 bytes | CRC-32 of all before
// Identity page (little-endian):  "LKSTIDP1" | board, revision, serial, product: length (1) and text | CRC-32
// The rest of a page is erased (0xff).
//
// Reference only: a product fuses the key (or its hash) and protects these pages from its own firmware. Here they
// are files, so that keys made at run time work.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/mcuboot/crypto.hpp"

namespace lockstep::board {

enum class PageErrc : std::uint8_t {
  none,
  blank,         // never written: all bytes are erased
  bad_magic,     // something else is there
  bad_form,      // counts or lengths run over the page, or say nothing (no key, an empty serial)
  bad_checksum,  // damaged
  no_room,       // encoding: the page or a field of it is too small
};
std::string_view text(PageErrc e);

inline constexpr std::size_t max_keys = 4;
inline constexpr std::size_t max_text = 63;  // bytes of one field of the identity page

struct KeyPage {
  std::array<mcuboot::P256Point, max_keys> store{};
  std::uint8_t count = 0;

  std::span<const mcuboot::P256Point> points() const { return std::span(store).first(count); }
};
inline constexpr std::size_t max_key_page_size = 8 + 1 + max_keys * 65 + 4;

struct IdentityPage {
  std::string_view board{};
  std::string_view revision{};
  std::string_view serial{};
  std::string_view product{};
};
inline constexpr std::size_t max_identity_page_size = 8 + 4 * (1 + max_text) + 4;

// `page` is the page or as many first bytes as its kind can have.
Result<KeyPage, PageErrc> decode_key_page(Bytes page);
// The texts are views into `page`.
Result<IdentityPage, PageErrc> decode_identity_page(Bytes page);

// Writes the page's first bytes and returns how many.
Result<std::size_t, PageErrc> encode_key_page(std::span<const mcuboot::P256Point> points, MutableBytes out);
Result<std::size_t, PageErrc> encode_identity_page(const IdentityPage& identity, MutableBytes out);

}  // namespace lockstep::board
