// Both pages, from any bytes: never a crash, and what decodes encodes to the same bytes.
#include <array>
#include <cstdlib>
#include <cstring>

#include "device/qemu/pages/pages.hpp"

using namespace lockstep;

namespace {

void same(const Result<std::size_t, board::PageErrc>& size, Bytes encoded, Bytes input) {
  if (!size || *size > input.size() || std::memcmp(encoded.data(), input.data(), *size) != 0) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(data, size));
  std::array<std::byte, board::max_key_page_size + board::max_identity_page_size> out{};
  if (const auto keys = board::decode_key_page(input)) same(board::encode_key_page(keys->points(), out), out, input);
  if (const auto id = board::decode_identity_page(input)) same(board::encode_identity_page(*id, out), out, input);
  return 0;
}
