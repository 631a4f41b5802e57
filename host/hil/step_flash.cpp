// <flash artifact="${baseline}"/>: makes an image what the board starts with, past any updater.
#include "host/hil/steps.hpp"

namespace lockstep::hil {
namespace {

constexpr xml::Attribute attributes[] = {
    {"name", xml::Type::identifier, xml::Use::optional, "which flash of the rig; else the only one"},
    {"artifact", xml::Type::text, xml::Use::required, "an artifact parameter: ${image}"},
    mark_attribute,
    timeout_attribute,
};
constexpr xml::Element elements[] = {
    {.name = "flash",
     .attributes = attributes,
     .doc = "Erases the flash area, writes the image, reads it back. The power must be off."},
};

asio::awaitable<StepEnd> run(StepContext& context, StepSpec step) {
  auto flash = context.bench.flash(step.get("name"));
  if (!flash) co_return step_broken(flash.error().what);
  const auto image = context.artifacts.find(step.get("artifact"));
  if (image == context.artifacts.end()) {
    co_return step_broken("\"" + std::string(step.get("artifact")) + "\" is no artifact parameter of the suite");
  }
  if (context.bench.any_power_on()) co_return step_broken("the board is on; switch it off before its flash is written");
  Artifact artifact = image->second;
  auto written = co_await (*flash)->write(artifact);
  if (!written) co_return step_broken(written.error().what);
  co_return step_passed();
}

std::string about(const StepSpec& step) { return std::string(step.get("artifact")); }

}  // namespace

constinit const StepKind flash_step{.elements = elements, .on_deadline = Verdict::error, .about = about, .run = run};

}  // namespace lockstep::hil
