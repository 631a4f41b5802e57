// Any bytes from a client: the server answers or hangs up, keeps no more than one message, and the device is asked only
// by transfers that are sound. The same bytes as each message of either side.
#include <cstdint>
#include <cstdlib>

#include "device/usbip/server.hpp"
#include "protocols/usb/descriptors.hpp"

using namespace lockstep;
using namespace lockstep::usbip;

namespace {

class FuzzDevice final : public Device {
 public:
  bool is_attached() override { return true; }
  usb::Answer control(const usb::Setup& setup, Bytes data) override {
    const bool is_out = setup.direction() == usb::Direction::out;
    if (data.size() != (is_out ? setup.length : 0)) std::abort();
    answer_.assign(is_out ? 0 : std::min<std::size_t>(setup.length, 64), std::byte{0});
    ByteWriter w(answer_);
    usb::DeviceDescriptor{}.encode(w);
    return {.stalled = setup.request == 0xee, .data = answer_};
  }
  void on_bus_reset() override {}

 private:
  Buffer answer_;
};

template <class T, class Decode>
void check_round_trip(Bytes bytes, Decode decode) {
  const Result<T, Errc> read = decode(bytes);
  if (!read) return;
  if (read->size() > bytes.size()) std::abort();
  const Result<T, Errc> again = decode(read->encode());
  if (!again || !(*again == *read)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes bytes = std::as_bytes(std::span(data, size));
  FuzzDevice device;
  Server server(device);
  Buffer out;
  const std::size_t half = size / 2;
  if (server.feed(bytes.first(half), out)) (void)server.feed(bytes.subspan(half), out);
  check_round_trip<OpRequest>(bytes, OpRequest::decode);
  check_round_trip<Command>(bytes, Command::decode);
  for (const auto direction : {usb::Direction::in, usb::Direction::out}) {
    check_round_trip<Reply>(bytes, [direction](Bytes b) { return Reply::decode(b, direction); });
  }
  if (const auto list = decode_list_reply(bytes); list && *decode_list_reply(encode_list_reply(*list)) != *list) std::abort();
  (void)decode_import_reply(bytes);
  return 0;
}
