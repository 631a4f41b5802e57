// Makes the new image out of the old one and a VCDIFF patch (RFC 3284) that arrives in pieces of any size. Only the
// instructions of one window are kept, in a buffer that the caller lends; what is copied is read where it lies: in the
// base, or in the part of the target that was written before.
#pragma once

#include <cstdint>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/delta/address_cache.hpp"
#include "protocols/delta/code_table.hpp"
#include "protocols/delta/errc.hpp"

namespace lockstep::delta {

// The two images, as the decoder sees them. Functions return false when the medium failed.
class Images {
 public:
  virtual std::uint32_t base_size() { return 0; }
  virtual bool read_base(std::uint32_t /*offset*/, MutableBytes /*into*/) { return false; }
  // Bytes that write() was given before, of this window or an earlier one.
  virtual bool read_target(std::uint32_t /*offset*/, MutableBytes /*into*/) { return false; }
  // The next bytes of the target, in order, without gaps. `bytes` is borrowed for the call.
  virtual bool write(std::uint32_t /*offset*/, Bytes /*bytes*/) { return false; }
  // A window is whole: the patch up to `patch_end` has made the target up to `target_end`; the window began at
  // `patch_start` and `target_start`, where decoding could begin again.
  struct Window {
    std::uint32_t patch_start = 0, patch_end = 0;
    std::uint32_t target_start = 0, target_end = 0;
  };
  virtual bool on_window(const Window&) { return true; }

 protected:
  ~Images() = default;
};

struct Limits {
  std::uint32_t target_size = 0;    // bytes that the patch makes at most
  std::uint32_t target_window = 0;  // ... and one window of it
};

class Decoder {
 public:
  // Borrows both. `buffer` bounds the windows: without its header, a window's delta encoding (data, instructions and
  // addresses) has to fit into it.
  Decoder(MutableBytes buffer, Images& images) : buffer_(buffer), images_(&images) {}

  // Begins at a window: `patch_offset` bytes of the patch and `target_offset` of the target lie before it.
  void start(Limits limits, std::uint32_t patch_offset, std::uint32_t target_offset);

  // Takes the next bytes of the patch. A window's bytes are written when it is whole; before it is, nothing is.
  // Errc: all but too_short, bad_magic and bad_header. After an error only start() helps.
  Result<void, Errc> feed(Bytes patch);

  bool between_windows() const { return header_used_ == 0; }
  std::uint32_t taken() const { return taken_; }  // bytes of the patch
  std::uint32_t made() const { return made_; }    // bytes of the target

 private:
  // Sizes as the window's header has them (RFC 3284, section 4.2).
  struct WindowHeader {
    std::uint8_t indicator = 0;
    std::uint32_t segment_size = 0;
    std::uint32_t segment_offset = 0;
    std::uint32_t delta_size = 0;
  };
  static constexpr std::size_t max_window_header = 1 + 3 * 5;

  std::size_t take(Bytes patch);
  Result<bool, Errc> parse_header();
  Result<void, Errc> check_header() const;
  Result<void, Errc> finish_window();
  Result<void, Errc> execute(Bytes delta);
  Result<void, Errc> run_code(std::uint8_t opcode);
  Result<void, Errc> run_one(const Instruction& instruction);
  Result<void, Errc> add(std::uint32_t size);
  Result<void, Errc> fill(std::uint32_t size);
  Result<void, Errc> copy(std::uint8_t mode, std::uint32_t size);
  Result<void, Errc> put(Bytes bytes);
  bool read_from(std::uint32_t address, MutableBytes into);
  std::uint32_t position() const { return made_ - window_start_; }

  MutableBytes buffer_;
  Images* images_;
  Limits limits_{};
  std::byte header_[max_window_header]{};
  std::size_t header_used_ = 0;
  bool header_known_ = false;
  WindowHeader window_{};
  std::uint32_t buffered_ = 0;
  std::uint32_t taken_ = 0;
  std::uint32_t made_ = 0;
  std::uint32_t patch_start_ = 0;
  std::uint32_t window_start_ = 0;
  std::uint32_t window_size_ = 0;  // bytes of the target that the window makes
  std::uint32_t adler_a_ = 1, adler_b_ = 0;

  ByteReader data_{Bytes{}}, instructions_{Bytes{}}, addresses_{Bytes{}};
  AddressCache cache_;
  std::byte scratch_[64]{};
};

}  // namespace lockstep::delta
