// <update to="candidate"/>: brings the running device to a release of the run, the way the fleet goes.
#include <fmt/format.h>

#include "host/hil/steps.hpp"

namespace lockstep::hil {
namespace {

constexpr xml::Attribute attributes[] = {
    {"over", xml::Type::identifier, xml::Use::optional, "which smp link of the rig; else the only one"},
    {"to", xml::Type::choice, xml::Use::optional, "which release of the run", "candidate", "candidate baseline"},
    {"expect", xml::Type::choice, xml::Use::optional, "how the update must end", "succeeded", "succeeded reverted failed"},
    mark_attribute,
    timeout_attribute,
};
constexpr xml::Element elements[] = {
    {.name = "update",
     .attributes = attributes,
     .doc = "Asks the device, plans, and walks the certified plan as in the field: uploads, tries, checks health, confirms."},
};

StepEnd assess(const StepSpec& step, const UpdateReport& report) {
  const std::string_view wanted = step.get("expect");
  if (text(report.end) == wanted && !report.rig_trouble) return step_passed();
  const std::string said = fmt::format("the update ended as {}, expected {}{}{}", text(report.end), wanted,
                                       report.reason.empty() ? "" : ": ", report.reason);
  return report.rig_trouble ? step_broken(said) : step_failed(said);
}

asio::awaitable<StepEnd> run(StepContext& context, StepSpec step) {
  auto updater = context.bench.updater(step.get("over"));
  if (!updater) co_return step_broken(updater.error().what);
  auto port = context.bench.smp(step.get("over"));
  if (port) (*port)->disconnect();
  const auto report = context.report;
  Updater::Progress progress = [report](std::string_view state, std::uint64_t done, std::uint64_t total) {
    report({.kind = Progress::Kind::update, .subject = "update", .text = std::string(state), .done = done, .total = total});
  };
  std::string to(step.get("to"));
  context.marks["update.start"] = context.clock.now();
  const UpdateReport ended = co_await (*updater)->update(std::move(to), progress);
  context.marks["update.end"] = context.clock.now();
  co_return assess(step, ended);
}

std::string about(const StepSpec& step) {
  return fmt::format("to the {} expect {}", step.get("to"), step.get("expect"));
}

ReleaseNeed release_needed(const StepSpec& step) {
  return {.role = std::string(step.get("to")), .stays = step.get("expect") == text(UpdateEnd::succeeded)};
}

std::chrono::milliseconds deadline(const StepSpec&) { return std::chrono::minutes(5); }

}  // namespace

std::string_view text(UpdateEnd end) {
  switch (end) {
    case UpdateEnd::succeeded: return "succeeded";
    case UpdateEnd::reverted: return "reverted";
    case UpdateEnd::failed: return "failed";
    case UpdateEnd::unreachable: return "unreachable";
    case UpdateEnd::cancelled: return "cancelled";
  }
  return "?";
}

constinit const StepKind update_step{.elements = elements, .about = about, .deadline = deadline, .release_needed = release_needed, .run = run};

}  // namespace lockstep::hil
