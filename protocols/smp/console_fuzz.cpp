// Any bytes on a console: the decoder never gives more than it got, what it gives has a right checksum, and a
// message that follows on a new line is found.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocols/smp/console.hpp"

using namespace lockstep;
using namespace lockstep::smp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::byte> buffer(
      64);  // small, so that long messages are met often; on the heap, for the sanitizer
  ConsoleDecoder decoder(buffer);
  std::size_t log = 0;
  std::array<std::byte, console_encoded_size(64)> again;
  for (std::size_t i = 0; i < size; ++i) {
    const auto event = decoder.feed(std::byte{data[i]});
    if (event.kind == ConsoleDecoder::Kind::log || event.kind == ConsoleDecoder::Kind::dropped)
      log += event.bytes.size();
    if (event.kind == ConsoleDecoder::Kind::message && !encode_console(event.bytes, again)) std::abort();
  }
  if (log > size) std::abort();

  constexpr std::array<std::byte, 10> message{std::byte{1}, std::byte{0}, std::byte{2}};
  const auto lines = encode_console(message, again);
  (void)decoder.feed(std::byte{'\n'});
  bool found = false;
  for (const std::byte b : *lines) {
    const auto event = decoder.feed(b);
    found |= event.kind == ConsoleDecoder::Kind::message && std::ranges::equal(event.bytes, message);
  }
  if (!found) std::abort();
  return 0;
}
