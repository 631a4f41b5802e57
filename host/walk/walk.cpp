#include "host/walk/walk.hpp"

#include <algorithm>

namespace lockstep::walk {
namespace {

End end_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::unreachable:
      return End::unreachable;
    case ErrorKind::cancelled:
      return End::cancelled;
    default:
      return End::refused;
  }
}

bool nothing_is_on_trial(const model::State& state) {
  return std::none_of(state.parts.begin(), state.parts.end(), [](const model::Part& part) { return part.trial; });
}

// Where the device is in relation to a step.
enum class Place : std::uint8_t { before, after, outside };

class Walk {
 public:
  Walk(CertifiedPlan plan, WalkRecord from, Performer& performer, WalkJournal& journal, CancelWanted cancel)
      : plan_(std::move(plan)), step_(from.step), performer_(performer), journal_(journal), cancel_(std::move(cancel)) {}

  asio::awaitable<WalkResult> run();

 private:
  asio::awaitable<Outcome<void>> look();
  asio::awaitable<std::optional<WalkResult>> take();
  Place place() const;
  bool is(const model::State& state) const { return !difference(plan_.catalogue(), state, seen_); }
  WalkResult ended(End end, std::string reason) const { return {end, step_, std::move(reason), seen_}; }
  WalkResult ended(const Error& error) const { return ended(end_of(error), error.what); }
  WalkResult off_the_plan(const model::State& expected) const;
  std::string step_text() const {
    return "step " + std::to_string(step_ + 1) + " (" + model::text(plan_.catalogue(), plan_.steps()[step_]) + ")";
  }

  CertifiedPlan plan_;
  std::size_t step_;
  Performer& performer_;
  WalkJournal& journal_;
  CancelWanted cancel_;
  Sight seen_;
};

asio::awaitable<Outcome<void>> Walk::look() {
  auto seen = co_await performer_.look();
  if (!seen) co_return Fail(std::move(seen).error());
  if (seen->size() != plan_.catalogue().components.size())
    co_return fail(ErrorKind::internal, "what is seen is not about this catalogue");
  seen_ = *std::move(seen);
  co_return Outcome<void>();
}

Place Walk::place() const {
  const model::State& before = plan_.before(step_);
  const auto middle = repeatable(plan_.catalogue(), before, plan_.steps()[step_]);
  if (is(before) || std::any_of(middle.begin(), middle.end(), [&](const model::State& s) { return is(s); }))
    return Place::before;
  return is(plan_.after(step_)) ? Place::after : Place::outside;
}

WalkResult Walk::off_the_plan(const model::State& expected) const {
  const model::Catalogue& catalogue = plan_.catalogue();
  const auto back = gone_back(catalogue, expected, seen_);
  if (back.empty()) {
    return ended(End::elsewhere, "before " + step_text() + ": " + difference(catalogue, expected, seen_).value_or("it differs"));
  }
  std::string who;
  for (const model::Index i : back) {
    const model::Part& part = expected.parts[static_cast<std::size_t>(i)];
    who += (who.empty() ? "" : ", ") + catalogue.name(i, part.active) + " went back to " + catalogue.name(i, part.fallback);
  }
  return ended(End::reverted, who);
}

// One step: nothing when it is done and seen to be.
asio::awaitable<std::optional<WalkResult>> Walk::take() {
  auto seen = co_await look();
  if (!seen) co_return ended(seen.error());
  const Place found = place();
  if (found == Place::after) co_return std::nullopt;  // done before the host was killed
  if (found == Place::outside) co_return off_the_plan(plan_.before(step_));
  if (cancel_ && nothing_is_on_trial(plan_.before(step_)) && cancel_()) co_return ended(End::cancelled, "stopped before " + step_text());
  const WalkRecord record{.step = step_};
  auto saved = co_await journal_.save(record);
  if (!saved) co_return ended(saved.error());

  const Move move{.number = step_, .step = plan_.steps()[step_], .before = plan_.before(step_), .after = plan_.after(step_)};
  auto performed = co_await performer_.perform(move);
  if (performed && *performed == Performed::waits_for_people) co_return ended(End::waiting, step_text() + " is for people");
  auto again = co_await look();
  if (!again) co_return ended(performed ? again.error() : performed.error());
  // The device decides, not the answer: one that got lost makes a step that was done look refused.
  if (is(move.after)) co_return std::nullopt;
  // A trial may end before its confirmation as well as in the step that began it.
  for (const model::State* expected : {&move.after, &move.before}) {
    if (gone_back(plan_.catalogue(), *expected, seen_).empty()) continue;
    WalkResult back = off_the_plan(*expected);
    if (!performed) back.reason += ": " + performed.error().what;
    co_return back;
  }
  if (!performed) co_return ended(performed.error());
  if (place() == Place::before) co_return ended(End::refused, step_text() + " was accepted, but did not happen");
  co_return off_the_plan(move.after);
}

asio::awaitable<WalkResult> Walk::run() {
  if (step_ > plan_.steps().size()) co_return ended(End::elsewhere, "the journal is about another plan");
  for (; step_ < plan_.steps().size(); ++step_) {
    auto stopped = co_await take();
    if (stopped) co_return *std::move(stopped);
  }
  auto seen = co_await look();
  if (!seen) co_return ended(seen.error());
  if (is(plan_.end())) co_return ended(End::arrived, {});
  co_return ended(End::elsewhere, "at the end: " + *difference(plan_.catalogue(), plan_.end(), seen_));
}

}  // namespace

std::string_view text(End end) {
  switch (end) {
    case End::arrived:
      return "arrived";
    case End::waiting:
      return "waiting";
    case End::reverted:
      return "reverted";
    case End::elsewhere:
      return "elsewhere";
    case End::refused:
      return "refused";
    case End::unreachable:
      return "unreachable";
    case End::cancelled:
      return "cancelled";
  }
  return "?";
}

asio::awaitable<WalkResult> walk(CertifiedPlan plan, WalkRecord from, Performer& performer, WalkJournal& journal,
                                 CancelWanted cancel) {
  Walk walk(std::move(plan), from, performer, journal, std::move(cancel));
  auto result = co_await walk.run();
  co_return result;
}

asio::awaitable<Outcome<WalkResult>> pursue(Replan replan, WalkJournal& journal, CancelWanted cancel,
                                            std::uint32_t replans_most) {
  for (std::uint32_t replans = 0;; ++replans) {
    auto course = co_await replan();
    if (!course) co_return Fail(std::move(course).error());
    auto result = co_await walk(course->plan, course->from, *course->performer, journal, cancel);
    if (result.end != End::elsewhere || replans == replans_most) co_return result;
  }
}

}  // namespace lockstep::walk
