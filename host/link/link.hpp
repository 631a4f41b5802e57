// A way to push bytes to a device and to get bytes back. The floors above know no socket and no tty.
//
// Errors of every function: ErrorKind::unreachable (not there, refused, hung up, unplugged), io (no
// permission, not a tty), conflict (another process holds it), cancelled. The message begins with the link's
// name. Cancellation: every coroutine honours Asio's terminal cancellation; it then returns
// ErrorKind::cancelled, and an await that starts after the cancellation throws
// system_error(operation_aborted), as awaitables do by default.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "host/base/error.hpp"
#include "host/link/uri.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::link {

namespace asio = boost::asio;

// An open link. One read and one write may be under way at the same time, not two of a kind. Closes itself
// when it is destroyed; must not be destroyed while a read or a write is under way.
class Link {
 public:
  virtual ~Link() = default;

  // Waits for at least one byte (a whole packet on a datagram link: what does not fit in `into` is lost).
  // `into` is borrowed until the coroutine ends. A hangup is ErrorKind::unreachable, never a size of 0.
  virtual asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes into) = 0;

  // Writes all bytes (one packet on a datagram link). `bytes` is borrowed until the coroutine ends.
  virtual asio::awaitable<Outcome<void>> write_all(Bytes bytes) = 0;

  // Ends reads and writes under way with an error. May be called twice.
  virtual void close() = 0;

  // What a person calls this link: its URI.
  virtual const std::string& name() const = 0;

  // Largest message in bytes that one packet carries unfragmented; 0 for a stream, which has no such limit.
  virtual std::size_t max_datagram() const { return 0; }
};

// Opens the link that `uri` names, on `executor` (which then runs its reads and writes).
// A tty is opened raw, 8N1, without flow control, and locked against a second opener.
asio::awaitable<Outcome<std::unique_ptr<Link>>> open_link(asio::any_io_executor executor, LinkUri uri);

// How the floors above get links; open_link, or something in-process in a test.
using LinkOpener =
    std::function<asio::awaitable<Outcome<std::unique_ptr<Link>>>(asio::any_io_executor, LinkUri)>;

}  // namespace lockstep::link
