// A suite: what to do on a rig and what must be seen, as its XML file describes it. Data only.
// Format and examples: hil-tests/README.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"

namespace lockstep::hil {

struct StepKind;  // step.hpp

// One step as written; ${name} is replaced just before it runs.
struct StepSpec {
  const StepKind* kind = nullptr;  // never null in a parsed suite; null for a child element
  std::string name;                // element name
  std::uint32_t line = 0;
  std::string content = {};        // character data
  std::map<std::string, std::string, std::less<>> attributes;
  std::vector<StepSpec> children;  // e.g. the <assert> of a <request>

  // The attribute's text; empty when it is absent.
  std::string_view get(std::string_view attribute) const;
  bool has(std::string_view attribute) const { return attributes.find(attribute) != attributes.end(); }
};

// Which outcomes of an attempt call for another one.
enum class RerunOn : std::uint8_t {
  error,   // trouble of the rig, or inconclusive
  failed,  // the device failed
  any,     // both
};

struct TestSpec {
  std::string id;
  std::vector<std::string> needs;  // ids of earlier tests
  std::vector<std::string> tags;
  std::string requirement;
  std::optional<std::chrono::milliseconds> timeout;
  std::uint32_t attempts = 1;
  RerunOn rerun_on = RerunOn::error;
  std::vector<StepSpec> setup;     // again for each attempt
  std::vector<StepSpec> steps;
  std::vector<StepSpec> teardown;  // after each attempt, whatever happened
  std::uint32_t line = 0;
};

struct ParamSpec {
  enum class Type : std::uint8_t { text, number, duration, artifact };
  std::string name;
  Type type = Type::text;
  std::string role;       // artifact: "candidate" (from the release) or "baseline"
  std::string component;  // artifact: which component of the release
  std::optional<std::string> value;  // default; an artifact has none
  std::uint32_t line = 0;
};

struct Requirement {
  std::string what;   // "board", "tag", "capability", "console", "power", "flash", "smp"
  std::string name;   // capability, console, power, flash, smp: its name
  std::string value;  // board, tag: its value; capability: the exact value, when one is asked for
  std::uint32_t line = 0;
};

struct Timeouts {
  std::chrono::milliseconds suite = std::chrono::minutes(10);
  std::chrono::milliseconds test = std::chrono::seconds(120);
  std::chrono::milliseconds step = std::chrono::seconds(30);
};

struct Suite {
  std::string name;
  std::string version;
  std::string owner;
  std::vector<Requirement> requirements;
  std::vector<ParamSpec> params;
  Timeouts timeouts;
  std::vector<StepSpec> setup;
  std::vector<TestSpec> tests;
  std::vector<StepSpec> teardown;
  std::string file_name;
  std::string text;    // the file as read; stored with each run
  std::string sha256;  // of `text`, hex
};

// Everything that can be known before running is checked here: elements, attributes, durations, patterns, that every
// ${name} is a parameter, a fact or a capture made by an earlier step, that needs name earlier tests.
// Errors: invalid, with file:line and what was expected.
Outcome<Suite> parse_suite(std::string_view xml, std::string_view file_name);

}  // namespace lockstep::hil
