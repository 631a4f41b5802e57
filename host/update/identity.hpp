// Whether the device at a link is the one that is meant.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "host/base/error.hpp"
#include "host/session/device_client.hpp"

namespace lockstep::update {

namespace asio = boost::asio;

// Who must be at the other end. Empty texts are not compared, but at least one must be given unless
// `by_link`.
struct ExpectedIdentity {
  std::string board = {};
  std::string revision = {};
  std::string serial = {};
  // The device cannot tell who it is; a person vouches for what is plugged in at this link.
  bool by_link = false;
};

// What the device says of itself; nothing when it cannot tell. Before something is written use prove_identity.
// refused: it is another device.
asio::awaitable<Outcome<std::optional<session::Identity>>> ask_identity(session::DeviceClient& client,
                                                                        const ExpectedIdentity& expected);

// The same, and one that cannot tell is refused, too, unless somebody vouched for it (`by_link`; an empty identity then).
// invalid: `expected` names no device.
asio::awaitable<Outcome<session::Identity>> prove_identity(session::DeviceClient& client, const ExpectedIdentity& expected);

}  // namespace lockstep::update
