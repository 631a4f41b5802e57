// What the commands that make plans do with one: files, the text of the terminal, and the way to say no.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/cli/command.hpp"
#include "host/cli/terminal.hpp"
#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::cli {

struct OutOptions {
  std::filesystem::path plan;
  std::filesystem::path svg;
  bool force = false;
};

// -o --svg --force. The options outlive the command.
void add_out_options(Command command, OutOptions& o);

// Errors: conflict, a file is there and --force is not; io.
Outcome<> write_outputs(Terminal& terminal, const OutOptions& o, const plan_file::Document& document);

// The text of a plan that was certified just now.
std::string certified_text(const plan_file::Document& document, bool least);

// "no plan takes gw-7 to gateway 2.0.0:", and the reasons.
std::string no_plan_text(std::string_view device, std::string_view release, const std::vector<std::string>& reasons);

}  // namespace lockstep::cli
