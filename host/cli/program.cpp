#include "host/cli/program.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <exception>
#include <sstream>

#include "host/base/text.hpp"
#include "host/cli/context.hpp"
#include "host/cli/nouns.hpp"

namespace lockstep::cli {
namespace {

constexpr int usage_exit_code = 2;

const CLI::App& deepest(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : deepest(*chosen.front());
}

// "lockstep image sign"
std::string full_name(const CLI::App& app) {
  return app.get_parent() ? full_name(*app.get_parent()) + " " + app.get_name() : app.get_name();
}

// "image sign: ", nothing for the program itself
std::string place(const CLI::App& app) {
  const std::string name = full_name(app);
  const std::size_t blank = name.find(' ');
  return blank == std::string::npos ? "" : name.substr(blank + 1) + ": ";
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* a = &app; a; a = a->get_parent())
    for (const CLI::Option* option : a->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands({})) names.push_back(verb->get_name());
  return names;
}

// What is wrong with a word that nothing on the line wanted.
Error unexpected(const CLI::App& at, const std::string& word) {
  const bool is_option = word.starts_with('-') && word.size() > 1;
  const auto verbs = verb_names(at);
  const std::string_view kind = is_option       ? "unknown option "
                                : verbs.empty() ? "unexpected argument "
                                                : "unknown command ";
  Error error{ErrorKind::invalid, place(at) + std::string(kind) + in_quotes(word)};
  const std::string name = word.substr(0, word.find('='));
  if (const auto meant = closest(name, is_option ? option_names(at) : verbs); meant)
    error.what += ", did you mean " + *meant + "?";
  return error;
}

// The place of the first word that is no option of the program or an option's value; the line's length when there is none.
std::size_t first_word(const CLI::App& app, const std::vector<std::string>& line, std::size_t from) {
  while (from < line.size() && line[from].starts_with('-')) {
    const CLI::Option* option = app.get_option_no_throw(line[from]);
    from += option && option->get_items_expected_max() > 0 ? 2 : 1;
  }
  return std::min(from, line.size());
}

// Whether a word that is no verb was meant to be one: no device is asked for then. Nobody mistypes a digit into a verb.
bool is_mistyped(const std::string& word, const std::vector<std::string>& verbs) {
  const bool has_digit = std::any_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c); });
  return !has_digit && closest(word, verbs).has_value();
}

// Writes the verb out where the line leaves it away (Shorthand).
void expand(const CLI::App& app, const Shorthand& shorthand, std::vector<std::string>& line) {
  const std::size_t noun = first_word(app, line, 0);
  if (noun == line.size() || line[noun] != shorthand.noun) return;
  const auto is_mark = [&](const std::string& each) { return each == shorthand.mark || each.starts_with(shorthand.mark + '='); };
  const std::size_t word = first_word(app, line, noun + 1);
  if (word == line.size()) return;
  if (is_mark(line[noun + 1])) {  // no noun has it itself, so the verb is left away before it
    line.insert(line.begin() + static_cast<std::ptrdiff_t>(noun + 1), shorthand.verb);
    return;
  }
  const auto verbs = verb_names(*app.get_subcommand(shorthand.noun));
  if (std::find(verbs.begin(), verbs.end(), line[word]) != verbs.end() || is_mistyped(line[word], verbs)) return;
  if (std::any_of(line.begin(), line.end(), is_mark)) line.insert(line.begin() + static_cast<std::ptrdiff_t>(word), shorthand.verb);
}

Error usage_error(const CLI::App& app, const Shorthand& shorthand, const CLI::ParseError& parse_error) {
  const CLI::App& at = deepest(app);
  const auto extra = app.remaining(true);
  const bool names_extra = !extra.empty() && (dynamic_cast<const CLI::ExtrasError*>(&parse_error) ||
                                              dynamic_cast<const CLI::RequiredError*>(&parse_error));
  Error error{ErrorKind::invalid, place(at) + parse_error.what()};
  if (names_extra) {
    error = unexpected(at, extra.front());
  } else if (at.get_require_subcommand_min() > 0) {
    error.what = place(at) + "a command is missing";
  }
  error.next = full_name(at) + " --help";
  if (names_extra && at.get_name() == shorthand.noun && !extra.front().starts_with('-')) {
    error.next += fmt::format("; for a device of that name: {} {} {} {} ...", full_name(at), shorthand.verb, printable(extra.front()),
                              shorthand.mark);
  }
  return error;
}

void add_global_options(CLI::App& app, Context& context) {
  app.set_version_flag("--version", "lockstep " LOCKSTEP_VERSION);
  app.add_flag_callback(
      "--json", [&context] { context.terminal.set_json(true); }, "One JSON document on stdout");
  app.add_flag_callback(
      "-q,--quiet", [&context] { context.terminal.set_quiet(true); }, "No progress and no notes");
  app.add_option("--state", context.state_folder, "State folder (default: $XDG_STATE_HOME/lockstep)")
      ->type_name("DIR")
      ->check([](const std::string& folder) { return folder.empty() ? std::string("--state names no folder") : std::string(); });
  app.fallthrough();  // the options above may stand behind the command, too
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
}

int run_chosen(Context& context) {
  Terminal& terminal = context.terminal;
  try {
    const Outcome<void> outcome = context.chosen ? context.chosen() : Outcome<void>();
    if (!outcome) terminal.fail(outcome.error());
    const bool written = terminal.flush() || errno == EPIPE;  // `| head` has seen enough
    if (!written) terminal.fail({ErrorKind::io, "the answer could not be written to stdout"});
    return !outcome ? exit_code(outcome.error()) : written ? 0 : 1;
  } catch (const std::exception& e) {
    terminal.fail(
        {ErrorKind::internal, std::string("a defect in Lockstep: ") + e.what(), "please report it"});
    terminal.flush();
    return 1;
  }
}

}  // namespace

std::string replace_hint() { return "choose another name, or pass --force to replace it"; }

int run(int argc, const char* const* argv, Terminal& terminal) {
  CLI::App app("Lockstep: firmware and software of one product, released together", "lockstep");
  Context context(terminal);
  add_global_options(app, context);
  add_all_nouns(Command(app), context);
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]) == "--json") terminal.set_json(true);  // for errors found while parsing
  try {
    std::vector<std::string> line(argv + std::min(argc, 1), argv + argc);
    expand(app, context.shorthand, line);
    std::reverse(line.begin(), line.end());  // as CLI11 wants it
    app.parse(std::move(line));
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) {  // --help and --version
      std::ostringstream out;
      app.exit(e, out, out);
      terminal.set_json(false);
      terminal.show(nullptr, out.str());
      return terminal.flush() ? 0 : 1;
    }
    terminal.fail(usage_error(app, context.shorthand, e));
    terminal.flush();
    return usage_exit_code;
  }
  return run_chosen(context);
}

}  // namespace lockstep::cli
