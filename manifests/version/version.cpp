#include "manifests/version/version.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "manifests/version/parser.hpp"

namespace lockstep::version {
namespace {

constexpr std::size_t longest_version = 256;  // as in node-semver

bool is_number(std::string_view s) { return std::all_of(s.begin(), s.end(), is_digit); }

// SemVer 2.0.0 section 11.4: numbers by value, below words; words by ASCII.
std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
  const bool a_number = is_number(a);
  const bool b_number = is_number(b);
  if (a_number != b_number) return a_number ? std::strong_ordering::less : std::strong_ordering::greater;
  // Numbers have no leading zeros, so the longer one is larger, whatever its size.
  if (a_number && a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::strong_ordering compare_prereleases(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty() || b.empty()) return b.size() <=> a.size();  // the one without is the finished, higher one
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (const auto order = compare_identifiers(a[i], b[i]); order != 0) return order;
  }
  return a.size() <=> b.size();
}

Fail<Error> not_a_version(std::string_view text, std::size_t at, std::string_view expected) {
  return fail(ErrorKind::invalid, "\"" + printable(text.substr(0, 80)) + "\" is not a version: " +
                                      std::string(expected) + " expected at character " + std::to_string(at + 1));
}

// Up to three numbers joined by dots; how many were read. 0 when a dot has no number behind it.
std::size_t take_numbers(Cursor& cursor, Version& version) {
  std::uint64_t* const into[3] = {&version.major, &version.minor, &version.patch};
  for (std::size_t i = 0; i < 3; ++i) {
    if (i > 0 && !cursor.take('.')) return i;
    const auto number = cursor.number();
    if (!number) return 0;
    *into[i] = *number;
  }
  return 3;
}

Outcome<Version> finish(std::string_view text, Cursor& cursor, Version version) {
  if (cursor.peek() == '-' && !take_prerelease(cursor, version)) {
    return not_a_version(text, cursor.at(), "a prerelease such as rc.1 (no leading zeros)");
  }
  if (cursor.peek() == '+' && !take_build(cursor, version)) {
    return not_a_version(text, cursor.at(), "build metadata of letters, digits and hyphens");
  }
  if (!cursor.at_end()) return not_a_version(text, cursor.at(), "the end");
  return version;
}

}  // namespace

bool Cursor::take(char c) {
  if (peek() != c || at_end()) return false;
  ++at_;
  return true;
}

bool Cursor::skip_blanks() {
  const std::size_t begin = at_;
  while (peek() == ' ' || peek() == '\t') ++at_;
  return at_ != begin;
}

std::optional<std::uint64_t> Cursor::number() {
  std::size_t end = at_;
  std::uint64_t value = 0;
  while (end < text_.size() && is_digit(text_[end])) {
    value = value * 10 + static_cast<std::uint64_t>(text_[end] - '0');
    if (value > largest_number) return std::nullopt;
    ++end;
  }
  const bool leading_zero = end - at_ > 1 && text_[at_] == '0';
  if (end == at_ || leading_zero) return std::nullopt;
  at_ = end;
  return value;
}

std::string_view Cursor::identifier() {
  const std::size_t begin = at_;
  while (!at_end() && is_identifier_char(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

bool take_prerelease(Cursor& cursor, Version& version) {
  if (!cursor.take('-')) return false;
  do {
    const std::string_view id = cursor.identifier();
    if (id.empty() || (is_number(id) && id.size() > 1 && id.front() == '0')) return false;
    version.prerelease.emplace_back(id);
  } while (cursor.take('.'));
  return true;
}

bool take_build(Cursor& cursor, Version& version) {
  if (!cursor.take('+')) return false;
  do {
    const std::string_view id = cursor.identifier();
    if (id.empty()) return false;
    if (!version.build.empty()) version.build += '.';
    version.build += id;
  } while (cursor.take('.'));
  return true;
}

std::string Version::text() const {
  std::string out = std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
  for (std::size_t i = 0; i < prerelease.size(); ++i) {
    out += i == 0 ? '-' : '.';
    out += prerelease[i];
  }
  if (!build.empty()) out += '+' + build;
  return out;
}

std::strong_ordering operator<=>(const Version& a, const Version& b) {
  if (const auto order = a.major <=> b.major; order != 0) return order;
  if (const auto order = a.minor <=> b.minor; order != 0) return order;
  if (const auto order = a.patch <=> b.patch; order != 0) return order;
  return compare_prereleases(a.prerelease, b.prerelease);
}

Outcome<Version> parse(std::string_view text) {
  if (text.size() > longest_version) return fail(ErrorKind::invalid, "a version has at most 256 characters");
  Cursor cursor(text);
  Version version;
  if (take_numbers(cursor, version) != 3) {
    return not_a_version(text, cursor.at(), "three numbers such as 1.4.2 (no leading zeros)");
  }
  return finish(text, cursor, std::move(version));
}

Outcome<Version> parse_device(std::string_view text) {
  const std::size_t fourth = text.rfind('.');
  const std::string_view tail = fourth == text.npos ? std::string_view{} : text.substr(fourth + 1);
  const bool four_numbers = std::count(text.begin(), text.end(), '.') == 3 &&
                            text.find_first_not_of("0123456789.") == text.npos && !tail.empty();
  if (!four_numbers) return parse(text);
  LOCKSTEP_TRY(version, parse(text.substr(0, fourth)));
  if (tail.size() > 10) return not_a_version(text, fourth + 1, "a build number");
  version.build = tail;
  return version;
}

Outcome<Version> parse_revision(std::string_view text) {
  if (text.size() > longest_version) return fail(ErrorKind::invalid, "a revision has at most 256 characters");
  Cursor cursor(text);
  Version version;
  const std::size_t count = take_numbers(cursor, version);
  if (count == 3) return finish(text, cursor, std::move(version));
  if (count == 0 || !cursor.at_end()) {
    return fail(ErrorKind::invalid, "\"" + printable(text.substr(0, 80)) +
                                        "\" is not a board revision: one to three numbers such as 3 or 3.1 expected");
  }
  return version;
}

}  // namespace lockstep::version
