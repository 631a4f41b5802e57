// Any bytes as a server's message: every reply decoder ends, stays inside them, and says the same again when
// what it understood is sent once more by our own server.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "protocols/smp/file_group.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"
#include "protocols/smp/settings_group.hpp"

namespace {

using namespace lockstep;
using namespace lockstep::smp;

template <class Reply>
void decode(Bytes body) {
  const auto reply = Reply::decode(body);
  if (!reply) return;
  std::array<std::byte, 8192> buffer;
  const auto message = encode_reply(buffer, Header{}, *reply);
  if (!message) return;  // texts may be longer than our buffer
  const auto again = decode_message(*message);
  if (!again || !Reply::decode(again->body)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = decode_message(std::as_bytes(std::span(data, size)));
  if (!message) return 0;
  const auto error = decode_server_error(message->body);
  if (error && *error && text(*error).empty()) std::abort();
  (void)server_reason(message->body);
  decode<EchoReply>(message->body);
  decode<EmptyReply>(message->body);
  decode<ParametersReply>(message->body);
  decode<InfoReply>(message->body);
  decode<BootloaderInfoReply>(message->body);
  decode<ImageStateReply>(message->body);
  decode<ImageUploadReply>(message->body);
  decode<SlotInfoReply>(message->body);
  decode<SettingReadReply>(message->body);
  decode<FileDownloadReply>(message->body);
  decode<FileStatusReply>(message->body);
  decode<FileHashReply>(message->body);
  decode<NodeTrialReply>(message->body);
  decode<NodeIdentityReply>(message->body);
  decode<NodeHealthReply>(message->body);
  decode<NodePatchesReply>(message->body);
  decode<NodeComponentsReply>(message->body);
  return 0;
}
