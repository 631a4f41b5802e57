// Any bytes on a raw line: whole messages only, and after a gap the next message is found.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocols/smp/raw.hpp"

using namespace lockstep;
using namespace lockstep::smp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> buffer(32);
  RawDecoder decoder(buffer);
  for (std::size_t i = 0; i < size; ++i) {
    const auto event = decoder.feed(std::byte{data[i]});
    if (event.kind == RawDecoder::Kind::message && !decode_message(event.bytes)) std::abort();
  }
  (void)decoder.on_gap();
  constexpr std::array<std::byte, 9> message{std::byte{0}, std::byte{0}, std::byte{0},
                                             std::byte{1}, std::byte{0}, std::byte{1},
                                             std::byte{7}, std::byte{0}, std::byte{0xa0}};
  bool found = false;
  for (const std::byte b : message) {
    const auto event = decoder.feed(b);
    found |= event.kind == RawDecoder::Kind::message && std::ranges::equal(event.bytes, message);
  }
  if (!found) std::abort();
  return 0;
}
