#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>

#include "host/link/stream_link.hpp"

namespace lockstep::link {

using asio::local::stream_protocol;

// The kernel refuses a file that is no socket like a socket that nobody serves.
static Fail<Error> nobody_there(const std::string& name, const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_socket(path, ignored)) return fail(ErrorKind::unreachable, name + ": " + path + " is no socket");
  return fail(ErrorKind::unreachable, name + ": nobody serves this socket", "start the device's program");
}

asio::awaitable<Outcome<std::unique_ptr<Link>>> open_unix(asio::any_io_executor executor, LinkUri uri) {
  const std::string name = to_string(uri);
  constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
  if (uri.path.size() > longest)
    co_return fail(ErrorKind::invalid,
                   name + ": a socket path may have " + std::to_string(longest) + " bytes at most");
  stream_protocol::socket socket(executor);
  const stream_protocol::endpoint endpoint(uri.path);
  auto [code] = co_await socket.async_connect(endpoint, asio::as_tuple(asio::use_awaitable));
  if (code == asio::error::connection_refused) co_return nobody_there(name, uri.path);
  if (code) co_return Fail(link_error(name, "connecting", code));
  std::unique_ptr<Link> link = std::make_unique<StreamLink<stream_protocol::socket>>(std::move(socket), name);
  co_return link;
}

}  // namespace lockstep::link
