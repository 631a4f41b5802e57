// What a device answers about itself, as the event that records it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "host/base/error.hpp"
#include "host/session/device_client.hpp"
#include "host/store/store.hpp"
#include "host/update/job.hpp"

namespace lockstep::jobs {

// Who must answer at the device's link. One that cannot say who it is was vouched for when it was added.
update::ExpectedIdentity expected_identity(const store::DeviceRow& device);

// Each of its images in the words of releases, its health, and how it takes updates.
boost::asio::awaitable<Outcome<store::DeviceUpdated>> ask_device(std::unique_ptr<session::DeviceClient> client,
                                                                 std::string device);

// The same for a device that is known. refused: at its link is another one.
boost::asio::awaitable<Outcome<store::DeviceUpdated>> ask_known_device(session::ClientFactory clients,
                                                                       store::DeviceRow device);

}  // namespace lockstep::jobs
