#include "manifests/xml/wellformed.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <vector>

#include "host/base/text.hpp"

namespace lockstep::xml {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool in_name(char c) { return begins_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':'; }

// XML 1.0 production [2] Char.
bool is_xml_char(std::uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
         (c >= 0x10000 && c <= 0x10FFFF);
}

class Scanner {
 public:
  Scanner(std::string_view bytes, const Limits& limits) : rest_(bytes), limits_(limits) {}

  std::optional<Problem> run() {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
    if (rest_.starts_with("<?xml") && rest_.size() > 5 && is_blank(rest_[5])) declaration();
    while (!problem_ && !rest_.empty()) piece();
    if (!problem_ && !open_.empty()) object("the file ends inside <" + std::string(open_.back()) + ">");
    if (!problem_ && !root_seen_) object("the file has no element");
    return std::move(problem_);
  }

 private:
  void object(std::string what) {
    if (problem_) return;
    problem_ = Problem{.line = line_, .element = open_.empty() ? "" : std::string(open_.back()), .what = std::move(what)};
  }

  // Everything that is read goes through here, so that lines are counted.
  std::string_view take(std::size_t n) {
    const std::string_view taken = rest_.substr(0, n);
    line_ += static_cast<int>(std::count(taken.begin(), taken.end(), '\n'));
    rest_.remove_prefix(taken.size());
    return taken;
  }
  // The text up to `end`, which is taken too; objects when it does not come.
  std::string_view take_through(std::string_view end, const char* what) {
    const std::size_t at = rest_.find(end);
    if (at == rest_.npos) {
      object(std::string(what) + " does not end");
      rest_ = {};
      return {};
    }
    const std::string_view inside = take(at);
    take(end.size());
    return inside;
  }
  bool skip_blanks() {
    const std::size_t end = std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size());
    take(end);
    return end > 0;
  }

