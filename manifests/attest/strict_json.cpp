#include "manifests/attest/strict_json.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "host/base/text.hpp"

namespace lockstep::attest {
namespace {

// Looks for double members in text that is known to be JSON. A string is a member's name when a colon follows.
Outcome<void> refuse_doubles(std::string_view text) {
  std::vector<std::set<std::string_view>> open;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '{') open.emplace_back();
    if (text[at] == '}') open.pop_back();
    if (text[at] != '"') continue;
    const std::size_t begin = ++at;
    while (text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    const std::string_view name = text.substr(begin, at - begin);
    const std::size_t next = text.find_first_not_of(" \t\r\n", at + 1);
    if (next == text.npos || text[next] != ':') continue;
    if (name.find('\\') != name.npos) {
      return fail(ErrorKind::invalid, "the name of member " + in_quotes(name) + " is written with an escape");
    }
    if (!open.back().insert(name).second) return fail(ErrorKind::invalid, "member " + in_quotes(name) + " is there twice");
  }
  return {};
}

}  // namespace

Outcome<json::object> parse_strict(std::string_view text) {
  LOCKSTEP_TRY(object, parse_json_object(text));
  LOCKSTEP_CHECK(refuse_doubles(text));
  return object;
}

Outcome<void> only_members(const json::object& object, std::string_view what,
                           std::initializer_list<std::string_view> known) {
  for (const auto& member : object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string error = "member " + in_quotes(name) + " of " + std::string(what) + " is unknown";
    const std::span<const std::string_view> candidates(known.begin(), known.size());
    if (const auto meant = closest(name, candidates)) error += "; did you mean " + in_quotes(*meant) + "?";
    return fail(ErrorKind::invalid, std::move(error));
  }
  return {};
}

Outcome<std::vector<std::string>> json_texts(const json::object& object, std::string_view member) {
  std::vector<std::string> out;
  if (!object.contains(json::string_view(member.data(), member.size()))) return out;
  LOCKSTEP_TRY(array, json_array(object, member));
  for (const json::value& value : *array) {
    const json::string* text = value.if_string();
    if (text == nullptr || text->empty()) {
      return fail(ErrorKind::invalid, "member " + in_quotes(member) + " must be a list of texts that are not empty");
    }
    out.emplace_back(text->data(), text->size());
  }
  return out;
}

}  // namespace lockstep::attest
