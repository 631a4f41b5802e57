// <log text="updated to ${image.version}"/>
#include "host/hil/steps.hpp"

namespace lockstep::hil {
namespace {

constexpr xml::Attribute attributes[] = {
    {"text", xml::Type::text, xml::Use::required, "what to write; ${name} may be used"},
    mark_attribute,
};
constexpr xml::Element elements[] = {
    {.name = "log", .attributes = attributes, .doc = "Writes a line into the run's record and its live view."},
};

asio::awaitable<StepEnd> run(StepContext& context, StepSpec step) {
  context.report({.kind = Progress::Kind::log, .subject = "log", .text = std::string(step.get("text"))});
  co_return step_passed();
}

std::string about(const StepSpec& step) { return std::string(step.get("text")); }

}  // namespace

constinit const StepKind log_step{.elements = elements, .on_deadline = Verdict::error, .about = about, .run = run};

}  // namespace lockstep::hil