  void declaration() {
    const std::string_view inside = take_through("?>", "the XML declaration");
    std::string compact;
    for (const char c : inside.substr(std::min<std::size_t>(inside.size(), 5))) {
      if (!is_blank(c)) compact += c == '\'' ? '"' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (compact != "version=\"1.0\"" && compact != "version=\"1.0\"encoding=\"utf-8\"") {
      object("expected <?xml version=\"1.0\" encoding=\"UTF-8\"?>: only UTF-8 is read");
    }
  }

  void piece() {
    if (rest_.starts_with("<!--")) return comment();
    if (rest_.starts_with("<![CDATA[")) return cdata();
    if (rest_.starts_with("<!")) return object("DOCTYPE and entity declarations are not allowed");
    if (rest_.starts_with("<?")) return object("processing instructions are not allowed");
    if (rest_.starts_with("</")) return end_tag();
    if (rest_.starts_with("<")) return start_tag();
    text();
  }

  void comment() {
    take(4);
    const std::string_view inside = take_through("-->", "a comment");
    if (inside.find("--") != inside.npos || inside.ends_with('-')) object("\"--\" is not allowed inside a comment");
  }

  void cdata() {
    if (open_.empty()) return object("CDATA is not allowed outside the root element");
    take(9);
    (void)take_through("]]>", "a CDATA section");
  }

  void text() {
    const std::string_view inside = rest_.substr(0, rest_.find('<'));
    if (open_.empty() && !std::all_of(inside.begin(), inside.end(), is_blank)) {
      skip_blanks();
      return object("there is text outside the root element");
    }
    if (inside.find("]]>") != inside.npos) return object("\"]]>\" is not allowed in text");
    references(inside);
    take(inside.size());
  }

  std::string_view name(const char* what) {
    std::size_t end = 0;
    while (end < rest_.size() && in_name(rest_[end])) ++end;
    if (end == 0 || !begins_name(rest_.front())) {
      object(std::string("expected ") + what + " of ASCII letters, digits, '_', '-' and '.'");
      return {};
    }
    if (rest_.substr(0, end).find(':') != std::string_view::npos) {
      object("\"" + std::string(rest_.substr(0, end)) + "\": prefixes of namespaces are not allowed");
    }
    return take(end);
  }

  void start_tag() {
    if (open_.empty() && root_seen_) return object("there is a second root element: a file holds exactly one");
    root_seen_ = true;
    take(1);
    const std::string_view tag = name("an element's name");
    if (problem_) return;
    if (++elements_ > limits_.elements) return object("there are more than " + std::to_string(limits_.elements) + " elements");
    open_.push_back(tag);
    if (static_cast<int>(open_.size()) > limits_.depth) {
      return object("elements are nested deeper than " + std::to_string(limits_.depth));
    }
    attributes();
    if (problem_) return;
    if (rest_.starts_with("/>")) {
      take(2);
      open_.pop_back();
    } else if (rest_.starts_with(">")) {
      take(1);
    } else {
      object("the tag does not end with '>'");
    }
  }

  void attributes() {
    std::set<std::string_view> seen;
    while (!problem_) {
      const bool apart = skip_blanks();
      if (rest_.empty() || rest_.front() == '>' || rest_.front() == '/') return;
      if (!apart) return object("expected a blank before the next attribute");
      const std::string_view attribute = name("an attribute's name");
      if (problem_) return;
      if (!seen.insert(attribute).second) return object("attribute \"" + std::string(attribute) + "\" is there twice");
      skip_blanks();
      if (!rest_.starts_with("=")) return object("expected = after attribute \"" + std::string(attribute) + "\"");
      take(1);
      skip_blanks();
      value(attribute);
    }
  }

  void value(std::string_view attribute) {
    const char quote = rest_.empty() ? '\0' : rest_.front();
    const std::size_t end = quote == '"' || quote == '\'' ? rest_.find(quote, 1) : rest_.npos;
    if (end == rest_.npos) return object("the value of attribute \"" + std::string(attribute) + "\" is not quoted");
    const std::string_view inside = rest_.substr(1, end - 1);
    if (inside.find('<') != inside.npos) {
      return object("'<' in attribute \"" + std::string(attribute) + "\" must be written &lt;");
    }
    if (inside.find_first_of("\t\n\r") != inside.npos) {
      return object("attribute \"" + std::string(attribute) + "\" must be on one line, without tabs");
    }
    references(inside);
    take(end + 1);
  }

  void end_tag() {
    take(2);
    const std::string_view tag = name("an element's name");
    if (problem_) return;
    skip_blanks();
    if (!rest_.starts_with(">")) return object("the tag does not end with '>'");
    take(1);
    if (open_.empty()) return object("</" + std::string(tag) + "> closes nothing");
    if (open_.back() != tag) {
      return object("</" + std::string(tag) + "> found where </" + std::string(open_.back()) + "> was expected");
    }
    open_.pop_back();
  }

  void references(std::string_view inside) {
    for (std::size_t at = inside.find('&'); at != inside.npos && !problem_; at = inside.find('&', at + 1)) {
      const std::string_view after = inside.substr(at + 1);
      const std::string_view entity = after.substr(0, std::min(after.find(';'), after.size()));
      const bool named = entity == "amp" || entity == "lt" || entity == "gt" || entity == "quot" || entity == "apos";
      if (entity.size() == after.size() || !(named || is_character(entity))) {
        line_ += static_cast<int>(std::count(inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        object("'&' begins no reference that XML knows; a plain '&' is written &amp;");
      }
    }
  }

  static bool is_character(std::string_view entity) {
    const bool hex = entity.starts_with("#x");
    if (!entity.starts_with('#')) return false;
    entity.remove_prefix(hex ? 2 : 1);
    std::uint32_t code = 0;
    const auto [end, error] = std::from_chars(entity.data(), entity.data() + entity.size(), code, hex ? 16 : 10);
    return !entity.empty() && error == std::errc{} && end == entity.data() + entity.size() && is_xml_char(code);
  }

  std::string_view rest_;
  const Limits& limits_;
  int line_ = 1;
  std::size_t elements_ = 0;
  bool root_seen_ = false;
  std::vector<std::string_view> open_;
  std::optional<Problem> problem_;
};

int line_at(std::string_view bytes, std::size_t at) {
  return 1 + static_cast<int>(std::count(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

// The first byte that no XML document may have: control characters, and U+FFFE and U+FFFF.
std::optional<Problem> forbidden_character(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool control = static_cast<unsigned char>(bytes[i]) < 0x20 && !is_blank(bytes[i]);
    const bool not_a_character = bytes.substr(i, 2) == "\xEF\xBF" && i + 2 < bytes.size() &&
                                 static_cast<unsigned char>(bytes[i + 2]) >= 0xBE;
    if (control || not_a_character) return Problem{.line = line_at(bytes, i), .element = "", .what = "there is a character that XML forbids"};
  }
  return std::nullopt;
}

std::optional<Problem> bad_utf8(std::string_view bytes) {
  if (is_utf8(bytes)) return std::nullopt;
  // The line, for the message: the first one that is not UTF-8 by itself.
  int line = 1;
  for (std::string_view rest = bytes; !rest.empty(); ++line) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    if (!is_utf8(rest.substr(0, end))) break;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return Problem{.line = line, .element = "", .what = "the text is not valid UTF-8"};
}

}  // namespace

std::optional<Problem> offence(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > limits.bytes) {
    return Problem{.line = 0, .element = "", .what = "the file has " + std::to_string(bytes.size()) + " bytes; at most " +
                                                std::to_string(limits.bytes) + " are read"};
  }
  if (auto problem = bad_utf8(bytes)) return problem;
  if (auto problem = forbidden_character(bytes)) return problem;
  return Scanner(bytes, limits).run();
}

}  // namespace lockstep::xml
