#include "device/sweep/device.hpp"

#include <algorithm>
#include <array>

#include "protocols/smp/image_group.hpp"

namespace lockstep::sweep {

Result<boot::BootReport, boot::Errc> boot_once(boot::Flash& flash, const boot::Layout& layout) {
  boot::testing::ToyCrypto crypto;
  const std::array<mcuboot::PublicKey, 1> keys{};
  return boot::boot(flash, layout, {.crypto = crypto, .keys = keys});
}

Application::Application(boot::Flash& flash, const boot::Layout& layout, int active_slot)
    : Platform(flash, layout), active_slot_(active_slot), server_(static_cast<agent::Platform&>(*this), work_) {}

template <class Request>
std::optional<typename Request::Reply> Application::ask(const Request& request) {
  const auto message = smp::encode_request(request_, smp::Version::v2, ++sequence_, request);
  if (!message) return std::nullopt;
  const auto answer = smp::decode_message(server_.handle(*message));
  if (!answer) return std::nullopt;
  const auto refusal = smp::decode_server_error(answer->body);
  if (!refusal || *refusal) return std::nullopt;
  const auto reply = Request::Reply::decode(answer->body);
  if (!reply) return std::nullopt;
  return *reply;
}

bool Application::upload_file(const Buffer& file) {
  mcuboot::Digest sha;
  crypto_.sha256_begin();
  crypto_.sha256_update(file);
  crypto_.sha256_finish(sha);
  const std::size_t chunk = std::clamp<std::size_t>(file.size() / 10, 256, 3500);
  for (std::size_t at = 0; at < file.size();) {
    const std::size_t n = std::min(chunk, file.size() - at);
    smp::ImageUploadRequest request{.offset = at, .data = Bytes(file).subspan(at, n)};
    if (at == 0) {
      request.length = file.size();
      request.sha = sha;
    }
    const auto reply = ask(request);
    if (!reply || reply->offset <= at) return false;
    if (reply->match) return *reply->match;
    at = reply->offset;
  }
  return false;
}

bool Application::write_state(const Image& image, bool confirm) {
  return ask(smp::ImageStateWriteRequest{.hash = image.hash, .confirm = confirm}).has_value();
}

bool Application::mark_for_test(const Image& image) { return write_state(image, false); }
bool Application::mark_for_good(const Image& image) { return write_state(image, true); }
bool Application::confirm() { return ask(smp::ImageStateWriteRequest{.confirm = true}).has_value(); }
bool Application::erase_free_slot() { return ask(smp::ImageEraseRequest{}).has_value(); }

}  // namespace lockstep::sweep
