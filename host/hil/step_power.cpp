// <power state="on"/>: switches a supply of the device under test.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "host/hil/quantity.hpp"
#include "host/hil/steps.hpp"

namespace lockstep::hil {
namespace {

constexpr xml::Attribute attributes[] = {
    {"name", xml::Type::identifier, xml::Use::optional, "which supply of the rig; else the only one"},
    {"state", xml::Type::choice, xml::Use::required, "cycle: off, a pause, on", {}, "on off cycle"},
    {"off-for", xml::Type::duration, xml::Use::optional, "pause of a cycle", "200 ms"},
    mark_attribute,
    timeout_attribute,
};
constexpr xml::Element elements[] = {
    {.name = "power", .attributes = attributes, .doc = "Switches the device on or off; off is as sudden as a power cut."},
};

asio::awaitable<StepEnd> run(StepContext& context, StepSpec step) {
  auto name = context.bench.power_name(step.get("name"));
  if (!name) co_return step_broken(name.error().what);
  const std::string_view state = step.get("state");
  if (state != "on") {
    auto off = co_await context.bench.power_off(*name);
    if (!off) co_return step_broken(off.error().what);
    context.marks["power.off"] = context.clock.now();
  }
  if (state == "cycle") {
    auto pause = parse_duration(step.get("off-for"));
    if (!pause) co_return step_broken(pause.error().what);
    asio::steady_timer timer(co_await asio::this_coro::executor, *pause);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  if (state == "off") co_return step_passed();
  auto on = co_await context.bench.power_on(*name);
  if (!on) co_return step_broken(on.error().what);
  context.marks["power.on"] = context.bench.last_power_on;
  co_return StepEnd{Verdict::passed, {}, context.bench.last_power_on};
}

// The consoles' own open-within ends it earlier; this is for a supply that does not answer.
std::chrono::milliseconds deadline(const StepSpec&) { return std::chrono::minutes(3); }

std::string about(const StepSpec& step) {
  return std::string(step.get("name")) + (step.has("name") ? " " : "") + std::string(step.get("state"));
}

}  // namespace

constinit const StepKind power_step{.elements = elements, .on_deadline = Verdict::error, .about = about,
                                    .deadline = deadline, .run = run};

}  // namespace lockstep::hil
