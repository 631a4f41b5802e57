// Any bytes as a patch: nothing is read outside of the images (TestImages aborts), nothing is made beyond the limits,
// and windows fit together.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "protocols/delta/patch_header.hpp"
#include "protocols/delta/test_images.hpp"

using namespace lockstep;
using namespace lockstep::delta;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr Limits limits{.target_size = 8192, .target_window = 4096};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes file = std::as_bytes(std::span(data, size));
  const auto header = read_file_header(file);
  if (header) require(header->size <= size && header->app_header.size() < size);
  const std::uint32_t start = header ? header->size : 0;

  std::array<std::byte, 1000> base;
  for (std::size_t i = 0; i < base.size(); ++i) base[i] = std::byte(i * 7 & 0xff);
  testing::TestImages images(base);
  std::array<std::byte, 512> buffer;
  Decoder decoder(buffer, images);
  decoder.start(limits, start, 0);
  // The first byte decides how it is cut.
  const std::size_t piece = size > 0 ? 1 + data[0] % 64 : 1;
  bool failed = false;
  for (std::size_t at = start; at < size && !failed; at += piece) {
    failed = !decoder.feed(file.subspan(at, std::min(piece, size - at)));
  }
  require(images.target.size() <= limits.target_size);
  if (!failed) require(decoder.taken() == std::max<std::size_t>(size, start));
  std::uint32_t patch = start, target = 0;
  for (const Images::Window& w : images.windows) {
    require(w.patch_start == patch && w.target_start == target);
    require(w.patch_end > patch && w.target_end - target <= limits.target_window);
    patch = w.patch_end;
    target = w.target_end;
  }
  require(target <= images.target.size());
  return 0;
}
