// The driver: obeys what a protocol session (protocols/core/action.hpp) says, over a channel.
#pragma once

#include <chrono>
#include <utility>

#include "host/session/channel.hpp"
#include "protocols/core/action.hpp"

namespace lockstep::session {

// Runs `session` until it says done. Success means that the conversation ended, not that it ended well: ask
// session.error(). A failure is the link's (unreachable, io, cancelled); the session may then be started
// again. Both arguments are borrowed until the coroutine ends.
template <class Session>
asio::awaitable<Outcome<void>> drive(Channel& channel, Session& session) {
  Action action = session.start();
  while (action.kind != Action::Kind::done) {
    if (action.kind == Action::Kind::send) {
      auto sent = co_await channel.send(action.bytes);
      if (!sent) co_return Fail(std::move(sent).error());
      action = session.on_sent();
      continue;
    }
    const auto deadline = Channel::Clock::now() + std::chrono::milliseconds(action.timeout_ms);
    auto received = co_await channel.receive(deadline);
    if (!received) co_return Fail(std::move(received).error());
    action = *received ? session.on_message(**received) : session.on_timeout();
  }
  co_return Outcome<void>();
}

}  // namespace lockstep::session
