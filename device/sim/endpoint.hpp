// The simulated device's wires: a pseudo terminal or a Unix socket with console framing and log lines in between, a Unix
// socket with raw messages, or UDP with one message a packet. An endpoint outlives resets of the device, as a socket's board or an adapter would.
#pragma once

#include <poll.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::sim {

class Endpoint {
 public:
  // Takes a request and gives its answer, which is sent at once; empty: none.
  using Handler = std::function<Bytes(Bytes request)>;

  virtual ~Endpoint() = default;

  // Appends what to poll for.
  virtual void add_to(std::vector<pollfd>& polled) const = 0;
  // Does what can be done without waiting: takes requests and sends their answers, or what was left over.
  virtual void serve(const Handler& handler) = 0;
  // Puts a line of the device's log on the wire, where there is a place for it.
  virtual void log(const std::string& line) = 0;
  // As the host's links name it: "smp+udp://127.0.0.1:1337".
  virtual const std::string& uri() const = 0;
};

// What is on a stream: console frames with log lines in between, or nothing but messages.
enum class Wire { console, raw };

// `message_limit`: bytes of the longest request that is taken.
// ErrorKind: io, conflict (the path or port is in use).

// A pseudo terminal; `link` becomes a symbolic link to it. Bytes sent while nobody reads are kept as far as the
// terminal has room, then log lines are dropped first.
Outcome<std::unique_ptr<Endpoint>> open_pty(const std::string& link, std::size_t message_limit);
// A listening socket; one client at a time, like a wire, the next one waits for the first to hang up.
Outcome<std::unique_ptr<Endpoint>> open_unix(const std::string& path, Wire wire, std::size_t message_limit);
// On 127.0.0.1 only, because SMP knows no authentication. Port 0: any free one, see uri().
Outcome<std::unique_ptr<Endpoint>> open_udp(std::uint16_t port, std::size_t message_limit);

}  // namespace lockstep::sim
