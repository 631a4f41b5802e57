// The steps around a reset, where a device is expected to go silent.
#include <algorithm>
#include <utility>

#include "host/link/deadline.hpp"
#include "host/update/steps.hpp"

namespace lockstep::update {

using link::sleep_for;

Event Steps::note_went_back() {
  const std::string runs = "it runs " + describe(inventory_.running(job_.image_number)) + " again";
  const bool was_unhealthy = facts_.reason.starts_with(not_healthy);
  facts_.reason =
      (was_unhealthy ? facts_.reason + "; " : "") +
      (facts_.seen_running ? "the new image ran on trial and went back: " + runs
                           : "the new image was never seen running: the bootloader refused it, or it went "
                             "back before it could answer; " +
                                 runs);
  return Event::went_back;
}

session::ReturnPolicy Steps::return_policy(std::chrono::milliseconds total) const {
  return {.total = total, .quiet = job_.policy.return_quiet, .between_tries = job_.policy.return_every};
}

asio::awaitable<Outcome<void>> Steps::await_return() {
  const session::ReturnPolicy policy = return_policy(job_.policy.return_total);
  auto returned = co_await device_->wait_for_return(policy);
  if (!returned) co_return Fail(std::move(returned).error());
  co_return Outcome<void>();
}

asio::awaitable<Outcome<Event>> Steps::reset() {
  auto standing = co_await look();
  if (!standing) co_return Fail(std::move(standing).error());
  const Event event = event_after_reset(*standing);
  if (event == Event::went_back) co_return note_went_back();
  if (event != Event::image_pending) co_return event;
  // A second request could wait in a buffer until the new image runs, and reset that: it would go back. So
  // first see whether the device resets by itself; `returning` asks again when its grace is over.
  if (std::exchange(reset_in_doubt_, false)) co_return Event::told_to_reset;
  auto told = co_await device_->reset();
  if (!told) co_return Fail(std::move(told).error());
  ++facts_.resets;
  co_return Event::told_to_reset;
}

// A device may answer for a while before it resets, and one that lost the request never will: as long as the
// grace lasts, an old image with the new one pending means nothing.
asio::awaitable<Outcome<Event>> Steps::await_new_image() {
  const auto begun = Clock::now();
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(begun + job_.policy.return_total -
                                                                            Clock::now());
    const session::ReturnPolicy policy = return_policy(std::max(left, std::chrono::milliseconds(0)));
    auto returned = co_await device_->wait_for_return(policy);
    if (!returned) co_return Fail(std::move(returned).error());
    auto standing = co_await look();
    if (!standing && standing.error().kind == ErrorKind::unreachable)
      continue;  // gone again: it resets only now
    if (!standing) co_return Fail(std::move(standing).error());
    const Event event = event_after_reset(*standing);
    if (event == Event::went_back) co_return note_went_back();
    if (event != Event::image_pending) co_return event;
    if (Clock::now() - begun >= job_.policy.reset_grace) {
      if (facts_.resets < job_.policy.resets_most) co_return Event::image_pending;
      co_return fail(ErrorKind::device,
                     "the bootloader does not take the new image: it is still pending after " +
                         std::to_string(facts_.resets) + " resets, and the device runs " +
                         describe(inventory_.running(job_.image_number)));
    }
    auto slept = co_await sleep_for(job_.policy.return_every);
    if (!slept) co_return Fail(std::move(slept).error());
  }
}

asio::awaitable<Outcome<Event>> Steps::revert() {
  auto standing = co_await look();
  if (!standing) co_return Fail(std::move(standing).error());
  if (*standing == Standing::kept)
    co_return fail(ErrorKind::device,
                   "the new image is not healthy and has confirmed itself: the device cannot go back");
  if (*standing != Standing::on_trial) co_return note_went_back();
  auto told = co_await device_->reset();
  if (!told) co_return Fail(std::move(told).error());
  ++facts_.resets;
  const auto begun = Clock::now();
  while (*standing == Standing::on_trial) {
    if (Clock::now() - begun > job_.policy.reset_grace)
      co_return fail(ErrorKind::device,
                     "the new image is not healthy, and a reset did not make the device go back");
    auto returned = co_await await_return();
    if (!returned) co_return Fail(std::move(returned).error());
    standing = co_await look();
    if (!standing) co_return Fail(std::move(standing).error());
  }
  if (*standing == Standing::kept)
    co_return fail(ErrorKind::device, "the unhealthy image was confirmed meanwhile");
  co_return note_went_back();
}

}  // namespace lockstep::update
