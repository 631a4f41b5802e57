#include "host/store/sqlite_checked_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include "host/base/crypto.hpp"

namespace lockstep::store {
namespace {

constexpr std::size_t payload_bytes = page_size_bytes - page_checksum_bytes;
constexpr std::uint32_t lock_page = 0x40000000 / page_size_bytes + 1;  // never written ("the lock-byte page", 1.4)
using Checksum = std::array<std::byte, page_checksum_bytes>;

Checksum checksum(std::uint32_t number, Bytes payload) {
  const std::array<std::byte, 4> prefix{std::byte(number >> 24), std::byte(number >> 16), std::byte(number >> 8),
                                        std::byte(number)};
  Sha256Hasher hasher;
  hasher.update(prefix);
  hasher.update(payload);
  const Sha256 digest = hasher.finish();
  Checksum out;
  std::copy_n(digest.bytes().begin(), out.size(), out.begin());
  return out;
}

bool is_page(int amount, sqlite3_int64 offset) {
  return amount == int{page_size_bytes} && offset % sqlite3_int64{page_size_bytes} == 0;
}

std::uint32_t page_number(sqlite3_int64 offset) {
  return static_cast<std::uint32_t>(offset / sqlite3_int64{page_size_bytes} + 1);
}

// The main database file: ours in front, SQLite's own file object right behind it.
struct CheckedFile {
  sqlite3_file base;
};

sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<sqlite3_file*>(reinterpret_cast<CheckedFile*>(file) + 1); }

int write_page(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
  std::array<std::byte, page_size_bytes> page;
  // SQLite writes nothing but whole pages to a database file. Anything else would leave a page without checksum.
  if (!is_page(amount, offset)) return SQLITE_IOERR_WRITE;
  std::memcpy(page.data(), data, page.size());
  // Byte 20 of the file says how much is reserved; without it our checksum would overwrite content.
  if (offset == 0 && page[20] != std::byte{page_checksum_bytes}) return SQLITE_IOERR_WRITE;
  const Checksum sum = checksum(page_number(offset), Bytes(page).first(payload_bytes));
  std::copy(sum.begin(), sum.end(), page.begin() + payload_bytes);
  return real(file)->pMethods->xWrite(real(file), page.data(), amount, offset);
}

int read_page(sqlite3_file* file, void* data, int amount, sqlite3_int64 offset) {
  const int rc = real(file)->pMethods->xRead(real(file), data, amount, offset);
  // Shorter reads are SQLite's first look at the header; it reads the page itself before it believes it.
  if (rc != SQLITE_OK || !is_page(amount, offset)) return rc;
  const Bytes page(static_cast<const std::byte*>(data), page_size_bytes);
  return page_is_whole(page_number(offset), page) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

// The other methods go straight on. Version 2: no xFetch, because mapped pages would not be checked.
const sqlite3_io_methods methods = {
    2,
    [](sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); },
    read_page,
    write_page,
    [](sqlite3_file* f, sqlite3_int64 size) { return real(f)->pMethods->xTruncate(real(f), size); },
    [](sqlite3_file* f, int flags) { return real(f)->pMethods->xSync(real(f), flags); },
    [](sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); },
    [](sqlite3_file* f, int lock) { return real(f)->pMethods->xLock(real(f), lock); },
    [](sqlite3_file* f, int lock) { return real(f)->pMethods->xUnlock(real(f), lock); },
    [](sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); },
    [](sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); },
    [](sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); },
    [](sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
    },
    [](sqlite3_file* f, int offset, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), offset, n, flags); },
    [](sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); },
    [](sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); },
    nullptr,
    nullptr,
};

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* const base = static_cast<sqlite3_vfs*>(sqlite3_vfs_find("unix"));
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return base->xOpen(base, name, file, flags, out_flags);
  static_cast<void>(vfs);
  file->pMethods = nullptr;
  const int rc = base->xOpen(base, name, real(file), flags, out_flags);
  if (real(file)->pMethods != nullptr) file->pMethods = &methods;  // then SQLite calls xClose, also after a failure
  return rc;
}

}  // namespace

const char* checked_vfs() {
  static sqlite3_vfs shim;
  static const bool registered = [] {
    const sqlite3_vfs* base = sqlite3_vfs_find("unix");
    if (base == nullptr) return false;
    shim = *base;  // names, access, deletion, time and randomness are the same
    shim.zName = "lockstep-checked";
    shim.pNext = nullptr;
    shim.szOsFile = base->szOsFile + int{sizeof(CheckedFile)};
    shim.xOpen = open_file;
    return sqlite3_vfs_register(&shim, 0) == SQLITE_OK;
  }();
  return registered ? shim.zName : nullptr;
}

bool page_is_whole(std::uint32_t number, Bytes page) {
  const Checksum sum = checksum(number, page.first(payload_bytes));
  return std::equal(sum.begin(), sum.end(), page.begin() + payload_bytes);
}

Outcome<std::vector<std::uint32_t>> damaged_pages(const std::filesystem::path& file, std::size_t limit) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(ErrorKind::not_found, "cannot open " + file.string());
  std::vector<std::uint32_t> damaged;
  std::array<char, page_size_bytes> page;
  std::uint32_t number = 0;
  while (damaged.size() < limit && in.read(page.data(), page.size())) {
    ++number;
    bool whole = number == lock_page || page_is_whole(number, std::as_bytes(std::span(page)));
    if (!whole) {
      // A running daemon may be writing this very page: look once more.
      in.seekg(std::streamoff(number - 1) * std::streamoff{page_size_bytes});
      in.read(page.data(), page.size());
      whole = in && page_is_whole(number, std::as_bytes(std::span(page)));
    }
    if (!whole) damaged.push_back(number);
  }
  if (in.bad()) return fail(ErrorKind::io, "cannot read " + file.string());
  if (damaged.size() < limit && (number == 0 || in.gcount() != 0)) {
    return fail(ErrorKind::invalid, file.string() + " is cut: its size is no multiple of a page");
  }
  return damaged;
}

}  // namespace lockstep::store
