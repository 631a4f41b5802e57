#include "device/sim/sparse_flash.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include <fmt/format.h>

namespace lockstep::sim {
namespace {

using boot::FlashErrc;

Fail<Error> os_error(const std::filesystem::path& path, const char* doing) {
  return fail(ErrorKind::io, path.string() + ": " + doing + ": " + std::strerror(errno));
}

// Writes the complement of the bytes, a piece at a time.
bool store(int file, std::uint32_t address, Bytes bytes) {
  std::array<std::byte, 4096> piece;
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), piece.size());
    std::transform(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n), piece.begin(), [](std::byte b) { return ~b; });
    if (::pwrite(file, piece.data(), n, address) != static_cast<ssize_t>(n)) return false;
    bytes = bytes.subspan(n);
    address += static_cast<std::uint32_t>(n);
  }
  return true;
}

bool store_hole(int file, std::uint32_t address, std::uint32_t size) {
  if (::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, address, size) == 0) return true;
  return store(file, address, std::vector<std::byte>(size, boot::erased_byte));  // a file system without holes
}

// The first place from `at` on that is no hole; reading holes of a thousand files takes seconds.
off_t data_from(int file, off_t at) {
  const off_t data = ::lseek(file, at, SEEK_DATA);
  if (data >= 0) return data;
  return errno == ENXIO ? std::numeric_limits<off_t>::max() : at;  // nothing but a hole; or holes are unknown here
}

// Makes the file as it leaves the factory, all or nothing. Not synchronised to the disk: it has to survive kill -9, and
// a thousand of them are made at once.
Outcome<void> make(const std::filesystem::path& path, boot::Geometry geometry, const FactoryImage& factory) {
  const std::string fresh = path.string() + ".new";
  const int file = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return os_error(fresh, "cannot make the flash file");
  const bool done = ::ftruncate(file, geometry.size) == 0 && store(file, 0, factory) && ::rename(fresh.c_str(), path.c_str()) == 0;
  const auto error = os_error(fresh, "cannot write the flash file");
  ::close(file);
  if (done) return {};
  ::unlink(fresh.c_str());
  return error;
}

}  // namespace

FactoryImage factory_image(Bytes image, std::uint32_t sector_size) {
  FactoryImage out(image.begin(), image.end());
  out.resize((image.size() + sector_size - 1) / sector_size * sector_size, boot::erased_byte);
  return out;
}

SparseFlash::SparseFlash(boot::Geometry geometry, const FactoryImage& factory)
    : Flash(geometry), sectors_(geometry.size / geometry.sector_size) {
  const std::size_t whole = std::min(factory.size() / geometry.sector_size, sectors_.size());
  for (std::size_t i = 0; i < whole; ++i) sectors_[i].bytes = factory.data() + i * geometry.sector_size;
}

SparseFlash::~SparseFlash() {
  if (file_ >= 0) ::close(file_);
}

Outcome<std::unique_ptr<SparseFlash>> SparseFlash::open(const std::filesystem::path& path, boot::Geometry geometry,
                                                        const FactoryImage& factory) {
  if (!std::filesystem::exists(path)) LOCKSTEP_CHECK(make(path, geometry, factory));
  auto flash = std::make_unique<SparseFlash>(geometry, factory);
  flash->file_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (flash->file_ < 0) return os_error(path, "cannot open the flash file");
  if (::flock(flash->file_, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorKind::conflict, path.string() + ": another simulator uses this flash file");
  }
  struct stat status {};
  if (::fstat(flash->file_, &status) != 0) return os_error(path, "cannot look at the flash file");
  if (status.st_size != geometry.size) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: the flash file has {} bytes, this device has {}", path.string(), status.st_size, geometry.size),
                "use the slot-size that it was made with, or another folder");
  }
  LOCKSTEP_CHECK(flash->load(path));
  return flash;
}

