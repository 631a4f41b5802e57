// A device's flash in a file, mapped into memory: what was written stays, also after kill -9.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "device/boot/memory_flash.hpp"
#include "host/base/buffer.hpp"
#include "host/base/error.hpp"

namespace lockstep::sim {

class FlashFile {
 public:
  struct Seed {
    std::uint32_t offset = 0;  // bytes from the flash's first
    Buffer image;
  };
  // Makes the file as it leaves the factory: the images at their places, the rest erased. All or nothing.
  // ErrorKind: io, invalid (larger than the flash).
  static Outcome<void> make(const std::filesystem::path& path, boot::Geometry geometry, std::span<const Seed> seeds);
  // Opens it, locked against a second simulator. ErrorKind: io, conflict (in use), invalid (of another size).
  static Outcome<std::unique_ptr<FlashFile>> open(const std::filesystem::path& path, boot::Geometry geometry);
  ~FlashFile();
  FlashFile(const FlashFile&) = delete;
  FlashFile& operator=(const FlashFile&) = delete;

  boot::Flash& flash() { return flash_; }

 private:
  FlashFile(int file, MutableBytes memory, boot::Geometry geometry)
      : file_(file), memory_(memory), flash_(geometry, memory) {}

  int file_;
  MutableBytes memory_;
  boot::MemoryFlash flash_;
};

}  // namespace lockstep::sim
