#include "manifests/version/range.hpp"

#include <algorithm>

#include "manifests/version/desugar.hpp"

namespace lockstep::version {
namespace {

bool same_numbers(const Version& a, const Version& b) {
  return a.major == b.major && a.minor == b.minor && a.patch == b.patch;
}

Version finished(Version v) {
  v.prerelease.clear();
  return v;
}

Version first_prerelease(Version v) {
  v.prerelease = {"0"};
  return v;
}

// Versions of which the lowest member of a set is one: right at or above each lower bound, and the first
// prerelease of each version whose prereleases are admitted.
void add_candidates(const Comparator& c, std::vector<Version>& out) {
  using Op = Comparator::Op;
  Version bound = c.version;
  bound.build.clear();
  if (!bound.prerelease.empty()) out.push_back(first_prerelease(bound));
  if (c.op == Op::less || c.op == Op::less_equal) return;
  if (c.op == Op::greater) {
    if (!bound.prerelease.empty()) {
      out.push_back(finished(bound));
      bound.prerelease.emplace_back("0");
      out.push_back(std::move(bound));
      return;
    }
    bound.patch += 1;
    out.push_back(first_prerelease(bound));
  }
  out.push_back(finished(bound));
  out.push_back(std::move(bound));
}

}  // namespace

bool Comparator::admits(const Version& v) const {
  const auto order = v <=> version;
  switch (op) {
    case Op::less: return order < 0;
    case Op::less_equal: return order <= 0;
    case Op::equal: return order == 0;
    case Op::greater_equal: return order >= 0;
    case Op::greater: return order > 0;
  }
  return false;
}

std::string Comparator::text() const {
  Version bound = version;
  bound.build.clear();
  switch (op) {
    case Op::less: return '<' + bound.text();
    case Op::less_equal: return "<=" + bound.text();
    case Op::equal: return bound.text();
    case Op::greater_equal: return ">=" + bound.text();
    case Op::greater: return '>' + bound.text();
  }
  return {};
}

bool Range::contains(const Version& v) const {
  return std::any_of(any_of_.begin(), any_of_.end(), [&](const All& all) {
    const bool inside = std::all_of(all.begin(), all.end(), [&](const Comparator& c) { return c.admits(v); });
    if (!inside || v.prerelease.empty()) return inside;
    return std::any_of(all.begin(), all.end(), [&](const Comparator& c) {
      return !c.version.prerelease.empty() && same_numbers(c.version, v);
    });
  });
}

std::vector<Version> Range::candidates() const {
  std::vector<Version> out{first_prerelease({}), Version{}};
  for (const All& all : any_of_) {
    for (const Comparator& c : all) add_candidates(c, out);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<Version> Range::lowest() const {
  for (Version& v : candidates()) {
    if (contains(v)) return std::move(v);
  }
  return std::nullopt;
}

bool Range::intersects(const Range& other) const {
  // The lowest common member is right at or above a bound of one of the two.
  const auto in_both = [&](const Version& v) { return contains(v) && other.contains(v); };
  const auto ours = candidates();
  const auto theirs = other.candidates();
  return std::any_of(ours.begin(), ours.end(), in_both) || std::any_of(theirs.begin(), theirs.end(), in_both);
}

std::string Range::normal_text() const {
  std::string out;
  for (const All& all : any_of_) {
    if (!out.empty()) out += "||";
    if (all.empty()) out += '*';
    for (std::size_t i = 0; i < all.size(); ++i) out += (i == 0 ? "" : " ") + all[i].text();
  }
  return out;
}

Outcome<Range> Range::parse(std::string_view text) {
  Range range;
  LOCKSTEP_TRY(sets, desugar(text));
  range.any_of_ = std::move(sets);
  const std::size_t begin = text.find_first_not_of(" \t");
  const std::size_t end = text.find_last_not_of(" \t");
  range.text_ = begin == text.npos ? "*" : std::string(text.substr(begin, end - begin + 1));
  return range;
}

}  // namespace lockstep::version
