// <wait for="2 s" reason="radio settles"/>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "host/hil/quantity.hpp"
#include "host/hil/steps.hpp"

namespace lockstep::hil {
namespace {

constexpr xml::Attribute attributes[] = {
    {"for", xml::Type::text, xml::Use::required, "duration; ${name} may be used"},
    {"reason", xml::Type::text, xml::Use::required, "why a wait and not an expectation"},
    mark_attribute,
};
constexpr xml::Element elements[] = {
    {.name = "wait", .attributes = attributes, .doc = "Lets time pass. Prefer <expect>, which ends as soon as it may."},
};

Outcome<void> check(const StepSpec& step) { return check_duration(step, "for"); }

std::chrono::milliseconds deadline(const StepSpec& step) {
  auto parsed = parse_duration(step.get("for"));
  return (parsed ? *parsed : std::chrono::milliseconds(0)) + std::chrono::seconds(5);
}

asio::awaitable<StepEnd> run(StepContext&, StepSpec step) {
  auto pause = parse_duration(step.get("for"));
  if (!pause) co_return step_broken(pause.error().what);
  asio::steady_timer timer(co_await asio::this_coro::executor, *pause);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return step_passed();
}

std::string about(const StepSpec& step) { return std::string(step.get("for")) + ", " + std::string(step.get("reason")); }

}  // namespace

constinit const StepKind wait_step{.elements = elements,
                                   .on_deadline = Verdict::error,
                                   .check = check,
                                   .about = about,
                                   .deadline = deadline,
                                   .run = run};

}  // namespace lockstep::hil
