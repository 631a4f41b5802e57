// SmpClient: going away and coming back.
#include <algorithm>

#include "host/link/deadline.hpp"
#include "host/session/smp_client.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::session {
namespace {

// Knows whether the request left us: from then on the device may be gone before it answers.
class ResetSession {
 public:
  using Error = smp::Errc;
  explicit ResetSession(smp::RequestSession& inner) : inner_(inner) {}

  Action start() { return inner_.start(); }
  Action on_sent() {
    sent_ = true;
    return inner_.on_sent();
  }
  Action on_message(Bytes message) { return inner_.on_message(message); }
  Action on_timeout() { return inner_.on_timeout(); }
  bool sent() const { return sent_; }

 private:
  smp::RequestSession& inner_;
  bool sent_ = false;
};

}  // namespace

asio::awaitable<Outcome<void>> SmpClient::reset() {
  const std::string doing = "resetting";
  LOCKSTEP_CO_CHECK(need_proof(doing));
  const smp::ResetRequest request;
  // One attempt in the version that is known to be understood: a second reset would cut the boot of the
  // first.
  const smp::RequestSettings settings{
      .timeout_ms = 1500,
      .retries = 0,
      .version = legacy_.value_or(false) ? smp::VersionChoice::v1 : smp::VersionChoice::v2,
      .sequence = sequence_};
  smp::RequestSession session(buffer_, request, settings);
  ResetSession watched(session);
  auto driven = co_await drive(*channel_, watched);
  sequence_ = session.next_sequence();
  if (driven)
    forget();
  else
    disconnect();
  if (!driven && (driven.error().kind == ErrorKind::cancelled || !watched.sent()))
    co_return Fail(driven.error().in(doing));
  if (driven && session.error() == smp::Errc::server_error)
    co_return Fail(session_error(doing, session.error(), session.server_error()));
  co_return Outcome<void>();
}

asio::awaitable<Outcome<Inventory>> SmpClient::try_return(std::uint32_t timeout_ms) {
  auto alive =
      co_await echo(timeout_ms, 1);  // the second attempt is for servers that are silent about SMP v2
  const bool silent =
      !alive && alive.error().kind != ErrorKind::not_found;  // a server without echo is one, too
  if (silent) co_return Fail(std::move(alive).error());
  auto inventory_now = co_await inventory();
  co_return inventory_now;
}

asio::awaitable<Outcome<Inventory>> SmpClient::wait_for_return(ReturnPolicy policy) {
  // The link stays open if it can: what the device prints at its boot is worth reading. A port that vanishes
  // ends it by itself; one that only went dumb is opened anew now and then.
  constexpr int silences_most = 5;
  int silences = 0;
  const auto deadline = Channel::Clock::now() + policy.total;
  forget();
  auto quiet = co_await link::sleep_for(std::min(policy.quiet, policy.total));
  if (!quiet) co_return Fail(std::move(quiet).error());
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Channel::Clock::now());
    const auto patience = std::clamp(left, std::chrono::milliseconds(50), std::chrono::milliseconds(700));
    auto returned = co_await try_return(static_cast<std::uint32_t>(patience.count()));
    if (returned) co_return returned;
    Error last = std::move(returned).error();
    if (last.kind == ErrorKind::cancelled) co_return Fail(std::move(last));
    if (Channel::Clock::now() >= deadline)
      co_return fail(ErrorKind::unreachable, "the device did not come back within " +
                                                 std::to_string(policy.total.count()) +
                                                 " ms; last: " + last.what);
    if (++silences % silences_most == 0) disconnect();
    auto slept = co_await link::sleep_for(
        std::min(policy.between_tries, std::max(left, std::chrono::milliseconds(1))));
    if (!slept) co_return Fail(std::move(slept).error());
  }
}

}  // namespace lockstep::session
