// A device that speaks SMP (mcumgr). Private to host/session; others get it from smp_clients().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/session/device_client.hpp"
#include "host/session/drive.hpp"
#include "protocols/smp/request_session.hpp"

namespace lockstep::session {

class SmpClient final : public DeviceClient {
 public:
  SmpClient(asio::any_io_executor executor, link::LinkUri uri, LineSink log, link::LinkOpener opener)
      : executor_(std::move(executor)),
        uri_(std::move(uri)),
        log_(std::move(log)),
        opener_(std::move(opener)),
        buffer_(Channel::max_message) {}

  asio::awaitable<Outcome<Identity>> identity() override;
  asio::awaitable<Outcome<Inventory>> inventory() override;
  asio::awaitable<Outcome<Health>> health() override;
  asio::awaitable<Outcome<PatchLimits>> patch_limits() override;
  asio::awaitable<Outcome<std::vector<ImageComponent>>> components() override;
  asio::awaitable<Outcome<UploadReport>> upload(Bytes image, std::uint32_t image_number,
                                                UploadWatch watch) override;
  asio::awaitable<Outcome<void>> mark_for_test(std::string hash) override;
  asio::awaitable<Outcome<void>> confirm(std::string hash) override;
  asio::awaitable<Outcome<void>> reset() override;
  asio::awaitable<Outcome<Inventory>> wait_for_return(ReturnPolicy policy) override;
  void disconnect() override;

  // Beyond the verbs of an update; for probe().
  asio::awaitable<Outcome<void>> echo(std::uint32_t timeout_ms, std::uint8_t retries);
  asio::awaitable<Outcome<std::vector<ImageSlot>>> images();
  asio::awaitable<Outcome<Params>> params();
  asio::awaitable<Outcome<BootloaderInfo>> bootloader();
  asio::awaitable<Outcome<std::string>> os_info();
  // ... and for the functions of service.hpp.
  asio::awaitable<Outcome<std::string>> download(std::string name);
  asio::awaitable<Outcome<std::string>> setting(std::string name);
  asio::awaitable<Outcome<void>> keep_setting(std::string name, std::string value);
  asio::awaitable<Outcome<void>> delete_setting(std::string name);
  // Whether the device was found to speak only the first version of SMP; nothing before its first answer.
  std::optional<bool> legacy() const { return legacy_; }

 private:
  struct Patience {
    std::uint32_t timeout_ms = 2500;
    std::uint8_t retries = 2;
  };

  asio::awaitable<Outcome<void>> connect();
  // One request and its answer on the open channel; views in the answer live in buffer_ until the next
  // request. not_found when the device does not know the command. `doing` names it in errors.
  template <class Request>
  asio::awaitable<Outcome<typename Request::Reply>> ask(Request request, std::string doing,
                                                        Patience patience);
  asio::awaitable<Outcome<void>> write_state(std::string hash, bool confirm, std::string doing);
  asio::awaitable<Outcome<Inventory>> try_return(std::uint32_t timeout_ms);

  Outcome<void> need_proof(const std::string& doing) const;
  void forget();
  smp::VersionChoice version() const {
    return legacy_.value_or(false) ? smp::VersionChoice::v1 : smp::VersionChoice::automatic;
  }
  asio::awaitable<Outcome<std::string>> download_once(std::string name, bool& changed);
  Error session_error(const std::string& doing, smp::Errc error, const smp::ServerError& server) const;
  std::string here(const std::string& doing) const { return to_string(uri_) + ": " + doing; }

  asio::any_io_executor executor_;
  link::LinkUri uri_;
  LineSink log_;
  link::LinkOpener opener_;
  std::unique_ptr<Channel> channel_;
  bool proved_ = false;            // on this connection the device was asked who or what it is
  std::vector<std::byte> buffer_;  // one message: the request, then its answer
  smp::ServerError server_error_{};  // of the last answer
  std::uint8_t sequence_ = 0;      // goes on across connections: a late answer must not fit
  std::optional<bool> legacy_;     // of this connection and boot, as the next two
  std::optional<Outcome<Params>> params_;
  std::optional<Outcome<BootloaderInfo>> bootloader_;
  std::size_t max_message_ = 0;  // that uploads to this device were found to pass; 0: not known
};

}  // namespace lockstep::session
