// A rig: the place where a suite runs, as its XML file describes it. Data only; drivers.hpp has the things that act.
// Format and examples: hil-tests/README.md. The schema table is in schema.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"

namespace lockstep::hil {

struct ConsoleSpec {
  std::string name;
  std::string path;                         // Unix socket that the board's power-on creates
  std::chrono::milliseconds open_within{};  // after power-on
  std::uint32_t line = 0;
};

struct PowerSpec {
  std::string name;
  std::vector<std::string> command;  // program and arguments; starting it is power on, killing it is a power cut
  std::uint32_t line = 0;
};

struct FlashSpec {
  std::string name;
  std::string file;                // the board's flash contents
  std::uint64_t size_bytes = 0;    // the file is created at this size when it is missing
  std::uint64_t offset_bytes = 0;  // where the image goes
  std::uint64_t area_bytes = 0;    // room for it
  std::uint64_t erase_from_bytes = 0;  // what is erased before: at least the area
  std::uint64_t erase_bytes = 0;
  std::uint32_t line = 0;
};

// Where the device answers SMP: a link of its own, or a console, which then carries both (SMP console framing).
struct SmpSpec {
  std::string name;
  std::string uri;      // as `lockstep link probe` takes it; or
  std::string console;  // name of a console
  std::uint32_t line = 0;
};

struct Dut {
  std::string slot = "main";
  std::string board;
  std::string revision;
  std::string serial;  // the device that must answer before anything is written to it
  std::string product;
  std::map<std::string, std::string> capabilities;
  std::map<std::string, std::string> software;  // used with it, by component: version
  std::vector<ConsoleSpec> consoles;
  std::vector<PowerSpec> powers;
  std::vector<FlashSpec> flashes;
  std::vector<SmpSpec> smps;
};

struct Rig {
  std::string id;
  std::string site;
  std::vector<std::string> tags;
  Dut dut;
  std::string text;    // the file as read; stored with each run
  std::string sha256;  // of `text`, hex
};

// Errors: invalid, with file:line, what was expected and, for a misspelt name, which one is near.
// Values may hold ${name}; they are replaced when a run assembles the rig (engine.hpp lists the names).
Outcome<Rig> parse_rig(std::string_view xml, std::string_view file_name);

}  // namespace lockstep::hil
