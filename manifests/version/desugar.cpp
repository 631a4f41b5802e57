#include "manifests/version/desugar.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "manifests/version/parser.hpp"

namespace lockstep::version {
namespace {

using Op = Comparator::Op;
using All = std::vector<Comparator>;

constexpr std::size_t longest_range = 512;

// "1.2.3-rc.1", "1.2", "1.x", "*": numbers that are left out or 'x' may be anything.
struct Partial {
  std::optional<std::uint64_t> major, minor, patch;
  Version tail;  // prerelease and build

  bool full() const { return major && minor && patch; }
  // A number after an 'x': "x.1", "1.x.3".
  bool hole() const { return (!major && minor) || (!minor && patch); }
  Version version() const {
    Version v = tail;
    v.major = *major;
    v.minor = *minor;
    v.patch = *patch;
    return v;
  }
};

Version numbers(std::uint64_t major, std::uint64_t minor, std::uint64_t patch) { return {major, minor, patch}; }

// The open upper end of shorthands: "-0" is below every prerelease, so that <2.0.0-0 keeps 2.0.0-rc.1 out.
Comparator below(std::uint64_t major, std::uint64_t minor, std::uint64_t patch) {
  return {Op::less, {.major = major, .minor = minor, .patch = patch, .prerelease = {"0"}}};
}
Comparator from(Version v) { return {Op::greater_equal, std::move(v)}; }
Comparator nothing() { return below(0, 0, 0); }
bool is_nothing(const Comparator& c) { return c.text() == "<0.0.0-0"; }

bool take_part(Cursor& cursor, std::optional<std::uint64_t>& into) {
  if (cursor.take('x') || cursor.take('X') || cursor.take('*')) return true;
  into = cursor.number();
  return into.has_value();
}

std::optional<Partial> take_partial(Cursor& cursor) {
  (void)cursor.skip_blanks();
  (void)cursor.take('=');
  (void)cursor.skip_blanks();
  (void)cursor.take('v');
  Partial p;
  if (!take_part(cursor, p.major)) return std::nullopt;
  if (cursor.take('.')) {
    if (!take_part(cursor, p.minor)) return std::nullopt;
    if (cursor.take('.')) {
      if (!take_part(cursor, p.patch)) return std::nullopt;
      if (cursor.peek() == '-' && !take_prerelease(cursor, p.tail)) return std::nullopt;
    }
  }
  if (cursor.peek() == '+' && !take_build(cursor, p.tail)) return std::nullopt;
  return p;
}

// 1.2 - 2.3.4 is >=1.2.0 <=2.3.4;  1.2.3 - 2.3 is >=1.2.3 <2.4.0-0;  1.2.3 - 2 is >=1.2.3 <3.0.0-0
All hyphen(const Partial& low, const Partial& high) {
  All all;
  if (low.full()) {
    all.push_back(from(low.version()));
  } else if (low.major) {
    all.push_back(from(numbers(*low.major, low.minor.value_or(0), 0)));
  }
  if (!high.major) return all;
  if (!high.minor) {
    all.push_back(below(*high.major + 1, 0, 0));
  } else if (!high.patch) {
    all.push_back(below(*high.major, *high.minor + 1, 0));
  } else {
    all.push_back({Op::less_equal, high.version()});
  }
  return all;
}

// ~1.2.3 is >=1.2.3 <1.3.0-0;  ~1.2 is >=1.2.0 <1.3.0-0;  ~1 is >=1.0.0 <2.0.0-0;  ~ is *
All tilde(const Partial& p) {
  if (!p.major) return {};
  if (!p.minor) return {from(numbers(*p.major, 0, 0)), below(*p.major + 1, 0, 0)};
  if (!p.patch) return {from(numbers(*p.major, *p.minor, 0)), below(*p.major, *p.minor + 1, 0)};
  return {from(p.version()), below(*p.major, *p.minor + 1, 0)};
}

// ^1.2.3 is >=1.2.3 <2.0.0-0;  ^0.2.3 is >=0.2.3 <0.3.0-0;  ^0.0.3 is >=0.0.3 <0.0.4-0;
// ^0.0 is >=0.0.0 <0.1.0-0;  ^0 is >=0.0.0 <1.0.0-0
All caret(const Partial& p) {
  if (!p.major) return {};
  const std::uint64_t major = *p.major;
  if (!p.minor) return {from(numbers(major, 0, 0)), below(major + 1, 0, 0)};
  const Comparator low = from(p.patch ? p.version() : numbers(major, *p.minor, 0));
  if (major != 0) return {low, below(major + 1, 0, 0)};
  if (*p.minor != 0 || !p.patch) return {low, below(0, *p.minor + 1, 0)};
  return {low, below(0, 0, *p.patch + 1)};
}

// 1.2.3, 1.2 (>=1.2.0 <1.3.0-0), 1 (>=1.0.0 <2.0.0-0), * (anything)
All equal(const Partial& p) {
  if (p.full()) return {{Op::equal, p.version()}};
  return tilde(p);
}

// >1 is >=2.0.0;  >1.2 is >=1.3.0;  <=0.7 is <0.8.0-0;  <1.2 is <1.2.0-0;  >* and <* admit nothing
All compared(Op op, const Partial& p) {
  if (p.full()) return {{op, p.version()}};
  if (!p.major) return op == Op::less || op == Op::greater ? All{nothing()} : All{};
  const std::uint64_t next_major = p.minor ? *p.major : *p.major + 1;
  const std::uint64_t next_minor = p.minor ? *p.minor + 1 : 0;
  switch (op) {
    case Op::less: return {below(*p.major, p.minor.value_or(0), 0)};
    case Op::less_equal: return {below(next_major, next_minor, 0)};
    case Op::greater: return {from(numbers(next_major, next_minor, 0))};
    case Op::greater_equal: return {from(numbers(*p.major, p.minor.value_or(0), 0))};
    case Op::equal: break;  // has its own function
  }
  return {};
}

Op take_op(Cursor& cursor) {
  if (cursor.take('<')) return cursor.take('=') ? Op::less_equal : Op::less;
  if (cursor.take('>')) return cursor.take('=') ? Op::greater_equal : Op::greater;
  return Op::equal;
}

// One term: a partial with its operator. Nothing when it cannot be understood.
std::optional<All> take_term(Cursor& cursor) {
  if (cursor.take('^')) {
    const auto p = take_partial(cursor);
    return p ? std::optional(caret(*p)) : std::nullopt;
  }
  if (cursor.take('~')) {
    (void)cursor.take('>');
    const auto p = take_partial(cursor);
    return p ? std::optional(tilde(*p)) : std::nullopt;
  }
  const Op op = take_op(cursor);
  const auto p = take_partial(cursor);
  if (!p || p->hole()) return std::nullopt;
  return op == Op::equal ? equal(*p) : compared(op, *p);
}

// "a - b", where the blanks matter: 1.2.3-4 is a prerelease.
std::optional<All> whole_hyphen(std::string_view text) {
  Cursor cursor(text);
  const auto low = take_partial(cursor);
  if (!low || !cursor.skip_blanks() || !cursor.take('-') || !cursor.skip_blanks()) return std::nullopt;
  const auto high = take_partial(cursor);
  if (!high || !cursor.at_end()) return std::nullopt;
  return hyphen(*low, *high);
}

void add_once(All& all, All more) {
  for (Comparator& c : more) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const Comparator& x) { return x.text() == c.text(); });
    if (!known) all.push_back(std::move(c));
  }
}

