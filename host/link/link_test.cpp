// Against real ttys (a pty pair), stream sockets and UDP sockets.
#include "host/link/link.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>

#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/link/deadline.hpp"

namespace lockstep::link {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Runs `body` to its end; a test that hangs fails after a minute.
void run(asio::io_context& context, asio::awaitable<void> body) {
  bool ended = false;
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(body), [&](std::exception_ptr e) {
    ended = true;
    failure = e;
  });
  context.restart();
  context.run_for(60s);  // it returns as soon as the body has ended
  REQUIRE(ended);
  if (failure) std::rethrow_exception(failure);
}

struct Pty {
  int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  std::string path;
  Pty() {
    REQUIRE(master >= 0);
    REQUIRE(::grantpt(master) == 0);
    REQUIRE(::unlockpt(master) == 0);
    path = ::ptsname(master);
  }
  ~Pty() { unplug(); }
  void unplug() {
    if (master >= 0) ::close(std::exchange(master, -1));
  }
  LinkUri uri() const { return {.transport = Transport::serial, .path = path}; }
};

// The kernel hands over what was written to a pty in pieces, when it likes.
std::string read_exactly(int master, std::size_t size) {
  std::string got(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t n = ::read(master, got.data() + have, size - have);
    REQUIRE(n > 0);
    have += static_cast<std::size_t>(n);
  }
  return got;
}

asio::awaitable<std::string> read_text(Link& link) {
  std::array<std::byte, 256> buffer{};
  const MutableBytes into(buffer);
  auto count = co_await link.read_some(into);
  if (!count) co_return "error: " + count.error().what;
  co_return std::string(as_text(Bytes(buffer).first(*count)));
}

asio::awaitable<std::unique_ptr<Link>> opened(LinkUri uri) {
  const auto executor = co_await asio::this_coro::executor;
  auto link = co_await open_link(executor, uri);
  if (!link) FAIL(link.error().what);
  co_return *std::move(link);
}

TEST_CASE("a serial link carries every byte value both ways, untouched by the line discipline") {
  asio::io_context context;
  Pty pty;
  const auto body = [](const Pty& p) -> asio::awaitable<void> {
    const LinkUri uri = p.uri();
    auto link = co_await opened(uri);
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    REQUIRE(::write(p.master, all.data(), all.size()) == 256);
    std::string got;
    while (got.size() < all.size()) got += co_await read_text(*link);
    CHECK(got == all);

    const Bytes bytes = as_bytes(all);
    const auto sent = co_await link->write_all(bytes);
    REQUIRE(sent);
    CHECK(read_exactly(p.master, all.size()) == all);
  };
  run(context, body(pty));
}

TEST_CASE("a tty has one owner at a time, and is free again after it") {
  asio::io_context context;
  Pty pty;
  const auto body = [](const Pty& p) -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    const LinkUri uri = p.uri();
    auto first = co_await opened(uri);
    auto second = co_await open_link(executor, uri);
    REQUIRE(!second);
    CHECK(second.error().kind == ErrorKind::conflict);
    CHECK(second.error().what.find("in use by another program") != std::string::npos);
    first->close();
    auto third = co_await open_link(executor, uri);
    CHECK(third);
  };
  run(context, body(pty));
}

TEST_CASE("a tty that is pulled out ends the read; the same path opens again when it is back") {
  asio::io_context context;
  const TempDir folder;
  const std::string path = folder / "port";
  const auto body = [](std::string port) -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    auto pty = std::make_unique<Pty>();
    fs::create_symlink(pty->path, port);
    const LinkUri uri{.transport = Transport::serial, .path = port};
    auto link = co_await opened(uri);
    pty->unplug();
    std::array<std::byte, 8> buffer{};
    const MutableBytes into(buffer);
    const auto count = co_await link->read_some(into);
    REQUIRE(!count);
    CHECK(count.error().kind == ErrorKind::unreachable);
    link.reset();
    fs::remove(port);
    const auto gone = co_await open_link(executor, uri);
    REQUIRE(!gone);
    CHECK(gone.error().kind == ErrorKind::unreachable);

    pty = std::make_unique<Pty>();
    fs::create_symlink(pty->path, port);
    link = co_await opened(uri);
    REQUIRE(::write(pty->master, "back", 4) == 4);
    CHECK(co_await read_text(*link) == "back");
  };
  run(context, body(path));
}

TEST_CASE("opening what is not a tty or not ours says what is wrong") {
  asio::io_context context;
  const auto body = [](std::string dir) -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    const LinkUri file{.transport = Transport::serial, .path = "/dev/null"};
    const auto no_tty = co_await open_link(executor, file);
    REQUIRE(!no_tty);
    CHECK(no_tty.error().kind == ErrorKind::io);
    CHECK(no_tty.error().what.find("not a tty") != std::string::npos);
    CHECK(no_tty.error().what.find("smp+serial:///dev/null") == 0);
    const LinkUri socket{.transport = Transport::unix_socket, .path = dir + "/none.sock"};
    const auto none = co_await open_link(executor, socket);
    REQUIRE(!none);
    CHECK(none.error().kind == ErrorKind::unreachable);
    REQUIRE(write_file(dir + "/plain", "text"));
    const LinkUri plain{.transport = Transport::unix_socket, .path = dir + "/plain"};
    const auto no_socket = co_await open_link(executor, plain);
    REQUIRE(!no_socket);
    CHECK(no_socket.error().what.find("is no socket") != std::string::npos);
    const LinkUri longer{.transport = Transport::unix_socket, .path = std::string(200, 'x')};
    const auto refused = co_await open_link(executor, longer);
    REQUIRE(!refused);
    CHECK(refused.error().kind == ErrorKind::invalid);
  };
  const TempDir folder;
  run(context, body(folder.path()));
}

