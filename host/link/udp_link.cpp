#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <boost/asio/ip/udp.hpp>

#include "host/link/stream_link.hpp"

namespace lockstep::link {
namespace {

using asio::ip::udp;

// What fits in one packet of the path without fragments: fragments of a large chunk are lost together, and
// small devices do not put them together at all.
std::size_t path_payload(udp::socket& socket, bool v6) {
  constexpr std::size_t udp_header = 8, v4_header = 20, v6_header = 40,
                        sure = 1280;  // every IPv6 path carries 1280
  int mtu = 0;
  socklen_t size = sizeof mtu;
  const int asked = v6 ? ::getsockopt(socket.native_handle(), IPPROTO_IPV6, IPV6_MTU, &mtu, &size)
                       : ::getsockopt(socket.native_handle(), IPPROTO_IP, IP_MTU, &mtu, &size);
  const std::size_t packet = asked == 0 && mtu > 0 ? static_cast<std::size_t>(mtu) : sure;
  return packet - udp_header - (v6 ? v6_header : v4_header);
}

// A connected socket: only packets of this peer are read, and "nobody listens there" comes back as an error.
class UdpLink final : public Link {
 public:
  UdpLink(udp::socket socket, std::string name, std::size_t max_datagram)
      : socket_(std::move(socket)), name_(std::move(name)), max_datagram_(max_datagram) {}

  asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes into) override;
  asio::awaitable<Outcome<void>> write_all(Bytes bytes) override;
  void close() override {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  const std::string& name() const override { return name_; }
  std::size_t max_datagram() const override { return max_datagram_; }

 private:
  udp::socket socket_;
  std::string name_;
  std::size_t max_datagram_;
};

asio::awaitable<Outcome<std::size_t>> UdpLink::read_some(MutableBytes into) {
  const auto buffer = asio::buffer(into.data(), into.size());
  auto [code, count] = co_await socket_.async_receive(buffer, asio::as_tuple(asio::use_awaitable));
  if (code) co_return Fail(link_error(name_, "reading", code));
  co_return count;
}

asio::awaitable<Outcome<void>> UdpLink::write_all(Bytes bytes) {
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  auto [code, count] = co_await socket_.async_send(buffer, asio::as_tuple(asio::use_awaitable));
  if (code) co_return Fail(link_error(name_, "writing", code));
  co_return Outcome<void>();
}

asio::awaitable<Outcome<udp::endpoint>> find_peer(asio::any_io_executor executor, LinkUri uri,
                                                  std::string name) {
  udp::resolver resolver(executor);
  const std::string port = std::to_string(uri.port);
  constexpr auto flags = udp::resolver::numeric_service;
  auto [code, found] =
      co_await resolver.async_resolve(uri.host, port, flags, asio::as_tuple(asio::use_awaitable));
  if (code) co_return Fail(link_error(name, "resolving", code));
  udp::endpoint peer = found.begin()->endpoint();
  if (uri.interface.empty()) co_return peer;
  const unsigned scope = ::if_nametoindex(uri.interface.c_str());
  if (scope == 0)
    co_return fail(ErrorKind::unreachable, name + ": this machine has no interface '" + uri.interface + "'");
  if (!peer.address().is_v6())
    co_return fail(ErrorKind::invalid, name + ": an interface is for IPv6 addresses only");
  auto address = peer.address().to_v6();
  address.scope_id(scope);
  peer.address(address);
  co_return peer;
}

}  // namespace

asio::awaitable<Outcome<std::unique_ptr<Link>>> open_udp(asio::any_io_executor executor, LinkUri uri) {
  const std::string name = to_string(uri);
  auto peer = co_await find_peer(executor, uri, name);
  if (!peer) co_return Fail(std::move(peer).error());
  udp::socket socket(executor);
  boost::system::error_code code;
  socket.open(peer->protocol(), code);
  if (!code) socket.connect(*peer, code);  // of UDP: only sets the peer, does not wait
  if (code) co_return Fail(link_error(name, "connecting", code));
  const std::size_t payload = path_payload(socket, peer->address().is_v6());
  std::unique_ptr<Link> link = std::make_unique<UdpLink>(std::move(socket), name, payload);
  co_return link;
}

}  // namespace lockstep::link
