#include "host/session/smp_client.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "protocols/smp/file_group.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"
#include "protocols/smp/settings_group.hpp"

namespace lockstep::session {
namespace {

ImageSlot slot_from(const smp::ImageState& state) {
  return {.image = state.image,
          .slot = state.slot,
          .version = std::string(state.version),
          .hash = to_hex(state.hash),
          .bootable = state.bootable,
          .pending = state.pending,
          .confirmed = state.confirmed,
          .active = state.active,
          .permanent = state.permanent};
}

// A command that is not there, in the ways that servers say it.
bool is_missing(const smp::ServerError& e) { return e.is(smp::Rc::not_supported) || e.is(smp::Rc::no_entry); }

bool is_state_of_mind(const smp::ServerError& e) {
  return e.is(smp::Rc::busy) || e.is(smp::Rc::bad_state) || e.is(smp::Rc::access_denied);
}

}  // namespace

asio::awaitable<Outcome<void>> SmpClient::connect() {
  if (channel_) co_return Outcome<void>();
  auto opened = co_await open_channel(executor_, uri_, log_, opener_);
  if (!opened) co_return Fail(std::move(opened).error());
  channel_ = *std::move(opened);
  co_return Outcome<void>();
}

void SmpClient::disconnect() {
  channel_.reset();
  forget();
}

// What was learnt is not sure any more: another boot, or another device.
void SmpClient::forget() {
  proved_ = false;
  legacy_.reset();
  params_.reset();
  bootloader_.reset();
}

Outcome<void> SmpClient::need_proof(const std::string& doing) const {
  if (channel_ && proved_) return {};
  return fail(ErrorKind::unreachable,
              here(doing) + ": the connection was lost since the device was identified");
}

Error SmpClient::session_error(const std::string& doing, smp::Errc error,
                               const smp::ServerError& server) const {
  if (error == smp::Errc::no_reply) return {ErrorKind::unreachable, here(doing) + ": no answer"};
  if (error != smp::Errc::server_error)
    return {ErrorKind::device, here(doing) + ": " + std::string(text(error))};
  const std::string group = server.group ? "group " + std::to_string(*server.group) + ", code " : "code ";
  const std::string what = here(doing) + ": the device refused: " + std::string(text(server)) + " (" + group +
                           std::to_string(server.rc) + ")";
  if (is_missing(server)) return {ErrorKind::not_found, what};
  return {is_state_of_mind(server) ? ErrorKind::refused : ErrorKind::device, what};
}

template <class Request>
asio::awaitable<Outcome<typename Request::Reply>> SmpClient::ask(Request request, std::string doing,
                                                                 Patience patience) {
  const smp::RequestSettings settings{.timeout_ms = patience.timeout_ms,
                                      .retries = patience.retries,
                                      .version = version(),
                                      .sequence = sequence_};
  smp::RequestSession session(buffer_, request, settings);
  auto driven = co_await drive(*channel_, session);
  sequence_ = session.next_sequence();
  if (!driven) {
    disconnect();
    co_return Fail(driven.error().in(doing));
  }
  if (session.error() == smp::Errc::none || session.error() == smp::Errc::server_error)
    legacy_ = session.version() == smp::Version::v1;
  server_error_ = session.server_error();
  if (session.error() != smp::Errc::none)
    co_return Fail(session_error(doing, session.error(), server_error_));
  auto reply = session.template reply<Request>();
  if (!reply) co_return Fail(session_error(doing, reply.error(), smp::ServerError()));
  co_return *reply;
}

asio::awaitable<Outcome<void>> SmpClient::echo(std::uint32_t timeout_ms, std::uint8_t retries) {
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::EchoRequest request{.text = "lockstep"};
  const Patience patience{timeout_ms, retries};
  auto reply = co_await ask(request, "echo", patience);
  if (!reply) co_return Fail(std::move(reply).error());
  if (reply->text != request.text)
    co_return fail(ErrorKind::device, here("echo") + ": another text came back");
  co_return Outcome<void>();
}

asio::awaitable<Outcome<Identity>> SmpClient::identity() {
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::NodeIdentityRequest request;
  const Patience patience;
  auto reply = co_await ask(request, "reading the identity", patience);
  if (!reply) co_return Fail(std::move(reply).error());
  proved_ = true;
  co_return Identity{std::string(reply->board), std::string(reply->revision), std::string(reply->serial),
                     std::string(reply->product)};
}

asio::awaitable<Outcome<Health>> SmpClient::health() {
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::NodeHealthRequest request;
  const Patience patience;
  auto reply = co_await ask(request, "reading the health", patience);
  if (!reply) co_return Fail(std::move(reply).error());
  co_return Health{reply->healthy, std::string(reply->detail)};
}

asio::awaitable<Outcome<PatchLimits>> SmpClient::patch_limits() {
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::NodePatchesRequest request;
  const Patience patience{1000, 1};  // most devices do not know it, and some do not even say so
  auto reply = co_await ask(request, "asking for patches", patience);
  if (!reply && reply.error().kind == ErrorKind::unreachable && channel_)
    co_return fail(ErrorKind::not_found, here("asking for patches") + ": no answer");
  if (!reply) co_return Fail(std::move(reply).error());
  co_return PatchLimits{reply->delta_window, reply->target_window};
}

asio::awaitable<Outcome<std::vector<ImageComponent>>> SmpClient::components() {
  const std::string doing = "asking for the components";
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::NodeComponentsRequest request;
  const Patience patience{1000, 2};  // most devices do not know it, and some do not even say so
  auto reply = co_await ask(request, doing, patience);
  if (!reply) {
    const ErrorKind kind = reply.error().kind;
    const bool unknown = kind == ErrorKind::not_found || (kind == ErrorKind::unreachable && channel_);
    if (!unknown) co_return Fail(std::move(reply).error());
    std::vector<ImageComponent> only{ImageComponent()};
    co_return only;
  }
  std::vector<ImageComponent> components;
  for (const smp::NodeComponent& c : reply->components) components.push_back({c.image, std::string(c.name)});
  std::ranges::sort(components, {}, &ImageComponent::image);
  const bool twice = std::ranges::adjacent_find(components, {}, &ImageComponent::image) != components.end();
  if (twice || reply->more || components.empty())
    co_return fail(ErrorKind::device, here(doing) + ": the device's list makes no sense");
  co_return components;
}

asio::awaitable<Outcome<std::vector<ImageSlot>>> SmpClient::images() {
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::ImageStateRequest request;
  const Patience patience;
  auto reply = co_await ask(request, "reading the image list", patience);
  if (!reply) co_return Fail(std::move(reply).error());
  proved_ = true;
  std::vector<ImageSlot> slots;
  for (const smp::ImageState& state : reply->images) slots.push_back(slot_from(state));
  co_return slots;
}

asio::awaitable<Outcome<Params>> SmpClient::params() {
  if (params_) co_return *params_;
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::ParametersRequest request;
  const Patience patience{1000, 1};  // old builds do not know it, and some do not even say so
  auto reply = co_await ask(request, "reading the parameters", patience);
  if (!reply && !channel_) co_return Fail(std::move(reply).error());
  if (reply)
    params_ = Params{reply->buffer_size, reply->buffer_count};
  else
    params_ = Outcome<Params>(Fail(std::move(reply).error()));
  co_return *params_;
}

asio::awaitable<Outcome<BootloaderInfo>> SmpClient::bootloader() {
  if (bootloader_) co_return *bootloader_;
  LOCKSTEP_CO_CHECK(co_await connect());
  const Patience patience{1000, 1};
  const smp::BootloaderInfoRequest name_request;
  auto named = co_await ask(name_request, "reading the bootloader's name", patience);
  if (!named && !channel_) co_return Fail(std::move(named).error());
  if (!named) {
    bootloader_ = Outcome<BootloaderInfo>(Fail(std::move(named).error()));
    co_return *bootloader_;
  }
  BootloaderInfo info{.name = std::string(named->bootloader)};
  const smp::BootloaderInfoRequest mode_request{.query = "mode"};
  auto mode = co_await ask(mode_request, "reading the bootloader's mode", patience);
  if (!mode && !channel_) co_return Fail(std::move(mode).error());
  if (mode && mode->mode) info.mode = static_cast<std::int32_t>(*mode->mode);
  if (mode) info.no_downgrade = mode->no_downgrade.value_or(false);
  bootloader_ = std::move(info);
  co_return *bootloader_;
}

asio::awaitable<Outcome<std::string>> SmpClient::os_info() {
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::InfoRequest request{.format = "a"};
  const Patience patience{1000, 1};
  auto reply = co_await ask(request, "reading the system information", patience);
  if (!reply) co_return Fail(std::move(reply).error());
  co_return std::string(reply->output);
}

asio::awaitable<Outcome<std::string>> SmpClient::download(std::string name) {
  constexpr int most_tries = 3;
  for (int tries = 1;; ++tries) {
    bool changed = false;
    auto file = co_await download_once(name, changed);
    if (!changed || tries == most_tries) co_return file;
  }
}

// `changed`: the device says that the file is not what it was when the download began.
asio::awaitable<Outcome<std::string>> SmpClient::download_once(std::string name, bool& changed) {
  constexpr std::size_t longest = 16u << 20;
  const std::string doing = "reading " + name;
  std::string file;
  std::uint64_t length = 0;
  do {
    LOCKSTEP_CO_CHECK(co_await connect());
    const smp::FileDownloadRequest request{.offset = file.size(), .name = name};
    const Patience patience;
    auto chunk = co_await ask(request, doing, patience);
    changed = !chunk && server_error_ == smp::ServerError(smp::group::file, smp::file_rc::offset_not_valid);
    if (!chunk) co_return Fail(std::move(chunk).error());
    if (file.empty()) length = chunk->length.value_or(0);
    if (length > longest) co_return fail(ErrorKind::device, here(doing) + ": the file is longer than 16 MiB");
    const bool goes_on = chunk->offset == file.size() && (!chunk->data.empty() || length == 0);
    if (!goes_on) co_return fail(ErrorKind::device, here(doing) + ": the device sends other bytes than were asked for");
    file += as_text(chunk->data);
  } while (file.size() < length);
  co_return file;
}

asio::awaitable<Outcome<std::string>> SmpClient::setting(std::string name) {
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::SettingReadRequest request{.name = name};
  const Patience patience;
  auto reply = co_await ask(request, "reading the setting " + name, patience);
  if (!reply) co_return Fail(std::move(reply).error());
  co_return std::string(as_text(reply->value));
}

asio::awaitable<Outcome<void>> SmpClient::keep_setting(std::string name, std::string value) {
  LOCKSTEP_CO_CHECK(co_await connect());
  const std::string doing = "writing the setting " + name;
  const smp::SettingWriteRequest write{.name = name, .value = as_bytes(value)};
  const Patience patience;
  auto written = co_await ask(write, doing, patience);
  if (!written) co_return Fail(std::move(written).error());
  const smp::SettingsSaveRequest save{.name = name};
  const Patience flash{5000, 2};
  auto saved = co_await ask(save, doing, flash);
  if (!saved) co_return Fail(std::move(saved).error());
  const smp::SettingsCommitRequest commit;
  auto committed = co_await ask(commit, doing, patience);
  if (!committed) co_return Fail(std::move(committed).error());
  co_return Outcome<void>();
}

asio::awaitable<Outcome<void>> SmpClient::delete_setting(std::string name) {
  LOCKSTEP_CO_CHECK(co_await connect());
  const smp::SettingDeleteRequest request{.name = name};
  const Patience patience{5000, 0};  // said twice, the second answer would be "no such setting"
  auto reply = co_await ask(request, "deleting the setting " + name, patience);
  if (!reply) co_return Fail(std::move(reply).error());
  co_return Outcome<void>();
}

asio::awaitable<Outcome<Inventory>> SmpClient::inventory() {
  auto slots = co_await images();
  if (!slots) co_return Fail(std::move(slots).error());
  Inventory inventory{.images = *std::move(slots)};
  auto limits = co_await params();
  if (limits)
    inventory.params = *limits;
  else if (!channel_)
    co_return Fail(std::move(limits).error());
  auto boot = co_await bootloader();
  if (boot)
    inventory.bootloader = *boot;
  else if (!channel_)
    co_return Fail(std::move(boot).error());
  co_return inventory;
}

asio::awaitable<Outcome<void>> SmpClient::write_state(std::string hash, bool confirm, std::string doing) {
  const auto bytes = from_hex(hash);
  if (!bytes) co_return Fail(bytes.error().in(doing));
  LOCKSTEP_CO_CHECK(need_proof(doing));
  const smp::ImageStateWriteRequest request{.hash = *bytes, .confirm = confirm};
  const Patience patience{5000, 2};  // it writes flash, and may erase
  auto reply = co_await ask(request, doing, patience);
  if (!reply && reply.error().kind == ErrorKind::not_found) {
    Error error = reply.error();
    error.kind = ErrorKind::refused;
    error.next = "devices that load into RAM or run in place do not let the host choose the image";
    co_return Fail(std::move(error));
  }
  if (!reply) co_return Fail(std::move(reply).error());
  co_return Outcome<void>();
}

asio::awaitable<Outcome<void>> SmpClient::mark_for_test(std::string hash) {
  return write_state(std::move(hash), false, "marking the image for a test boot");
}

asio::awaitable<Outcome<void>> SmpClient::confirm(std::string hash) {
  return write_state(std::move(hash), true, "confirming the image");
}

ClientFactory smp_clients(asio::any_io_executor executor, link::LinkOpener opener) {
  return [executor, opener](const link::LinkUri& uri, LineSink log) {
    return std::make_unique<SmpClient>(executor, uri, std::move(log), opener);
  };
}

}  // namespace lockstep::session