TEST_CASE("a unix link reads, writes and sees the other end go") {
  asio::io_context context;
  const TempDir folder;
  const std::string path = folder / "board.sock";
  using asio::local::stream_protocol;
  stream_protocol::acceptor acceptor(context, stream_protocol::endpoint(path));
  const auto body = [](stream_protocol::acceptor& door, std::string socket_path) -> asio::awaitable<void> {
    const LinkUri uri{.transport = Transport::unix_socket, .path = socket_path};
    auto link = co_await opened(uri);
    auto peer = co_await door.async_accept(asio::use_awaitable);
    const Bytes hello = as_bytes("hello");
    const auto sent = co_await link->write_all(hello);
    REQUIRE(sent);
    char got[16];
    const auto buffer = asio::buffer(got);
    const std::size_t n = co_await peer.async_read_some(buffer, asio::use_awaitable);
    CHECK(std::string(got, n) == "hello");
    peer.close();
    const std::string end = co_await read_text(*link);
    CHECK(end.find("hung up") != std::string::npos);
    CHECK(link->max_datagram() == 0);
  };
  run(context, body(acceptor, path));
}

TEST_CASE("a UDP link keeps packets apart and says when nobody listens") {
  asio::io_context context;
  const auto body = [](asio::io_context& io) -> asio::awaitable<void> {
    using asio::ip::udp;
    udp::socket peer(io, udp::endpoint(asio::ip::address_v4::loopback(), 0));
    const LinkUri uri{.transport = Transport::udp,
                      .framing = Framing::datagram,
                      .host = "127.0.0.1",
                      .port = peer.local_endpoint().port()};
    auto link = co_await opened(uri);
    CHECK(link->max_datagram() > 1'000);
    const Bytes ping = as_bytes("ping");
    const auto sent = co_await link->write_all(ping);
    REQUIRE(sent);
    char got[16];
    udp::endpoint from;
    const auto buffer = asio::buffer(got);
    const std::size_t n = co_await peer.async_receive_from(buffer, from, asio::use_awaitable);
    CHECK(std::string(got, n) == "ping");
    peer.send_to(asio::buffer("one", 3), from);
    peer.send_to(asio::buffer("two", 3), from);
    CHECK(co_await read_text(*link) == "one");
    CHECK(co_await read_text(*link) == "two");

    peer.close();
    (void)co_await link->write_all(ping);
    const std::string end = co_await read_text(*link);
    CHECK(end.find("refused") != std::string::npos);
  };
  run(context, body(context));
}

TEST_CASE("a read that is too late is ended, and the link still works") {
  asio::io_context context;
  Pty pty;
  const auto body = [](const Pty& p) -> asio::awaitable<void> {
    const LinkUri uri = p.uri();
    auto link = co_await opened(uri);
    std::array<std::byte, 8> buffer{};
    const MutableBytes into(buffer);
    const auto soon = std::chrono::steady_clock::now() + 20ms;
    auto late = co_await before(soon, link->read_some(into));
    REQUIRE(late);
    CHECK(!late->has_value());
    REQUIRE(::write(p.master, "x", 1) == 1);
    const auto later = std::chrono::steady_clock::now() + 30s;
    auto in_time = co_await before(later, link->read_some(into));
    REQUIRE(in_time);
    REQUIRE(in_time->has_value());
    CHECK(**in_time == 1);
  };
  run(context, body(pty));
}

TEST_CASE("cancelling the caller ends a read with 'cancelled', with and without a deadline") {
  for (const bool with_deadline : {false, true}) {
    CAPTURE(with_deadline);
    asio::io_context context;
    Pty pty;
    asio::cancellation_signal stop;
    std::optional<ErrorKind> ended;
    const auto body = [](const Pty& p, bool deadline,
                         std::optional<ErrorKind>& end) -> asio::awaitable<void> {
      const LinkUri uri = p.uri();
      auto link = co_await opened(uri);
      std::array<std::byte, 8> buffer{};
      const MutableBytes into(buffer);
      if (deadline) {
        const auto later = std::chrono::steady_clock::now() + 1h;
        const auto read = co_await before(later, link->read_some(into));
        if (!read) end = read.error().kind;
      } else {
        const auto read = co_await link->read_some(into);
        if (!read) end = read.error().kind;
      }
    };
    asio::co_spawn(context, body(pty, with_deadline, ended),
                   asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {}));
    context.run_for(50ms);
    CHECK(!ended);
    stop.emit(asio::cancellation_type::terminal);
    context.restart();
    context.run_for(60s);
    REQUIRE(ended);
    CHECK(*ended == ErrorKind::cancelled);
  }
}

}  // namespace
}  // namespace lockstep::link
