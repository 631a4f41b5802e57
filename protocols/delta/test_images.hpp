// Two images in memory, for tests and fuzzing. Aborts when the decoder breaks the contract of Images.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "protocols/delta/decoder.hpp"

namespace lockstep::delta::testing {

class TestImages final : public Images {
 public:
  explicit TestImages(Bytes base) : base_(base) {}

  std::uint32_t base_size() override { return static_cast<std::uint32_t>(base_.size()); }
  bool read_base(std::uint32_t offset, MutableBytes into) override { return read(base_, offset, into); }
  bool read_target(std::uint32_t offset, MutableBytes into) override { return read(target, offset, into); }
  bool write(std::uint32_t offset, Bytes bytes) override {
    if (offset != target.size()) std::abort();
    if (fail_at != 0 && target.size() + bytes.size() > fail_at) return false;
    target.insert(target.end(), bytes.begin(), bytes.end());
    return true;
  }
  bool on_window(const Window& window) override {
    windows.push_back(window);
    return true;
  }

  std::vector<std::byte> target;
  std::vector<Window> windows;
  std::size_t fail_at = 0;  // writes that reach further than this fail; 0: none

 private:
  static bool read(Bytes from, std::uint32_t offset, MutableBytes into) {
    if (offset > from.size() || into.size() > from.size() - offset) std::abort();
    std::copy_n(from.begin() + offset, into.size(), into.begin());
    return true;
  }
  Bytes base_;
};

}  // namespace lockstep::delta::testing
