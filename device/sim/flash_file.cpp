#include "device/sim/flash_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "host/base/files.hpp"

namespace lockstep::sim {
namespace {

Fail<Error> os_error(const std::filesystem::path& path, const char* doing) {
  return fail(ErrorKind::io, path.string() + ": " + doing + ": " + std::strerror(errno));
}

// Closes itself on every way out.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

}  // namespace

Outcome<void> FlashFile::make(const std::filesystem::path& path, boot::Geometry geometry,
                              std::span<const Seed> seeds) {
  Buffer memory(geometry.size, boot::erased_byte);
  for (const Seed& seed : seeds) {
    const bool fits = seed.offset <= geometry.size && seed.image.size() <= geometry.size - seed.offset;
    if (!fits) return fail(ErrorKind::invalid, "the image is larger than the flash");
    std::copy(seed.image.begin(), seed.image.end(), memory.begin() + seed.offset);
  }
  return write_file(path, memory, {.replace = false});
}

Outcome<std::unique_ptr<FlashFile>> FlashFile::open(const std::filesystem::path& path, boot::Geometry geometry) {
  Descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  if (file.number < 0) return os_error(path, "cannot open the flash file");
  if (::flock(file.number, LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorKind::conflict, path.string() + ": another simulator uses this flash file");
  }
  struct stat status {};
  if (::fstat(file.number, &status) != 0) return os_error(path, "cannot look at the flash file");
  if (status.st_size != geometry.size) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: the flash file has {} bytes, this device has {}", path.string(), status.st_size,
                            geometry.size),
                "use the --slot-kib and --components that it was made with, or another file");
  }
  void* const memory = ::mmap(nullptr, geometry.size, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0);
  if (memory == MAP_FAILED) return os_error(path, "cannot map the flash file");
  const MutableBytes bytes(static_cast<std::byte*>(memory), geometry.size);
  return std::unique_ptr<FlashFile>(new FlashFile(std::exchange(file.number, -1), bytes, geometry));
}

FlashFile::~FlashFile() {
  ::munmap(memory_.data(), memory_.size());
  ::close(file_);
}

}  // namespace lockstep::sim
