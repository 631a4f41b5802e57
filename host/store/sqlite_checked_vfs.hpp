// Every page of the database file carries a checksum of its own, so that one changed bit anywhere in the file is
// noticed by whoever reads that page, not only by an audit. A shim below SQLite (a VFS) writes and checks it.
//
// Page: 4096 bytes, of which SQLite leaves the last 8 alone ("reserved space per page", database file format 1.3.4).
// There lie the first 8 bytes of SHA-256(page number as 4 bytes big endian || the first 4088 bytes), so a page in a
// wrong place is noticed too. The file stays a plain SQLite database for other tools; when one of them writes to it,
// the checksums no longer fit, which is meant.
// The write-ahead log is not covered: SQLite's own frame checksums (format 4.1) are, and a log that was cut or
// damaged loses its last transactions, which the head file tells (head_file.hpp).
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "host/base/error.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::store {

inline constexpr std::size_t page_size_bytes = 4096;
inline constexpr std::size_t page_checksum_bytes = 8;

// Registers the shim once and gives its name for sqlite3_open_v2; null when SQLite refuses.
const char* checked_vfs();

// True when the checksum at the end of the page fits. `number` counts from 1; `page` has page_size_bytes.
bool page_is_whole(std::uint32_t number, Bytes page);

// Reads the file as it is, without SQLite, and gives the numbers of all damaged pages; at most `limit`.
// invalid - its size is no multiple of a page, or it is empty; not_found; io.
Outcome<std::vector<std::uint32_t>> damaged_pages(const std::filesystem::path& file, std::size_t limit);

}  // namespace lockstep::store
