// Flash memory as the boot code and the agent see it: NOR rules, one interface, so that a board's driver, the
// simulator's file and the tests' power cuts stand behind the same few words.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/mcuboot/source.hpp"

namespace lockstep::boot {

enum class FlashErrc : std::uint8_t {
  none,
  out_of_range,  // the bytes do not lie inside the flash
  misaligned,    // a program not on the write alignment, or an erase not on a sector's first byte
  not_erased,    // a program would turn a 0 into a 1
  no_power,      // the power is cut (only in tests and in the simulator)
  io,            // the medium failed
};
std::string_view text(FlashErrc e);

struct Geometry {
  std::uint32_t size = 0;         // bytes of the whole flash
  std::uint32_t sector_size = 0;  // bytes erased at once; all sectors are alike
  std::uint32_t write_align = 1;  // a program starts and ends on a multiple of this; 1, 2, 4, 8, 16 or 32
};

inline constexpr std::byte erased_byte{0xff};
inline constexpr std::uint32_t max_write_align = 32;

// One flash device. Addresses count from its first byte. A program may only turn ones into zeros; only an erase
// of a whole sector turns bytes back to 0xff.
class Flash {
 public:
  explicit constexpr Flash(Geometry geometry) : geometry_(geometry) {}
  const Geometry& geometry() const { return geometry_; }

  virtual Result<void, FlashErrc> read(std::uint32_t address, MutableBytes into);
  // `bytes` is borrowed for the call. On an error part of the bytes may have been written.
  virtual Result<void, FlashErrc> program(std::uint32_t address, Bytes bytes);
  // Erases the sector that begins at `address`. On an error part of it may have been erased.
  virtual Result<void, FlashErrc> erase(std::uint32_t address);

 protected:
  ~Flash() = default;
  // Whether an access obeys range and alignment; drivers call these first.
  Result<void, FlashErrc> check_read(std::uint32_t address, std::size_t size) const;
  Result<void, FlashErrc> check_program(std::uint32_t address, std::size_t size) const;
  Result<void, FlashErrc> check_erase(std::uint32_t address) const;

 private:
  Geometry geometry_;
};

// A stretch of a flash with offsets of its own: a slot, an image inside a slot, the counter log.
// Borrows the flash. Offset and size should be whole sectors where erase() is used.
class FlashArea final : public mcuboot::Source {
 public:
  FlashArea(Flash& flash, std::uint32_t offset, std::uint32_t size) : flash_(&flash), offset_(offset), size_(size) {}

  std::uint32_t size() const override { return size_; }
  Result<void, mcuboot::Errc> read(std::uint32_t offset, MutableBytes into) override;  // Errc::read_failed on a fault

  Result<void, FlashErrc> load(std::uint32_t offset, MutableBytes into);  // read() with the flash's own reason
  Result<void, FlashErrc> program(std::uint32_t offset, Bytes bytes);
  // Programs bytes of any length: fills up to the write alignment with 0xff.
  Result<void, FlashErrc> program_padded(std::uint32_t offset, Bytes bytes);
  Result<void, FlashErrc> erase_sector(std::uint32_t offset);
  // Erases all sectors that overlap [offset, offset+length), the last one first.
  Result<void, FlashErrc> erase_range(std::uint32_t offset, std::uint32_t length);
  // Whether every byte of [offset, offset+length) reads as erased.
  Result<bool, FlashErrc> is_erased(std::uint32_t offset, std::uint32_t length);

  // A piece of this area; the caller keeps it inside.
  FlashArea part(std::uint32_t offset, std::uint32_t size) const { return {*flash_, offset_ + offset, size}; }
  // The area from `offset` to the end of this one.
  FlashArea from(std::uint32_t offset) const { return {*flash_, offset_ + offset, size_ - offset}; }
  const Geometry& geometry() const { return flash_->geometry(); }

 private:
  Result<void, FlashErrc> inside(std::uint32_t offset, std::size_t length) const;

  Flash* flash_;
  std::uint32_t offset_;
  std::uint32_t size_;
};

// A flash whose power fails: it counts programs and erases and at the n-th one everything stops. From then on
// each operation fails with no_power and changes nothing, as if the processor had died there.
class CutFlash final : public Flash {
 public:
  enum class Last : std::uint8_t {
    skipped,    // operation n leaves no trace
    torn,       // operation n is done by half: half the bytes programmed, half the sector erased
    torn_late,  // all is done but the last 32 bytes of the sector, or the last write unit
  };
  static constexpr std::uint32_t never = 0;

  // `at` counts from 1; `never` only counts. `on_cut` is called at the cut, when operation `at` has been dropped or
  // done in part: the simulator dies in it.
  explicit CutFlash(Flash& inner, std::uint32_t at = never, Last last = Last::skipped, void (*on_cut)() = nullptr)
      : Flash(inner.geometry()), inner_(&inner), at_(at), last_(last), on_cut_(on_cut) {}

  Result<void, FlashErrc> read(std::uint32_t address, MutableBytes into) override;
  Result<void, FlashErrc> program(std::uint32_t address, Bytes bytes) override;
  Result<void, FlashErrc> erase(std::uint32_t address) override;

  std::uint32_t operations() const { return operations_; }  // programs and erases tried so far
  bool is_cut() const { return at_ != never && operations_ >= at_; }
  // Counts anew; `at` as in the constructor.
  void power_on(std::uint32_t at = never);

 private:
  enum class Fate : std::uint8_t { alive, last, dead };
  Fate next();
  Result<void, FlashErrc> tear(std::uint32_t address, Bytes program_bytes);
  Result<void, FlashErrc> tear(std::uint32_t address);
  Result<void, FlashErrc> die(Result<void, FlashErrc> torn);

  Flash* inner_;
  std::uint32_t at_;
  Last last_;
  void (*on_cut_)();
  std::uint32_t operations_ = 0;
};

}  // namespace lockstep::boot
