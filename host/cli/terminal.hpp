// How the program speaks. A command's answer is one thing on stdout: a text for people, or with --json one
// document. Everything else (progress, notes, errors) goes to stderr, so that an answer can be piped.
#pragma once

#include <cstdio>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/json.hpp"

namespace lockstep::cli {

// Rows under a header, columns as wide as they need to be; cells are made printable.
class Table {
 public:
  explicit Table(std::initializer_list<std::string_view> header);
  void row(std::vector<std::string> cells);  // missing cells are empty
  std::string text() const;                  // lines with ends; only the header when there are no rows

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "name  value" lines for one thing; cells are made printable.
class Details {
 public:
  void line(std::string_view name, std::string_view value);
  std::string text() const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

class Terminal {
 public:
  // The streams outlive this. Colour and bars only where a stream is a terminal (and NO_COLOR is not set).
  explicit Terminal(std::FILE* out = stdout, std::FILE* err = stderr);

  void set_json(bool json) { json_ = json; }
  void set_quiet(bool quiet) { quiet_ = quiet; }
  bool json() const { return json_; }
  bool quiet() const { return quiet_; }
  bool has_bar() const { return err_is_tty_ && !quiet_; }

  // The command's answer; call it once. The document is what scripts read: its members only ever grow.
  void show(const json::value& document, std::string_view text);
  void show(const json::value& document, const Table& table) { show(document, table.text()); }
  void show(const json::value& document, const Details& details) { show(document, details.text()); }

  // For people, on stderr: something they should know; dropped by --quiet.
  void note(std::string_view text);
  // The end of a command that failed: "lockstep: WHAT" and "  next: WHAT TO DO" on stderr, and with --json
  // the document {"error": {"kind", "what", "next"}} on stdout unless an answer was shown before.
  void fail(const Error& error);

  // A piece of a bar, as it is, on stderr.
  void draw(std::string_view text);

  // False when something could not be written to stdout (a full disk, a closed pipe).
  bool flush();

 private:
  std::FILE* out_;
  std::FILE* err_;
  bool json_ = false;
  bool quiet_ = false;
  bool err_is_tty_ = false;
  bool colour_ = false;
  bool shown_ = false;
};

std::string_view name(ErrorKind kind);  // as the JSON document has it

}  // namespace lockstep::cli