// What the file holds, sharing what is still as the factory made it.
Outcome<void> SparseFlash::load(const std::filesystem::path& path) {
  const std::uint32_t size = geometry().sector_size;
  std::vector<std::byte> bytes(size);
  off_t next_data = -1;
  for (std::size_t i = 0; i < sectors_.size(); ++i) {
    const auto at = static_cast<off_t>(i * size);
    if (next_data < at) next_data = data_from(file_, at);
    if (next_data >= at + static_cast<off_t>(size)) {  // a hole
      sectors_[i].bytes = nullptr;
      continue;
    }
    if (::pread(file_, bytes.data(), size, at) != static_cast<ssize_t>(size)) return os_error(path, "cannot read the flash file");
    std::transform(bytes.begin(), bytes.end(), bytes.begin(), [](std::byte b) { return ~b; });
    Sector& sector = sectors_[i];
    if (std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == boot::erased_byte; })) {
      sector.bytes = nullptr;
    } else if (sector.bytes == nullptr || !std::equal(bytes.begin(), bytes.end(), sector.bytes)) {
      sector.bytes = nullptr;
      std::copy(bytes.begin(), bytes.end(), writable(sector));
    }
  }
  return {};
}

std::byte* SparseFlash::writable(Sector& sector) {
  if (sector.own) return sector.own.get();
  const std::uint32_t size = geometry().sector_size;
  sector.own = std::make_unique_for_overwrite<std::byte[]>(size);
  if (sector.bytes != nullptr) std::copy_n(sector.bytes, size, sector.own.get());
  else std::fill_n(sector.own.get(), size, boot::erased_byte);
  sector.bytes = sector.own.get();
  return sector.own.get();
}

// Calls `each(sector's index, place inside it, the bytes)` for the pieces of a range, until it returns false.
template <class Span, class Each>
bool SparseFlash::in_pieces(std::uint32_t address, Span bytes, Each each) const {
  const std::uint32_t size = geometry().sector_size;
  while (!bytes.empty()) {
    const std::uint32_t inside = address % size;
    const Span piece = bytes.first(std::min<std::size_t>(bytes.size(), size - inside));
    if (!each(address / size, inside, piece)) return false;
    bytes = bytes.subspan(piece.size());
    address += static_cast<std::uint32_t>(piece.size());
  }
  return true;
}

Result<void, FlashErrc> SparseFlash::read(std::uint32_t address, MutableBytes into) {
  LOCKSTEP_CHECK(check_read(address, into.size()));
  in_pieces(address, into, [this](std::size_t index, std::uint32_t inside, MutableBytes piece) {
    const std::byte* const there = sectors_[index].bytes;
    if (there != nullptr) std::copy_n(there + inside, piece.size(), piece.begin());
    else std::fill(piece.begin(), piece.end(), boot::erased_byte);
    return true;
  });
  return {};
}

Result<void, FlashErrc> SparseFlash::program(std::uint32_t address, Bytes bytes) {
  LOCKSTEP_CHECK(check_program(address, bytes.size()));
  const bool possible = in_pieces(address, bytes, [this](std::size_t index, std::uint32_t inside, Bytes piece) {
    const std::byte* const there = sectors_[index].bytes;
    return there == nullptr || std::equal(piece.begin(), piece.end(), there + inside,
                                          [](std::byte wanted, std::byte old) { return (old & wanted) == wanted; });
  });
  if (!possible) return Fail(FlashErrc::not_erased);
  if (file_ >= 0 && !store(file_, address, bytes)) return Fail(FlashErrc::io);
  in_pieces(address, bytes, [this](std::size_t index, std::uint32_t inside, Bytes piece) {
    std::copy(piece.begin(), piece.end(), writable(sectors_[index]) + inside);
    return true;
  });
  return {};
}

Result<void, FlashErrc> SparseFlash::erase(std::uint32_t address) {
  LOCKSTEP_CHECK(check_erase(address));
  Sector& sector = sectors_[address / geometry().sector_size];
  if (sector.bytes == nullptr) return {};
  if (file_ >= 0 && !store_hole(file_, address, geometry().sector_size)) return Fail(FlashErrc::io);
  sector = {};
  return {};
}

std::size_t SparseFlash::own_bytes() const {
  const auto own = std::count_if(sectors_.begin(), sectors_.end(), [](const Sector& s) { return s.own != nullptr; });
  return static_cast<std::size_t>(own) * geometry().sector_size;
}

}  // namespace lockstep::sim
