// What every command gets: the terminal, the options that all commands share, and a place for its own
// options.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/cli/command.hpp"
#include "host/cli/terminal.hpp"

namespace lockstep::cli {

// A noun whose commonest verb may be left away: `plan gw-7 --to 2.0.0` is `plan device gw-7 --to 2.0.0`. A name that is a verb,
// or looks like one mistyped, needs the verb.
struct Shorthand {
  std::string noun;
  std::string verb;
  std::string mark;  // the option that says that the verb is meant
};

class Context {
 public:
  explicit Context(Terminal& t) : terminal(t) {}

  Terminal& terminal;                  // outlives this
  Shorthand shorthand;                 // set by the noun that has one
  std::filesystem::path state_folder;  // --state; empty: the default

  // A value for a command's options that lives as long as the program runs: parsing writes into it,
  // and the command reads it afterwards.
  template <class Options>
  Options& keep() {
    auto options = std::make_shared<Options>();  // shared only because it forgets the type
    kept_.push_back(options);
    return *options;
  }

  // Says what a command does once the whole line was understood. An Error ends the program with its exit code
  // (host/base/error.hpp); success with 0. `wrong`: what is wrong with the options taken together, which is wrong usage;
  // empty: nothing.
  void on_run(Command command, std::function<Outcome<void>()> action, std::function<std::string()> wrong = {}) {
    command.callback([this, action = std::move(action)] { chosen = action; }, std::move(wrong));
  }

  std::function<Outcome<void>()> chosen;  // set by parsing

 private:
  std::vector<std::shared_ptr<void>> kept_;
};

// A file that is written: --force in `force` allows replacing it. Next step in the error when it exists.
std::string replace_hint();

}  // namespace lockstep::cli
