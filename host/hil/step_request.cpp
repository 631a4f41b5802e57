// <request group="node" command="identity"><assert path="/serial" eq="${dut.serial}"/></request>: one SMP request.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "host/base/text.hpp"
#include "host/hil/cbor_json.hpp"
#include "host/hil/compare.hpp"
#include "host/hil/quantity.hpp"
#include "host/hil/steps.hpp"

namespace lockstep::hil {
namespace {

constexpr xml::Attribute attributes[] = {
    {"over", xml::Type::identifier, xml::Use::optional, "which smp link of the rig; else the only one"},
    {"group", xml::Type::identifier, xml::Use::required, "os, image, node, or a number"},
    {"command", xml::Type::identifier, xml::Use::required, "its name in that group, or a number"},
    {"op", xml::Type::choice, xml::Use::optional, "SMP operation", "read", "read write"},
    {"rc", xml::Type::count, xml::Use::optional, "the error code that must come back", "0"},
    {"within", xml::Type::text, xml::Use::optional, "duration for the answer", "3 s"},
    mark_attribute,
};
constexpr xml::Attribute send_attributes[] = {
    {"name", xml::Type::text, xml::Use::required, "key in the request's map"},
    {"text", xml::Type::text, xml::Use::optional, "a text value"},
    {"number", xml::Type::text, xml::Use::optional, "a whole number"},
    {"boolean", xml::Type::boolean, xml::Use::optional, "true or false"},
    {"bytes", xml::Type::text, xml::Use::optional, "bytes in hexadecimal"},
};
constexpr xml::Attribute assert_attributes[] = {
    {"path", xml::Type::text, xml::Use::required, "JSON pointer into the answer: /images/0/version"},
    eq_attribute, ne_attribute, ge_attribute, le_attribute, matches_attribute,
};
constexpr xml::Attribute capture_attributes[] = {
    {"name", xml::Type::identifier, xml::Use::required, "later ${name}"},
    {"path", xml::Type::text, xml::Use::required, "JSON pointer into the answer"},
};
constexpr xml::Child children[] = {
    {"send", xml::Count::any}, {"assert-path", xml::Count::any}, {"capture", xml::Count::any}};
constexpr xml::Element elements[] = {
    {.name = "request",
     .attributes = attributes,
     .children = children,
     .order = xml::Order::free,
     .doc = "Sends one SMP request and looks at the answer, which is seen as JSON (bytes as hexadecimal)."},
    {.name = "send", .attributes = send_attributes, .unique = "name", .doc = "One value of the request."},
    {.name = "assert", .id = "assert-path", .attributes = assert_attributes, .doc = "What must hold in the answer."},
    {.name = "capture", .attributes = capture_attributes, .doc = "Keeps a value of the answer."},
};
constexpr std::string_view patterns[] = {"matches"};

struct Name {
  std::string_view group;
  std::uint16_t group_id;
  std::string_view command;
  std::uint8_t command_id;
};
// SMP Groups of the Zephyr documentation; node is our own group (protocols/smp/node_group.hpp).
constexpr Name names[] = {
    {"os", 0, "echo", 0},        {"os", 0, "reset", 5},  {"os", 0, "params", 6},     {"os", 0, "info", 7},
    {"os", 0, "bootloader", 8},  {"image", 1, "state", 0}, {"image", 1, "erase", 5}, {"image", 1, "slots", 6},
    {"node", 64, "identity", 0}, {"node", 64, "health", 1},
};

template <class T>
std::optional<T> number(std::string_view text) {
  T value = 0;
  const auto [stop, errc] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (errc != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

Outcome<std::uint16_t> group_id(std::string_view text) {
  if (const auto value = number<std::uint16_t>(text)) return *value;
  for (const Name& name : names) {
    if (name.group == text) return name.group_id;
  }
  return fail(ErrorKind::invalid, fmt::format("unknown group \"{}\"; expected os, image, node or a number", text));
}

Outcome<std::uint8_t> command_id(std::string_view group, std::string_view text) {
  if (const auto value = number<std::uint8_t>(text)) return *value;
  std::string known;
  for (const Name& name : names) {
    if (name.group != group) continue;
    if (name.command == text) return name.command_id;
    known += fmt::format("{}, ", name.command);
  }
  return fail(ErrorKind::invalid, fmt::format("unknown command \"{}\"; expected {}or a number", text, known));
}

Outcome<SmpValue> read_value(const StepSpec& send) {
  SmpValue value{.key = std::string(send.get("name")), .value = send.get("boolean") == "true"};
  if (send.has("text")) value.value = std::string(send.get("text"));
  if (send.has("number")) {
    const auto whole = number<std::int64_t>(send.get("number"));
    if (!whole) return fail(ErrorKind::invalid, fmt::format("\"{}\" is no whole number", send.get("number")));
    value.value = *whole;
  }
  if (send.has("bytes")) {
    LOCKSTEP_TRY(bytes, from_hex(send.get("bytes")));
    value.value = std::move(bytes);
  }
  return value;
}

Outcome<SmpRequest> make_request(const StepSpec& step) {
  LOCKSTEP_TRY(group, group_id(step.get("group")));
  LOCKSTEP_TRY(command, command_id(step.get("group"), step.get("command")));
  LOCKSTEP_TRY(within, parse_duration(step.get("within")));
  SmpRequest request{.write = step.get("op") == "write", .group = group, .command = command, .values = {}, .within = within};
  for (const StepSpec& child : step.children) {
    if (child.name != "send") continue;
    LOCKSTEP_TRY(value, read_value(child));
    request.values.push_back(std::move(value));
  }
  return request;
}

Outcome<void> check(const StepSpec& step) {
  LOCKSTEP_TRY(group, group_id(step.get("group")));
  LOCKSTEP_TRY(command, command_id(step.get("group"), step.get("command")));
  (void)group, (void)command;
  LOCKSTEP_CHECK(check_duration(step, "within"));
  for (const StepSpec& child : step.children) {
    if (child.name == "assert") LOCKSTEP_CHECK(check_assert(child));
    const int values = child.has("text") + child.has("number") + child.has("boolean") + child.has("bytes");
    if (child.name == "send" && values != 1) {
      return fail(ErrorKind::invalid, "<send> needs exactly one of text, number, boolean, bytes");
    }
    if (child.has("path") && !child.get("path").starts_with("/")) {
      return fail(ErrorKind::invalid, fmt::format("path \"{}\" must begin with \"/\"", child.get("path")));
    }
  }
  return {};
}

std::vector<std::string> captures(const StepSpec& step) {
  std::vector<std::string> found;
  for (const StepSpec& child : step.children) {
    if (child.name == "capture") found.emplace_back(child.get("name"));
  }
  return found;
}

// `rc` of version 1, or the rc within `err` of version 2; absent means success.
std::int64_t code_of(const boost::json::value& answer) {
  boost::system::error_code ec;
  for (const std::string_view path : {"/err/rc", "/rc"}) {
    const auto* rc = answer.find_pointer(boost::json::string_view(path.data(), path.size()), ec);
    if (rc != nullptr && rc->is_number()) return rc->to_number<std::int64_t>(ec);
  }
  return 0;
}

StepEnd assess(StepContext& context, const StepSpec& step, const boost::json::value& answer) {
  const std::string all = boost::json::serialize(answer).substr(0, 400);
  const std::int64_t code = code_of(answer);
  if (fmt::format("{}", code) != step.get("rc")) {
    return step_failed(fmt::format("the device answered rc {}, expected {}: {}", code, step.get("rc"), all));
  }
  for (const StepSpec& child : step.children) {
    if (!child.has("path")) continue;
    boost::system::error_code ec;
    const std::string path(child.get("path"));
    const boost::json::value* const found = answer.find_pointer(path, ec);
    if (found == nullptr) return step_failed(fmt::format("the answer has no {}: {}", path, all));
    if (child.name == "capture") context.capture(std::string(child.get("name")), plain_text(*found));
    if (child.name != "assert") continue;
    if (const auto why = objection(child, *found)) return step_failed(fmt::format("{} {}; the answer: {}", path, *why, all));
  }
  return step_passed();
}

asio::awaitable<StepEnd> run(StepContext& context, StepSpec step) {
  auto port = context.bench.smp(step.get("over"));
  if (!port) co_return step_broken(port.error().what);
  auto request = make_request(step);
  if (!request) co_return step_broken(request.error().what);
  auto answer = co_await (*port)->request(*request);
  if (!answer) co_return step_error(answer.error());
  auto view = json_view(*answer);
  if (!view) co_return step_error(view.error());
  co_return assess(context, step, *view);
}

std::string about(const StepSpec& step) { return fmt::format("{} {}", step.get("group"), step.get("command")); }

std::chrono::milliseconds deadline(const StepSpec& step) {
  auto within = parse_duration(step.get("within"));
  // Opening the link comes on top of the answer's time.
  return (within ? *within : std::chrono::milliseconds(0)) + std::chrono::seconds(10);
}

}  // namespace

constinit const StepKind request_step{.elements = elements,
                                      .patterns = patterns,
                                      .check = check,
                                      .captures = captures,
                                      .about = about,
                                      .deadline = deadline,
                                      .run = run};

}  // namespace lockstep::hil
