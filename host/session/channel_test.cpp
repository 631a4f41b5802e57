#include "host/session/channel.hpp"

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "host/session/drive.hpp"
#include "host/session/fake_server.hpp"

namespace lockstep::session {
namespace {

using namespace std::chrono_literals;

// A link that follows a script: gives these pieces in turn, then stays silent or hangs up; keeps what is
// written.
struct ScriptedLink final : link::Link {
  std::deque<Buffer> pieces;
  bool hang_up_at_end = false;
  bool endless = false;  // the first piece again and again
  bool broken_write = false;
  Buffer* written = nullptr;
  std::string name_text = "script";

  asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes into) override {
    if (pieces.empty() && hang_up_at_end) co_return fail(ErrorKind::unreachable, "script: hung up");
    if (pieces.empty()) {
      const auto executor = co_await asio::this_coro::executor;
      asio::steady_timer never(executor, std::chrono::hours(1));
      (void)co_await never.async_wait(asio::as_tuple(asio::use_awaitable));
      co_return fail(ErrorKind::cancelled, "stopped");
    }
    const Buffer piece = pieces.front();
    if (endless) pieces.push_back(piece);
    pieces.pop_front();
    std::copy(piece.begin(), piece.end(), into.begin());
    co_return piece.size();
  }
  asio::awaitable<Outcome<void>> write_all(Bytes bytes) override {
    if (broken_write) co_return fail(ErrorKind::unreachable, "script: cannot write");
    if (written != nullptr) written->insert(written->end(), bytes.begin(), bytes.end());
    co_return Outcome<void>();
  }
  void close() override {}
  const std::string& name() const override { return name_text; }
};

Buffer message(std::uint8_t sequence, std::string_view text) {
  Buffer out(256);
  return to_buffer(*smp::encode_request(out, smp::Version::v2, sequence, smp::EchoRequest{.text = text}));
}

Buffer on_console(const Buffer& raw) {
  Buffer out(smp::console_encoded_size(raw.size()));
  return to_buffer(*smp::encode_console(raw, out));
}

// What receive() gives until the script ends with a hangup, or for 20 s.
struct Received {
  std::vector<Buffer> messages;
  std::optional<Error> error;
};

Received receive_all(link::Framing framing, std::deque<Buffer> pieces, LineSink log = {}) {
  asio::io_context context;
  Received out;
  auto script = std::make_unique<ScriptedLink>();
  script->pieces = std::move(pieces);
  script->hang_up_at_end = true;
  Channel channel(std::move(script), framing, std::move(log));
  const auto body = [](Channel& c, Received& into) -> asio::awaitable<void> {
    for (;;) {
      const auto deadline = Channel::Clock::now() + 20s;
      auto received = co_await c.receive(deadline);
      if (!received) {
        into.error = received.error();
        co_return;
      }
      if (!*received) co_return;
      into.messages.push_back(to_buffer(**received));
    }
  };
  asio::co_spawn(context, body(channel, out), [](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
  });
  context.run();
  return out;
}

TEST_CASE("messages are found however the bytes are cut, and log lines between them are handed out whole") {
  const Buffer first = message(1, "one"), second = message(2, std::string(150, 'x'));
  Buffer wire = to_buffer("*** Booting Zephyr ***\r\nuart:~$ ");
  const Buffer a = on_console(first), b = on_console(second);
  wire.insert(wire.end(), a.begin(), a.end());
  const Buffer log = to_buffer("[00:01] inf: temperature 21.5\n");
  wire.insert(wire.end(), log.begin(), log.end());
  wire.insert(wire.end(), b.begin(), b.end());
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, wire.size()}) {
    CAPTURE(piece);
    std::deque<Buffer> pieces;
    for (std::size_t at = 0; at < wire.size(); at += piece) {
      const auto begin = wire.begin() + static_cast<std::ptrdiff_t>(at);
      pieces.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(std::min(piece, wire.size() - at)));
    }
    std::vector<std::string> lines;
    const Received got =
        receive_all(link::Framing::console, pieces, [&](std::string_view line) { lines.emplace_back(line); });
    CHECK(got.messages == std::vector<Buffer>{first, second});
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == "*** Booting Zephyr ***");
    CHECK(lines[1] == "uart:~$ [00:01] inf: temperature 21.5");
  }
}

TEST_CASE("a line without end is ended after a kilobyte instead of growing for ever") {
  std::vector<std::string> lines;
  receive_all(link::Framing::console, {Buffer(3000, std::byte{'y'})},
              [&](std::string_view line) { lines.emplace_back(line); });
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].size() == 1024);
}

TEST_CASE("a frame with a wrong checksum is passed over and the next one is found") {
  Buffer bad = on_console(message(1, "one"));
  bad[6] = bad[6] == std::byte{'A'} ? std::byte{'B'} : std::byte{'A'};
  const Buffer good = message(2, "two");
  const Received got = receive_all(link::Framing::console, {bad, on_console(good)});
  CHECK(got.messages == std::vector<Buffer>{good});
}

