// Any bytes as a chain of descriptors and as a setup packet: what is read is written back with the same meaning.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "protocols/usb/descriptors.hpp"
#include "protocols/usb/setup.hpp"

using namespace lockstep;
using namespace lockstep::usb;

namespace {

template <class T>
void check(Bytes one) {
  const auto read = T::decode(one);
  if (!read) return;
  std::array<std::byte, T::size> buffer{};
  ByteWriter w(buffer);
  read->encode(w);
  const auto again = T::decode(w.written());
  if (!w.ok() || !again || *again != *read) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(data, size));
  if (const auto setup = Setup::decode(bytes); setup && *Setup::decode(setup->encode()) != *setup) std::abort();
  DescriptorCursor cursor(bytes);
  std::size_t seen = 0;
  for (auto item = cursor.next(); item && *item; item = cursor.next()) {
    seen += (*item)->bytes.size();
    check<DeviceDescriptor>((*item)->bytes);
    check<ConfigurationDescriptor>((*item)->bytes);
    check<InterfaceDescriptor>((*item)->bytes);
  }
  if (seen > size) std::abort();
  std::array<std::byte, max_string_size> buffer{};
  ByteWriter w(buffer);
  encode_string(w, as_text(bytes));
  if (!w.ok()) std::abort();
  return 0;
}
