// Any bytes as a DFU file, a functional descriptor and a status report: what is read is written back the same.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocols/dfu/dfu.hpp"
#include "protocols/dfu/suffix.hpp"

using namespace lockstep;
using namespace lockstep::dfu;

namespace {

void check_file(Bytes bytes) {
  const auto file = read_file(bytes);
  if (file && bytes.size() - file->payload.size() < Suffix::size) std::abort();
  // Whatever is given a suffix can be read again.
  std::vector<std::byte> made(bytes.size() + Suffix::size);
  ByteWriter w(made);
  w.bytes(bytes);
  write_suffix(w, file ? file->suffix : Suffix{}, bytes);
  const auto again = read_file(w.written());
  if (!w.ok() || !again || !std::ranges::equal(again->payload, bytes)) std::abort();
}

void check_descriptor(Bytes bytes) {
  const auto read = FunctionalDescriptor::decode(bytes);
  if (!read) return;
  std::array<std::byte, FunctionalDescriptor::size> buffer{};
  ByteWriter w(buffer);
  read->encode(w);
  if (*FunctionalDescriptor::decode(w.written()) != *read) std::abort();
}

void check_report(Bytes bytes) {
  const auto read = StatusReport::decode(bytes);
  if (read && !std::ranges::equal(read->encode(), bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(data, size));
  check_file(bytes);
  check_descriptor(bytes);
  check_report(bytes);
  return 0;
}
