// A flash for a device among thousands: a sector takes memory only when a device has written to it. Erased sectors are
// nothing, and those that still hold what the factory put there are shared by all devices made with the same image.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "device/boot/flash.hpp"
#include "host/base/error.hpp"

namespace lockstep::sim {

// What a factory puts at the flash's first byte, filled up to whole sectors.
using FactoryImage = std::vector<std::byte>;
FactoryImage factory_image(Bytes image, std::uint32_t sector_size);

class SparseFlash final : public boot::Flash {
 public:
  // In memory only. Borrows `factory`, which is not larger than the flash.
  SparseFlash(boot::Geometry geometry, const FactoryImage& factory);
  // The same with a file behind it: what was written stays, also after kill -9, and is gone on with. The file is made
  // when it is missing. It holds the complement of each byte, so that its holes are erased flash.
  // ErrorKind: io, conflict (in use), invalid (of another size).
  static Outcome<std::unique_ptr<SparseFlash>> open(const std::filesystem::path& path, boot::Geometry geometry,
                                                    const FactoryImage& factory);
  ~SparseFlash();
  SparseFlash(const SparseFlash&) = delete;
  SparseFlash& operator=(const SparseFlash&) = delete;

  Result<void, boot::FlashErrc> read(std::uint32_t address, MutableBytes into) override;
  Result<void, boot::FlashErrc> program(std::uint32_t address, Bytes bytes) override;
  Result<void, boot::FlashErrc> erase(std::uint32_t address) override;

  std::size_t own_bytes() const;  // memory that its sectors take

 private:
  struct Sector {
    const std::byte* bytes = nullptr;     // null: erased
    std::unique_ptr<std::byte[]> own{};   // where bytes points to, when a device wrote it
  };

  std::byte* writable(Sector& sector);
  template <class Span, class Each>
  bool in_pieces(std::uint32_t address, Span bytes, Each each) const;
  Outcome<void> load(const std::filesystem::path& path);

  std::vector<Sector> sectors_;
  int file_ = -1;
};

}  // namespace lockstep::sim
