#include "host/cli/terminal.hpp"

#include <unistd.h>
#include <algorithm>
#include <cstdlib>

#include "host/base/text.hpp"

namespace lockstep::cli {
namespace {

std::string padded(std::string text, std::size_t width) {
  const std::size_t used = display_width(text);
  if (used < width) text.append(width - used, ' ');
  return text;
}

}  // namespace

Table::Table(std::initializer_list<std::string_view> header) {
  rows_.emplace_back(header.begin(), header.end());
}

void Table::row(std::vector<std::string> cells) {
  cells.resize(rows_[0].size());
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_[0].size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += padded(row[i], widths[i] + 2);
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

void Details::line(std::string_view name, std::string_view value) {
  lines_.emplace_back(name, printable(value));
}

std::string Details::text() const {
  std::size_t width = 0;
  for (const auto& [name, value] : lines_) width = std::max(width, display_width(name));
  std::string out;
  for (const auto& [name, value] : lines_) out += padded(name, width + 2) + value + "\n";
  return out;
}

Terminal::Terminal(std::FILE* out, std::FILE* err) : out_(out), err_(err) {
  err_is_tty_ = ::isatty(::fileno(err)) == 1;
  const char* no_colour = std::getenv("NO_COLOR");  // https://no-color.org
  colour_ = err_is_tty_ && !(no_colour && *no_colour);
}

void Terminal::show(const json::value& document, std::string_view text) {
  shown_ = true;
  const std::string pretty = json_ ? pretty_json(document) : std::string();
  const std::string_view answer = json_ ? std::string_view(pretty) : text;
  std::fwrite(answer.data(), 1, answer.size(), out_);
  if (!answer.ends_with('\n')) std::fputc('\n', out_);
}

void Terminal::note(std::string_view text) {
  if (!quiet_) draw("lockstep: " + std::string(text) + "\n");
}

void Terminal::fail(const Error& error) {
  const std::string_view mark = colour_ ? "\x1b[1;31m" : "", plain = colour_ ? "\x1b[0m" : "";
  // An error may be a list, a line each (what is wrong in a manifest).
  std::string_view rest = error.what;
  do {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    draw(std::string(mark) + "lockstep: " + std::string(plain) + printable(rest.substr(0, end)) + "\n");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  } while (!rest.empty());
  if (!error.next.empty()) draw("  next: " + printable(error.next) + "\n");
  if (!json_ || shown_) return;
  json::object details{{"kind", json::string_view(name(error.kind))}, {"what", error.what}};
  if (!error.next.empty()) details["next"] = error.next;
  json::object document;
  document["error"] = std::move(details);
  show(document, "");
}

void Terminal::draw(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), err_);
  std::fflush(err_);
}

bool Terminal::flush() { return std::fflush(out_) == 0 && !std::ferror(out_); }

std::string_view name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return "invalid";
    case ErrorKind::refused:
      return "refused";
    case ErrorKind::not_found:
      return "not_found";
    case ErrorKind::conflict:
      return "conflict";
    case ErrorKind::unreachable:
      return "unreachable";
    case ErrorKind::device:
      return "device";
    case ErrorKind::io:
      return "io";
    case ErrorKind::cancelled:
      return "cancelled";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace lockstep::cli
