#include "host/update/steps.hpp"

#include "host/link/deadline.hpp"

namespace lockstep::update {

using link::sleep_for;

asio::awaitable<Outcome<Event>> Steps::run(State state) {
  progressed_ = false;
  switch (state) {
    case State::queued:
      break;
    case State::inspecting:
      return inspect();
    case State::uploading:
      return upload();
    case State::marking:
      return mark();
    case State::resetting:
      return reset();
    case State::returning:
      return await_new_image();
    case State::checking:
      return check();
    case State::confirming:
      return confirm();
    case State::verifying:
      return verify();
    case State::reverting:
      return revert();
    case State::succeeded:
    case State::reverted:
    case State::failed:
    case State::unreachable:
    case State::cancelled:
      break;
  }
  return judge(Error{ErrorKind::internal, "no step belongs to state '" + std::string(name(state)) + "'"}, {});
}

asio::awaitable<Outcome<void>> Steps::must_be_the_device() {
  auto identity = co_await prove_identity(*device_, job_.identity);
  if (!identity) co_return Fail(std::move(identity).error());
  facts_.identity = *std::move(identity);
  co_return Outcome<void>();
}

asio::awaitable<Outcome<Standing>> Steps::look() {
  auto proved = co_await must_be_the_device();
  if (!proved) co_return Fail(std::move(proved).error());
  auto inventory = co_await device_->inventory();
  if (!inventory) co_return Fail(std::move(inventory).error());
  inventory_ = *std::move(inventory);
  const Standing standing = classify(inventory_, job_.image_hash);
  if (standing == Standing::on_trial || standing == Standing::kept) facts_.seen_running = true;
  co_return standing;
}

asio::awaitable<Outcome<Event>> Steps::inspect() {
  auto standing = co_await look();
  if (!standing) co_return Fail(std::move(standing).error());
  if (*standing == Standing::on_trial || *standing == Standing::kept) co_return event_of(*standing);
  if (const auto why = objection(inventory_, job_.image_number, job_.image_hash)) co_return fail(ErrorKind::refused, *why);
  if (job_.policy.health == HealthRule::reported) {
    auto health = co_await device_->health();  // good or bad does not matter yet; that it can tell does
    if (!health && health.error().kind == ErrorKind::not_found)
      co_return fail(ErrorKind::refused, "the device has no health command, so an update could not be judged",
                     "use the health rule 'answers' for this kind of device");
    if (!health) co_return Fail(std::move(health).error());
  }
  const session::ImageSlot* running = inventory_.running(job_.image_number);
  facts_.old_hash = running->hash;
  facts_.old_version = running->version;
  co_return event_of(*standing);
}

asio::awaitable<Outcome<VerifiedImage>> Steps::fetch_image() {
  auto image = co_await job_.image();
  if (!image) co_return Fail(std::move(image).error());
  if (image->hash() != job_.image_hash)
    co_return fail(ErrorKind::refused,
                   "the image given has hash " + image->hash() + ", the job is about " + job_.image_hash);
  if (job_.size_bytes != 0 && image->bytes().size() != job_.size_bytes)
    co_return fail(ErrorKind::refused, "the image given has " + std::to_string(image->bytes().size()) +
                                           " bytes, the job is about " + std::to_string(job_.size_bytes));
  co_return image;
}

session::UploadWatch Steps::upload_watch() {
  const auto begun = Clock::now();
  // The first report is the start (or the resumed offset) and does not count for the rate.
  auto first = std::make_shared<std::optional<std::uint64_t>>();  // shared, because std::function copies
  auto shown = std::make_shared<Clock::time_point>(begun - std::chrono::seconds(1));
  return [this, begun, first, shown](std::uint64_t done, std::uint64_t total) {
    if (!*first) *first = done;
    progressed_ = progressed_ || done > farthest_bytes_;
    farthest_bytes_ = std::max(farthest_bytes_, done);
    const auto now = Clock::now();
    const bool due = now - *shown >= std::chrono::milliseconds(100) || done == total;
    if (due) {
      *shown = now;
      const double seconds = std::chrono::duration<double>(now - begun).count();
      const double rate = seconds > 0 ? static_cast<double>(done - std::min(done, **first)) / seconds : 0;
      watch_.on_progress(
          {.state = State::uploading, .done_bytes = done, .total_bytes = total, .bytes_per_second = rate});
    }
    cancel_seen_ = watch_.cancel_wanted();
    return !cancel_seen_;
  };
}

asio::awaitable<Outcome<Event>> Steps::upload() {
  auto standing = co_await look();
  if (!standing) co_return Fail(std::move(standing).error());
  if (*standing != Standing::missing) co_return event_of(*standing);
  if (const auto why = objection(inventory_, job_.image_number, job_.image_hash)) co_return fail(ErrorKind::refused, *why);
  auto image = co_await fetch_image();
  if (!image) co_return Fail(std::move(image).error());
  auto sent = co_await send(*image);
  if (!sent && sent.error().kind == ErrorKind::cancelled && cancel_seen_) co_return Event::cancel;
  if (!sent) co_return Fail(std::move(sent).error());
  auto after = co_await look();
  if (!after) co_return Fail(std::move(after).error());
  if (*after == Standing::missing)
    co_return fail(ErrorKind::device, "the device took every byte, but does not list the image");
  co_return event_of(*after);
}

asio::awaitable<Outcome<Event>> Steps::judge(Error refusal, Standing before) {
  const bool answered = refusal.kind != ErrorKind::unreachable && refusal.kind != ErrorKind::cancelled &&
                        refusal.kind != ErrorKind::internal;
  if (!answered) co_return Fail(std::move(refusal));
  auto now = co_await look();
  if (!now || *now == before) co_return Fail(std::move(refusal));
  co_return event_of(*now);
}

asio::awaitable<Outcome<Event>> Steps::mark() {
  auto standing = co_await look();
  if (!standing) co_return Fail(std::move(standing).error());
  if (*standing != Standing::stored) co_return event_of(*standing);
  auto marked = co_await device_->mark_for_test(job_.image_hash);
  if (!marked) {
    // An answer that was lost makes the repeated request look refused: the device's state decides.
    auto judged = co_await judge(std::move(marked).error(), *standing);
    co_return judged;
  }
  auto after = co_await look();
  if (!after) co_return Fail(std::move(after).error());
  if (*after == Standing::stored)
    co_return fail(ErrorKind::device,
                   "the device accepted to test the image, but does not list it as pending");
  co_return event_of(*after);
}

asio::awaitable<Outcome<Event>> Steps::confirm() {
  auto standing = co_await look();
  if (!standing) co_return Fail(std::move(standing).error());
  if (*standing == Standing::kept) co_return Event::image_kept;
  if (*standing != Standing::on_trial) co_return note_went_back();
  auto confirmed = co_await device_->confirm(job_.image_hash);
  if (!confirmed) {
    auto judged = co_await judge(std::move(confirmed).error(), *standing);
    co_return judged;
  }
  auto after = co_await look();
  if (!after) co_return Fail(std::move(after).error());
  if (*after == Standing::kept) co_return Event::image_kept;
  if (*after != Standing::on_trial) co_return note_went_back();
  co_return fail(ErrorKind::device,
                 "the device accepted the confirmation, but lists the image as not confirmed");
}

asio::awaitable<Outcome<Event>> Steps::watch_health() {
  const auto deadline = Clock::now() + job_.policy.health_total;
  for (;;) {
    if (job_.policy.health == HealthRule::answers) co_return Event::healthy;
    auto health = co_await device_->health();
    if (!health && health.error().kind != ErrorKind::not_found) co_return Fail(std::move(health).error());
    if (health && health->healthy) co_return Event::healthy;
    const std::string detail = !health                  ? "it has no health command"
                               : health->detail.empty() ? "no detail given"
                                                        : health->detail;
    facts_.reason = std::string(not_healthy) + ": " + detail;
    if (Clock::now() >= deadline) co_return Event::unhealthy;
    auto slept = co_await sleep_for(job_.policy.health_every);
    if (!slept) co_return Fail(std::move(slept).error());
  }
}

asio::awaitable<Outcome<Event>> Steps::check() {
  auto standing = co_await look();
  if (!standing) co_return Fail(std::move(standing).error());
  if (*standing == Standing::kept) co_return Event::image_kept;
  if (*standing != Standing::on_trial) co_return note_went_back();
  auto health = co_await watch_health();
  co_return health;
}

asio::awaitable<Outcome<Event>> Steps::verify() {
  auto standing = co_await look();
  if (!standing) co_return Fail(std::move(standing).error());
  if (*standing == Standing::on_trial) co_return Event::image_on_trial;
  if (*standing != Standing::kept) co_return note_went_back();
  auto health = co_await watch_health();
  co_return health;
}

}  // namespace lockstep::update
