// <update artifact="${image}"/>: brings an image onto the running device by the fleet's own update path.
#include <fmt/format.h>

#include "host/hil/steps.hpp"

namespace lockstep::hil {
namespace {

constexpr xml::Attribute attributes[] = {
    {"over", xml::Type::identifier, xml::Use::optional, "which smp link of the rig; else the only one"},
    {"artifact", xml::Type::text, xml::Use::required, "an artifact parameter: ${image}"},
    {"expect", xml::Type::choice, xml::Use::optional, "how the update must end", "succeeded", "succeeded reverted failed"},
    mark_attribute,
    timeout_attribute,
};
constexpr xml::Element elements[] = {
    {.name = "update",
     .attributes = attributes,
     .doc = "Proves the device's identity, uploads, marks, resets, checks health and confirms, as in the field."},
};

StepEnd assess(const StepSpec& step, const UpdateReport& report) {
  const std::string_view wanted = step.get("expect");
  if (text(report.end) == wanted) return step_passed();
  const std::string said = fmt::format("the update ended as {}, expected {}{}{}", text(report.end), wanted,
                                       report.reason.empty() ? "" : ": ", report.reason);
  return report.rig_trouble ? step_broken(said) : step_failed(said);
}

asio::awaitable<StepEnd> run(StepContext& context, StepSpec step) {
  auto updater = context.bench.updater(step.get("over"));
  if (!updater) co_return step_broken(updater.error().what);
  auto port = context.bench.smp(step.get("over"));
  if (port) (*port)->disconnect();
  const auto image = context.artifacts.find(step.get("artifact"));
  if (image == context.artifacts.end()) {
    co_return step_broken(fmt::format("\"{}\" is no artifact parameter of the suite", step.get("artifact")));
  }
  const auto report = context.report;
  Updater::Progress progress = [report](std::string_view state, std::uint64_t done, std::uint64_t total) {
    report({.kind = Progress::Kind::update, .subject = "update", .text = std::string(state), .done = done, .total = total});
  };
  Artifact artifact = image->second;
  context.marks["update.start"] = context.clock.now();
  const UpdateReport ended = co_await (*updater)->update(artifact, progress);
  context.marks["update.end"] = context.clock.now();
  co_return assess(step, ended);
}

std::string about(const StepSpec& step) {
  return fmt::format("{} expect {}", step.get("artifact"), step.get("expect"));
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

constinit const StepKind update_step{.elements = elements, .about = about, .deadline = deadline, .run = run};

}  // namespace lockstep::hil
