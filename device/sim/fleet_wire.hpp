// The wire of one device in a fleet. Unlike an Endpoint it may answer later than it was asked, it is watched by the
// fleet's one epoll, and it can be out of contact.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "host/base/error.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::sim {

// Where its descriptors are watched: events bring `tag` back.
struct Watch {
  int epoll = -1;
  std::uint32_t tag = 0;
};

class FleetWire {
 public:
  using Peer = std::uint64_t;  // who asked
  // Takes a message; `request` is valid during the call.
  using Handler = std::function<void(Bytes request, Peer from)>;

  virtual ~FleetWire() = default;

  // Comes into contact, or goes out of it; it begins out of contact. What is sent to it meanwhile is lost.
  // ErrorKind: io, conflict, invalid.
  virtual Outcome<void> wake() = 0;
  virtual void sleep() = 0;
  // Does what can be done without waiting, after the watch told of something.
  virtual void serve(const Handler& handler) = 0;
  // Sends a message to who asked, if he still is there; with one bit wrong if given.
  virtual void send(Bytes message, Peer to, std::optional<std::uint64_t> wrong_bit) = 0;
  // Puts a line of the device's log on the wire, where there is a place for it.
  virtual void log(const std::string& line) = 0;
  // Whether the receiver's check of the frame notices a wrong bit: the message then is as good as lost.
  virtual bool is_checked() const = 0;
  // As the host's links name it.
  virtual const std::string& uri() const = 0;
};

// `message_limit`: bytes of the longest request that is taken.

// UDP on 127.0.0.1. Out of contact the port stays ours, and silent. Port 0: any free one.
Outcome<std::unique_ptr<FleetWire>> open_fleet_udp(std::uint16_t port, std::size_t message_limit, Watch watch);
// A Unix socket with console framing, for one client at a time. Out of contact it is not there, like an adapter that
// was unplugged. `path` is absolute.
std::unique_ptr<FleetWire> make_fleet_unix(const std::filesystem::path& path, std::size_t message_limit, Watch watch);

}  // namespace lockstep::sim
