// The program's commands and their options. CLI11 does the work, and is compiled in command.cpp and program.cpp only:
// in every file that has options it would take half of the compile time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace lockstep::cli {

// What is wrong with a value; empty: nothing.
using Check = std::function<std::string(const std::string&)>;

// A number as the options take it: 512 or 0x200.
std::optional<std::uint32_t> number_of_option(const std::string& text);

// An option, or an argument without a name. Like Command only a name for what the program owns.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(&option) {}

  const Option& required(bool is = true) const;
  const Option& type_name(const std::string& form) const;        // for the help
  const Option& capture_default_str() const;                     // the help shows the default
  const Option& allow_extra_args(bool may = true) const;         // --x A B instead of --x A --x B
  const Option& delimiter(char between) const;                   // --x A,B
  const Option& check(Check check) const;
  const Option& needs(const std::string& other) const;           // only together with that one
  const Option& positive() const;
  const Option& in_range(unsigned least, unsigned most) const;
  const Option& one_of(const std::vector<std::string>& words) const;

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App& app) : app_(&app) {}

  Command add_subcommand(const std::string& name, const std::string& description) const;
  Command get_subcommand(const std::string& name) const;  // one that is there
  void require_subcommand() const;
  void footer(const std::string& text) const;  // below the help; after the subcommands were added, which inherit it
  // When the line names this command, and `wrong` finds nothing wrong with its options taken together.
  void callback(std::function<void()> action, std::function<std::string()> wrong = {}) const;

  // The value must outlive the command.
  Option add_option(const std::string& name, std::string& value, const std::string& description) const;
  Option add_option(const std::string& name, std::filesystem::path& value, const std::string& description) const;
  Option add_option(const std::string& name, std::vector<std::string>& values, const std::string& description) const;
  Option add_option(const std::string& name, std::vector<std::filesystem::path>& values, const std::string& description) const;
  Option add_option(const std::string& name, std::uint16_t& value, const std::string& description) const;
  Option add_option(const std::string& name, std::uint32_t& value, const std::string& description) const;
  Option add_option(const std::string& name, std::int64_t& value, const std::string& description) const;
  Option add_option(const std::string& name, std::optional<std::uint32_t>& value, const std::string& description) const;
  Option get_option(const std::string& name) const;        // one that is there
  Option add_flag(const std::string& name, bool& value, const std::string& description) const;

 private:
  CLI::App* app_;
};

// A noun of the command line ("image"): a group of verbs, one of which must be given.
Command add_noun(Command app, const std::string& name, const std::string& description);

}  // namespace lockstep::cli