bool within_limits(const All& all) {
  return std::all_of(all.begin(), all.end(), [](const Comparator& c) {
    return std::max({c.version.major, c.version.minor, c.version.patch}) <= largest_number;
  });
}

Outcome<All> alternative(std::string_view text) {
  const auto malformed = [&] {
    return fail(ErrorKind::invalid, "\"" + printable(text) + "\" is not a range of versions such as ^1.2.0, "
                                        ">=1.0.0 <2.0.0 or 1.x");
  };
  All all;
  if (auto whole = whole_hyphen(text)) {
    all = *std::move(whole);
  } else {
    Cursor cursor(text);
    (void)cursor.skip_blanks();
    while (!cursor.at_end()) {
      auto term = take_term(cursor);
      // Terms are apart by blanks; "1.2.3.4" and "1.2.3>1" are slips.
      if (!term || !(cursor.at_end() || cursor.peek() == ' ' || cursor.peek() == '\t')) return malformed();
      add_once(all, *std::move(term));
      (void)cursor.skip_blanks();
    }
  }
  if (!within_limits(all)) return malformed();
  std::erase_if(all, [](const Comparator& c) { return c.text() == ">=0.0.0"; });
  if (std::any_of(all.begin(), all.end(), is_nothing)) all = {nothing()};
  return all;
}

// What cannot admit anything does not count beside what can; what admits everything swallows the rest.
void simplify(std::vector<All>& sets) {
  const auto empty = [](const All& all) { return all.size() == 1 && is_nothing(all.front()); };
  if (std::all_of(sets.begin(), sets.end(), empty)) sets.resize(1);
  if (sets.size() > 1) std::erase_if(sets, empty);
  if (std::any_of(sets.begin(), sets.end(), [](const All& all) { return all.empty(); })) sets = {All{}};
}

}  // namespace

Outcome<std::vector<All>> desugar(std::string_view text) {
  if (text.size() > longest_range) return fail(ErrorKind::invalid, "a range has at most 512 characters");
  std::vector<All> sets;
  for (;;) {
    const std::size_t bar = text.find("||");
    LOCKSTEP_TRY(all, alternative(trim(text.substr(0, bar))));
    sets.push_back(std::move(all));
    if (bar == text.npos) break;
    text.remove_prefix(bar + 2);
  }
  simplify(sets);
  return sets;
}

}  // namespace lockstep::version