TEST_CASE("raw framing: half a message is forgotten after its silence, so the next one is found") {
  const Buffer first = message(1, "one"), second = message(2, "two");
  const Buffer half(first.begin(), first.begin() + 10);
  asio::io_context context;
  auto script = std::make_unique<ScriptedLink>();
  ScriptedLink& link = *script;
  link.pieces = {half};
  Channel channel(std::move(script), link::Framing::raw);
  std::optional<Buffer> got;
  const auto body = [](Channel& c, ScriptedLink& l, Buffer next,
                       std::optional<Buffer>& into) -> asio::awaitable<void> {
    const auto soon = Channel::Clock::now() + 700ms;  // more than smp::raw_gap_ms
    auto nothing = co_await c.receive(soon);
    REQUIRE(nothing);
    CHECK(!nothing->has_value());
    l.pieces.push_back(next);
    const auto later = Channel::Clock::now() + 20s;
    auto received = co_await c.receive(later);
    REQUIRE(received);
    REQUIRE(received->has_value());
    into = to_buffer(**received);
  };
  asio::co_spawn(context, body(channel, link, second, got), [](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
  });
  context.run();
  REQUIRE(got);
  CHECK(*got == second);
}

TEST_CASE("a packet is a message, and runts are passed over") {
  const Buffer first = message(1, "one"), second = message(2, "two");
  const Received got = receive_all(link::Framing::datagram, {first, Buffer(3), second});
  CHECK(got.messages == std::vector<Buffer>{first, second});
}

TEST_CASE("a device that babbles without end does not hold a receive beyond its deadline") {
  asio::io_context context;
  auto script = std::make_unique<ScriptedLink>();
  script->pieces = {to_buffer("blah blah\n")};
  script->endless = true;
  Channel channel(std::move(script), link::Framing::console);
  bool in_time = false;
  const auto body = [](Channel& c, bool& ended) -> asio::awaitable<void> {
    const auto deadline = Channel::Clock::now() + 50ms;
    const auto received = co_await c.receive(deadline);
    REQUIRE(received);
    ended = !received->has_value();
  };
  asio::co_spawn(context, body(channel, in_time), [](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
  });
  context.run_for(20s);
  CHECK(in_time);
}

TEST_CASE("a hangup is the link's error, not silence") {
  const Received got = receive_all(link::Framing::console, {to_buffer("bye\n")});
  REQUIRE(got.error);
  CHECK(got.error->kind == ErrorKind::unreachable);
}

// The driver's contract, with a session that does each kind of action once.
struct EchoOnce {
  using Error = int;
  Buffer request = message(9, "hi");
  int timeouts = 0;
  std::optional<Buffer> reply;
  Action start() { return Action::send(request); }
  Action on_sent() { return Action::receive(30); }
  Action on_message(Bytes m) {
    reply = to_buffer(m);
    return Action::done();
  }
  Action on_timeout() { return ++timeouts < 2 ? Action::send(request) : Action::done(); }
  Error error() const { return timeouts; }
};

Outcome<void> driven(std::unique_ptr<ScriptedLink> script, EchoOnce& session) {
  asio::io_context context;
  Channel channel(std::move(script), link::Framing::console);
  std::optional<Outcome<void>> out;
  const auto body = [](Channel& c, EchoOnce& s, std::optional<Outcome<void>>& into) -> asio::awaitable<void> {
    auto ended = co_await drive(c, s);
    into = std::move(ended);
  };
  asio::co_spawn(context, body(channel, session, out), [](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
  });
  context.run();
  return *out;
}

TEST_CASE("the driver sends, waits, reports silence, and ends with the session") {
  Buffer written;
  auto script = std::make_unique<ScriptedLink>();
  script->written = &written;
  EchoOnce session;
  CHECK(driven(std::move(script), session));
  CHECK(session.timeouts == 2);
  const Buffer once = on_console(session.request);
  CHECK(written.size() == 2 * once.size());

  script = std::make_unique<ScriptedLink>();
  script->pieces = {on_console(message(9, "yo"))};
  EchoOnce answered;
  CHECK(driven(std::move(script), answered));
  CHECK(answered.reply == message(9, "yo"));
}

TEST_CASE("the driver gives the link's failure to its caller at each step") {
  auto script = std::make_unique<ScriptedLink>();
  script->broken_write = true;
  EchoOnce session;
  const auto write = driven(std::move(script), session);
  REQUIRE(!write);
  CHECK(write.error().what == "script: cannot write");
  script = std::make_unique<ScriptedLink>();
  script->hang_up_at_end = true;
  const auto read = driven(std::move(script), session);
  REQUIRE(!read);
  CHECK(read.error().what == "script: hung up");
}

}  // namespace
}  // namespace lockstep::session
