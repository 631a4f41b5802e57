// Any bytes as a client's message: every request decoder ends, stays inside them, and what it understood is
// the same after our own client has encoded it.
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

template <class Request>
void decode(Bytes body) {
  const auto request = Request::decode(body);
  if (!request) return;
  std::array<std::byte, 8192> buffer;
  const auto message = encode_request(buffer, Version::v2, 0, *request);
  if (!message) return;
  const auto again = decode_message(*message);
  if (!again || !Request::decode(again->body)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = decode_message(std::as_bytes(std::span(data, size)));
  if (!message) return 0;
  std::array<std::byte, 64> refusal;
  if (!encode_error(refusal, message->header, {message->header.group, -1})) std::abort();
  decode<EchoRequest>(message->body);
  decode<ResetRequest>(message->body);
  decode<ParametersRequest>(message->body);
  decode<InfoRequest>(message->body);
  decode<BootloaderInfoRequest>(message->body);
  decode<ImageStateRequest>(message->body);
  decode<ImageStateWriteRequest>(message->body);
  decode<ImageUploadRequest>(message->body);
  decode<ImageEraseRequest>(message->body);
  decode<SlotInfoRequest>(message->body);
  decode<SettingReadRequest>(message->body);
  decode<SettingWriteRequest>(message->body);
  decode<SettingDeleteRequest>(message->body);
  decode<SettingsCommitRequest>(message->body);
  decode<SettingsLoadRequest>(message->body);
  decode<SettingsSaveRequest>(message->body);
  decode<FileDownloadRequest>(message->body);
  decode<FileStatusRequest>(message->body);
  decode<FileHashRequest>(message->body);
  decode<FileCloseRequest>(message->body);
  decode<NodeTrialRequest>(message->body);
  decode<NodeIdentityRequest>(message->body);
  decode<NodeHealthRequest>(message->body);
  decode<NodePatchesRequest>(message->body);
  decode<NodeComponentsRequest>(message->body);
  return 0;
}
