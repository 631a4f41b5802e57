#include <vector>

#include "host/hil/schema.hpp"
#include "host/hil/step.hpp"

namespace lockstep::hil {
namespace {

using xml::Count;
using xml::Type;
using xml::Use;

constexpr xml::Attribute suite_attributes[] = {
    {"name", Type::identifier, Use::required, "part of every result and of the evidence"},
    {"version", Type::identifier, Use::required, "raise it when the meaning changes"},
    {"owner", Type::text, Use::optional, "whom to ask"},
};
constexpr xml::Child suite_children[] = {{"requires", Count::optional}, {"params", Count::optional},
                                         {"timeouts", Count::optional}, {"setup", Count::optional},
                                         {"test", Count::at_least_one}, {"teardown", Count::optional}};

constexpr xml::Attribute requires_attributes[] = {
    {"board", Type::identifier, Use::optional, "the rig's board"},
    {"tags", Type::identifiers, Use::optional, "tags that the rig must have"},
};
constexpr xml::Child requires_children[] = {{"capability", Count::any}, {"console", Count::any},
                                            {"requires-power", Count::any},
                                            {"requires-flash", Count::any}, {"smp", Count::any}};
constexpr xml::Attribute capability_attributes[] = {
    {"name", Type::identifier, Use::required, "of the capability"},
    {"value", Type::text, Use::optional, "that it must have"},
};
constexpr xml::Attribute name_attributes[] = {{"name", Type::identifier, Use::required, "in the rig file"}};

constexpr xml::Child params_children[] = {{"param", Count::at_least_one}};
constexpr xml::Attribute param_attributes[] = {
    {"name", Type::identifier, Use::required, "used as ${name}; of an artifact also ${name.version} .hash .sha256 .size"},
    {"type", Type::choice, Use::required, "artifact: an image", {}, "text number duration artifact"},
    {"role", Type::choice, Use::optional, "artifact: candidate is the release under test", {}, "candidate baseline"},
    {"component", Type::identifier, Use::optional, "artifact: which component of the release", "app"},
    {"value", Type::text, Use::optional, "default; without one the caller must give it"},
};

constexpr xml::Attribute timeouts_attributes[] = {
    {"suite", Type::duration, Use::optional, "all tests; teardown has its own time", "10 min"},
    {"test", Type::duration, Use::optional, "one attempt of a test", "120 s"},
    {"step", Type::duration, Use::optional, "one step that says nothing else", "30 s"},
};

constexpr xml::Attribute test_attributes[] = {
    {"id", Type::identifier, Use::required, "unique; its name in results"},
    {"needs", Type::identifiers, Use::optional, "earlier tests that must have passed, else this one is skipped"},
    {"tags", Type::identifiers, Use::optional, "for gates and people"},
    {"requirement", Type::text, Use::optional, "what the test proves, e.g. REQ-BOOT-01"},
    {"timeout", Type::duration, Use::optional, "one attempt; else the suite's test timeout"},
    {"attempts", Type::count, Use::optional, "at most so many, 1 to 10; a pass after the first is passed-unstable", "1"},
    {"rerun-on", Type::choice, Use::optional, "which outcome calls for another attempt", "error", "error failed any"},
};

constexpr xml::Element fixed_elements[] = {
    {.name = "suite", .attributes = suite_attributes, .children = suite_children, .doc = "What must be seen on a rig."},
    {.name = "requires", .attributes = requires_attributes, .children = requires_children, .order = xml::Order::free,
     .doc = "What the rig must have; without it nothing is run and the verdict is blocked."},
    {.name = "capability", .attributes = capability_attributes, .unique = "name", .doc = "A capability of the rig."},
    {.name = "console", .attributes = name_attributes, .unique = "name", .doc = "A console of that name."},
    {.name = "power", .id = "requires-power", .attributes = name_attributes, .unique = "name", .doc = "A supply of that name."},
    {.name = "flash", .id = "requires-flash", .attributes = name_attributes, .unique = "name", .doc = "A flash of that name."},
    {.name = "smp", .attributes = name_attributes, .unique = "name", .doc = "An SMP link of that name."},
    {.name = "params", .children = params_children, .doc = "What the caller may or must give."},
    {.name = "param", .attributes = param_attributes, .unique = "name", .doc = "One parameter."},
    {.name = "timeouts", .attributes = timeouts_attributes, .doc = "How long things may take."},
};

// The table has the rows of all steps, so it is put together once, at first use.
struct Table {
  std::vector<xml::Child> step_children;
  std::vector<xml::Child> test_children;
  std::vector<xml::Element> elements;
  xml::Schema schema{};

  Table() {
    for (const StepKind* kind : step_kinds()) step_children.push_back({kind->elements.front().key(), Count::any});
    test_children = {{"test-setup", Count::optional}, {"test-teardown", Count::optional}};
    test_children.insert(test_children.end(), step_children.begin(), step_children.end());
    elements.assign(std::begin(fixed_elements), std::end(fixed_elements));
    for (const char* id : {"setup", "test-setup"}) {
      elements.push_back({.name = "setup", .id = id, .children = step_children, .order = xml::Order::free,
                          .doc = "Steps before; in a test before each attempt."});
    }
    elements.push_back({.name = "test", .attributes = test_attributes, .children = test_children,
                        .order = xml::Order::free, .unique = "id", .doc = "Steps in order; the first that does not pass ends it."});
    for (const char* id : {"teardown", "test-teardown"}) {
      elements.push_back({.name = "teardown", .id = id, .children = step_children, .order = xml::Order::free,
                          .doc = "Steps after, whatever happened; one that fails does not stop the next."});
    }
    for (const StepKind* kind : step_kinds()) elements.insert(elements.end(), kind->elements.begin(), kind->elements.end());
    schema = {.ns = "urn:lockstep:suite:1", .root = "suite", .elements = elements,
              .doc = "Suite: what to do with a device on a rig, and what must be seen."};
  }
};

}  // namespace

const xml::Schema& suite_schema() {
  static const Table table;
  return table.schema;
}

}  // namespace lockstep::hil
