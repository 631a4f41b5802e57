// One device on the other side of a link, in the verbs of an update. Protocols implement it; floors above use
// only it.
//
// Errors of every function:
//   unreachable  no link, or no answer within the protocol's retries
//   device       the device answered with an error: the text holds its group, its code and what that means
//   refused      the device understood, and does not do it in its present state
//   not_found    the device has no such command (a healthy old device may well have none)
//   cancelled    Asio cancellation; an await after that throws system_error(operation_aborted)
// Functions that only ask connect by themselves, and again after a loss. Those that change the device
// (upload, mark_for_test, confirm, reset) need the connection on which it was asked who it is: when that is
// gone they fail with unreachable, so that a device that was exchanged meanwhile is never written to.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/session/channel.hpp"
#include "host/session/device.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::session {

// How far an upload is. Called after each accepted chunk, on the loop thread; return false to stop the
// upload, which then ends with ErrorKind::cancelled and can be resumed later.
using UploadWatch = std::function<bool(std::uint64_t done_bytes, std::uint64_t total_bytes)>;

struct UploadReport {
  std::uint64_t resumed_at_bytes = 0;  // the device had this much from an earlier try
  std::uint64_t sent_bytes = 0;
  std::chrono::milliseconds took{0};
};

// How long to wait for a device that was told to reset.
struct ReturnPolicy {
  std::chrono::milliseconds total{90'000};  // after that it is unreachable
  std::chrono::milliseconds quiet{300};     // do not ask before: it may still answer from before the reset
  std::chrono::milliseconds between_tries{500};  // opening and asking
};

class DeviceClient {
 public:
  virtual ~DeviceClient() = default;

  virtual asio::awaitable<Outcome<Identity>> identity() = 0;
  // Missing commands (parameters, bootloader information) leave gaps in the answer; a missing image list is
  // an error.
  virtual asio::awaitable<Outcome<Inventory>> inventory() = 0;
  virtual asio::awaitable<Outcome<Health>> health() = 0;
  // not_found: it takes whole images only, as most devices do.
  virtual asio::awaitable<Outcome<PatchLimits>> patch_limits() {
    co_return fail(ErrorKind::not_found, "patches are not known to this protocol");
  }

  // Which component each image of the device is, by ascending image number. A device that does not tell has one: "app".
  virtual asio::awaitable<Outcome<std::vector<ImageComponent>>> components() {
    std::vector<ImageComponent> only{ImageComponent()};
    co_return only;
  }

  // Puts `image` (whole file, or a patch within patch_limits(); borrowed until the coroutine ends) into the free
  // slot of that image number (components() tells which is which; patches are for image 0 only); goes on where an
  // earlier upload of the same bytes stopped. Success means that the device has all bytes, not that it will boot them.
  virtual asio::awaitable<Outcome<UploadReport>> upload(Bytes image, std::uint32_t image_number,
                                                        UploadWatch watch) = 0;

  // Boot the image with this hash (lower-case hex) once after the next reset.
  virtual asio::awaitable<Outcome<void>> mark_for_test(std::string hash) = 0;
  // Keep the image with this hash for good; it must be the running one.
  virtual asio::awaitable<Outcome<void>> confirm(std::string hash) = 0;

  // Tells the device to reset. A device that goes before it answers counts as told.
  virtual asio::awaitable<Outcome<void>> reset() = 0;

  // Waits until the device answers an echo and its image list again, across vanishing and returning
  // endpoints, boot logs and silence; gives that list. unreachable when the policy's total has passed.
  virtual asio::awaitable<Outcome<Inventory>> wait_for_return(ReturnPolicy policy) = 0;

  // Drops the link (the next function connects again). For callers that hand the port to somebody else.
  virtual void disconnect() = 0;
};

// Makes a client for the device behind `uri` (connects at the first use). `log` gets what the device prints.
using ClientFactory = std::function<std::unique_ptr<DeviceClient>(const link::LinkUri& uri, LineSink log)>;

// The factory for SMP (mcumgr) devices. `opener` is open_link unless a test gives another.
ClientFactory smp_clients(asio::any_io_executor executor, link::LinkOpener opener = link::open_link);

}  // namespace lockstep::session
