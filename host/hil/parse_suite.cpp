#include <fmt/format.h>

#include "host/base/crypto.hpp"
#include "host/hil/quantity.hpp"
#include "host/hil/schema.hpp"
#include "host/hil/step.hpp"
#include "host/hil/suite.hpp"
#include "host/hil/suite_check.hpp"
#include "manifests/xml/reader.hpp"

namespace lockstep::hil {
namespace {

std::chrono::milliseconds duration(const xml::Node& node, std::string_view attribute) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(node.duration(attribute));
}

StepSpec read_step(const xml::Node& node) {
  StepSpec step{.kind = find_step_kind(node.name()), .name = std::string(node.name()),
                .line = static_cast<std::uint32_t>(node.line()), .content = node.content()};
  for (const xml::Attribute& attribute : node.element().attributes) {
    if (node.has(attribute.name)) step.attributes.emplace(attribute.name, node.text(attribute.name));
  }
  for (const xml::Node& child : node.children()) {
    StepSpec inner = read_step(child);
    inner.kind = nullptr;
    step.children.push_back(std::move(inner));
  }
  return step;
}

std::vector<StepSpec> read_steps(const xml::Node* node) {
  std::vector<StepSpec> steps;
  if (node == nullptr) return steps;
  for (const xml::Node& child : node->children()) {
    if (!child.is("setup") && !child.is("teardown")) steps.push_back(read_step(child));
  }
  return steps;
}

RerunOn rerun_on(std::string_view word) {
  if (word == "failed") return RerunOn::failed;
  return word == "any" ? RerunOn::any : RerunOn::error;
}

TestSpec read_test(const xml::Node& node) {
  TestSpec test{.id = node.text("id"), .needs = node.words("needs"), .tags = node.words("tags"),
                .requirement = node.text("requirement"), .attempts = node.count("attempts"),
                .rerun_on = rerun_on(node.text("rerun-on")), .line = static_cast<std::uint32_t>(node.line())};
  if (node.has("timeout")) test.timeout = duration(node, "timeout");
  test.setup = read_steps(node.child("setup"));
  test.steps = read_steps(&node);
  test.teardown = read_steps(node.child("teardown"));
  return test;
}

std::vector<Requirement> read_requirements(const xml::Node* node) {
  std::vector<Requirement> list;
  if (node == nullptr) return list;
  const auto line = static_cast<std::uint32_t>(node->line());
  if (node->has("board")) list.push_back({"board", "", node->text("board"), line});
  for (const std::string& tag : node->words("tags")) list.push_back({"tag", "", tag, line});
  for (const xml::Node& child : node->children()) {
    const std::string value = child.is("capability") ? child.text("value") : std::string();
    list.push_back({std::string(child.name()), child.text("name"), value, static_cast<std::uint32_t>(child.line())});
  }
  return list;
}

ParamSpec read_param(const xml::Node& node) {
  ParamSpec param{.name = node.text("name"), .role = node.text("role"), .component = node.text("component"),
                  .line = static_cast<std::uint32_t>(node.line())};
  const std::string type = node.text("type");
  using Type = ParamSpec::Type;
  param.type = type == "number" ? Type::number : type == "duration" ? Type::duration : type == "artifact" ? Type::artifact : Type::text;
  if (node.has("value")) param.value = node.text("value");
  return param;
}

}  // namespace

Outcome<Suite> parse_suite(std::string_view xml, std::string_view file_name) {
  LOCKSTEP_TRY(document, xml::read_or_error(suite_schema(), xml, std::string(file_name)));
  const xml::Node& root = document.root;
  Suite suite{.name = root.text("name"), .version = root.text("version"), .owner = root.text("owner"),
              .file_name = std::string(file_name), .text = std::string(xml), .sha256 = Sha256::of(xml).hex()};
  suite.requirements = read_requirements(root.child("requires"));
  if (const xml::Node* params = root.child("params")) {
    for (const xml::Node& param : params->children()) suite.params.push_back(read_param(param));
  }
  if (const xml::Node* timeouts = root.child("timeouts")) {
    suite.timeouts = {duration(*timeouts, "suite"), duration(*timeouts, "test"), duration(*timeouts, "step")};
  }
  suite.setup = read_steps(root.child("setup"));
  for (const xml::Node* test : root.children("test")) suite.tests.push_back(read_test(*test));
  suite.teardown = read_steps(root.child("teardown"));
  LOCKSTEP_CHECK(check_suite(suite));
  return suite;
}

}  // namespace lockstep::hil
