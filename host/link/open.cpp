#include "host/link/stream_link.hpp"

namespace lockstep::link {

asio::awaitable<Outcome<std::unique_ptr<Link>>> open_link(asio::any_io_executor executor, LinkUri uri) {
  switch (uri.transport) {
    case Transport::serial:
      return open_serial(std::move(executor), std::move(uri));
    case Transport::unix_socket:
      return open_unix(std::move(executor), std::move(uri));
    case Transport::udp:
      return open_udp(std::move(executor), std::move(uri));
  }
  return open_serial(std::move(executor), std::move(uri));
}

}  // namespace lockstep::link
