#include "host/cli/command.hpp"

#include <CLI/CLI.hpp>
#include <utility>

namespace lockstep::cli {
namespace {

template <class Value>
Option added(CLI::App& app, const std::string& name, Value& value, const std::string& description) {
  return Option(*app.add_option(name, value, description));
}

}  // namespace

std::optional<std::uint32_t> number_of_option(const std::string& text) {
  std::uint32_t number = 0;
  if (!CLI::detail::lexical_cast(text, number)) return std::nullopt;
  return number;
}

const Option& Option::required(bool is) const { return option_->required(is), *this; }
const Option& Option::type_name(const std::string& form) const { return option_->type_name(form), *this; }
const Option& Option::capture_default_str() const { return option_->capture_default_str(), *this; }
const Option& Option::allow_extra_args(bool may) const { return option_->allow_extra_args(may), *this; }
const Option& Option::delimiter(char between) const { return option_->delimiter(between), *this; }
const Option& Option::check(Check check) const { return option_->check(CLI::Validator(std::move(check), "")), *this; }
const Option& Option::needs(const std::string& other) const { return option_->needs(other), *this; }
const Option& Option::positive() const { return option_->check(CLI::PositiveNumber), *this; }
const Option& Option::in_range(unsigned least, unsigned most) const {
  return option_->check(CLI::Range(least, most)), *this;
}
const Option& Option::one_of(const std::vector<std::string>& words) const {
  return option_->check(CLI::IsMember(words)), *this;
}

Command Command::add_subcommand(const std::string& name, const std::string& description) const {
  return Command(*app_->add_subcommand(name, description));
}
Command Command::get_subcommand(const std::string& name) const { return Command(*app_->get_subcommand(name)); }
void Command::require_subcommand() const { app_->require_subcommand(1); }
void Command::footer(const std::string& text) const { app_->footer(text); }
void Command::callback(std::function<void()> action, std::function<std::string()> wrong) const {
  app_->callback([action = std::move(action), wrong = std::move(wrong)] {
    const std::string why = wrong ? wrong() : std::string();
    if (!why.empty()) throw CLI::ValidationError(why, CLI::ExitCodes::ValidationError);
    action();
  });
}

Option Command::add_option(const std::string& name, std::string& value, const std::string& description) const {
  return added(*app_, name, value, description);
}
Option Command::add_option(const std::string& name, std::filesystem::path& value, const std::string& description) const {
  return added(*app_, name, value, description);
}
Option Command::add_option(const std::string& name, std::vector<std::string>& values, const std::string& description) const {
  return added(*app_, name, values, description);
}
Option Command::add_option(const std::string& name, std::vector<std::filesystem::path>& values,
                           const std::string& description) const {
  return added(*app_, name, values, description);
}
Option Command::add_option(const std::string& name, std::uint16_t& value, const std::string& description) const {
  return added(*app_, name, value, description);
}
Option Command::add_option(const std::string& name, std::uint32_t& value, const std::string& description) const {
  return added(*app_, name, value, description);
}
Option Command::add_option(const std::string& name, std::int64_t& value, const std::string& description) const {
  return added(*app_, name, value, description);
}
Option Command::add_option(const std::string& name, std::optional<std::uint32_t>& value, const std::string& description) const {
  return added(*app_, name, value, description);
}
Option Command::get_option(const std::string& name) const { return Option(*app_->get_option(name)); }
Option Command::add_flag(const std::string& name, bool& value, const std::string& description) const {
  return Option(*app_->add_flag(name, value, description));
}

Command add_noun(Command app, const std::string& name, const std::string& description) {
  const Command noun = app.add_subcommand(name, description);
  noun.require_subcommand();
  return noun;
}

}  // namespace lockstep::cli
