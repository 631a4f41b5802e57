#include "host/hil/command_line.hpp"

namespace lockstep::hil {

Outcome<std::vector<std::string>> split_command(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote) quote = 0;
      else word += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n') {
      if (in_word) words.push_back(std::move(word));
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (quote != 0) return fail(ErrorKind::invalid, "a quote has no end in the command line");
  if (in_word) words.push_back(std::move(word));
  if (words.empty()) return fail(ErrorKind::invalid, "the command line is empty");
  return words;
}

}  // namespace lockstep::hil
