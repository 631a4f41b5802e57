#include "manifests/version/range.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

namespace lockstep::version {
namespace {

Range range(std::string_view text) {
  auto parsed = Range::parse(text);
  REQUIRE_MESSAGE(parsed, std::string(text));
  return *std::move(parsed);
}

bool in(std::string_view version, std::string_view text) { return range(text).contains(*parse(version)); }

// Every version up to 3.3.3 with a few prereleases of each.
std::vector<Version> small_world() {
  std::vector<Version> out;
  for (std::uint64_t major = 0; major < 4; ++major) {
    for (std::uint64_t minor = 0; minor < 4; ++minor) {
      for (std::uint64_t patch = 0; patch < 4; ++patch) {
        for (const char* pre : {"0", "1", "1.0", "a", "a.0", "b"}) {
          const auto v = parse(std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch) +
                               '-' + pre);
          out.push_back(*v);
        }
        out.push_back({major, minor, patch});
      }
    }
  }
  return out;
}

}  // namespace

// The equivalences that node-semver's README gives under "Advanced Range Syntax". node_semver_test.cpp asks node-semver itself.
TEST_CASE("shorthands mean what npm says they mean") {
  const struct { const char* text; const char* normal; } rows[] = {
      {"1.2.3 - 2.3.4",     ">=1.2.3 <=2.3.4"},
      {"1.2 - 2.3.4",       ">=1.2.0 <=2.3.4"},
      {"1.2.3 - 2.3",       ">=1.2.3 <2.4.0-0"},
      {"1.2.3 - 2",         ">=1.2.3 <3.0.0-0"},
      {"* - 2",             "<3.0.0-0"},
      {"1 - *",             ">=1.0.0"},
      {"*",                 "*"},
      {"",                  "*"},
      {"||",                "*"},
      {"1.x",               ">=1.0.0 <2.0.0-0"},
      {"1.2.x",             ">=1.2.0 <1.3.0-0"},
      {"1",                 ">=1.0.0 <2.0.0-0"},
      {"1.2",               ">=1.2.0 <1.3.0-0"},
      {"1.2.*",             ">=1.2.0 <1.3.0-0"},
      {"~1.2.3",            ">=1.2.3 <1.3.0-0"},
      {"~1.2",              ">=1.2.0 <1.3.0-0"},
      {"~1",                ">=1.0.0 <2.0.0-0"},
      {"~0.2.3",            ">=0.2.3 <0.3.0-0"},
      {"~> 0.2",            ">=0.2.0 <0.3.0-0"},
      {"~1.2.3-beta.2",     ">=1.2.3-beta.2 <1.3.0-0"},
      {"^1.2.3",            ">=1.2.3 <2.0.0-0"},
      {"^0.2.3",            ">=0.2.3 <0.3.0-0"},
      {"^0.0.3",            ">=0.0.3 <0.0.4-0"},
      {"^1.2.3-beta.2",     ">=1.2.3-beta.2 <2.0.0-0"},
      {"^0.0.3-beta",       ">=0.0.3-beta <0.0.4-0"},
      {"^1.2.x",            ">=1.2.0 <2.0.0-0"},
      {"^0.0.x",            "<0.1.0-0"},
      {"^0.0",              "<0.1.0-0"},
      {"^1.x",              ">=1.0.0 <2.0.0-0"},
      {"^0.x",              "<1.0.0-0"},
      {"^*",                "*"},
      {">1",                ">=2.0.0"},
      {">1.2",              ">=1.3.0"},
      {"<=1",               "<2.0.0-0"},
      {"<=0.7.x",           "<0.8.0-0"},
      {"<1.2",              "<1.2.0-0"},
      {">=1.2",             ">=1.2.0"},
      {">*",                "<0.0.0-0"},
      {">= 1.0.0   < 2",    ">=1.0.0 <2.0.0-0"},
      {"=v1.2.3",           "1.2.3"},
      {"1.2.3+build",       "1.2.3"},
      {"1.0.0 || >=2.5.0",  "1.0.0||>=2.5.0"},
      {"1.0.0||>*",         "1.0.0"},
      {"1.0.0 || *",        "*"},
      {">=1.0.0 >=1.0.0",   ">=1.0.0"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    CHECK(range(row.text).normal_text() == row.normal);
    CHECK(range(range(row.text).normal_text()).normal_text() == row.normal);
  }
}

TEST_CASE("versions are in a range or not") {
  CHECK(in("1.9.9", "^1.2.3"));
  CHECK_FALSE(in("2.0.0", "^1.2.3"));
  CHECK_FALSE(in("1.2.2", "^1.2.3"));
  CHECK(in("1.2.9", "~1.2.3"));
  CHECK_FALSE(in("1.3.0", "~1.2.3"));
  CHECK(in("2.4.0", ">=1.0.0 <2.0.0 || 2.4.0"));
  CHECK_FALSE(in("2.4.1", ">=1.0.0 <2.0.0 || 2.4.0"));
  CHECK(in("2.3.4", "1.2 - 2.3"));
  CHECK(in("1.2.3+other", "1.2.3+build"));
  CHECK_FALSE(in("0.0.0", ">*"));
}

TEST_CASE("a prerelease is in only where a bound names a prerelease of the same three numbers") {
  CHECK(in("1.2.3-alpha.7", ">1.2.3-alpha.3"));
  CHECK_FALSE(in("3.4.5-alpha.9", ">1.2.3-alpha.3"));  // node-semver README, "Prerelease Tags"
  CHECK(in("3.4.5", ">1.2.3-alpha.3"));
  CHECK_FALSE(in("1.2.3-alpha.7", "*"));
  CHECK_FALSE(in("2.0.0-rc.1", "^1.2.3"));
  CHECK_FALSE(in("1.2.4-beta.2", "^1.2.3-beta.2"));
  CHECK(in("1.2.3-beta.4", "^1.2.3-beta.2"));
  CHECK_FALSE(in("2.0.0-rc.1", "<2.0.0"));
}

TEST_CASE("what is not a range is refused") {
  for (const char* text : {"blerg", "1.2.3.4", "1.2.3 -", "- 1.2.3", "1.2.3 - 2.0.0 3.0.0", ">>1", "^>1", "1.2.3>1",
                           "1.2-beta", "1.x.3", "x.1", "01.2.3", "^1.2.3-01", "1..2", "1.2.", "|1", "1 | 2", "a||1",
                           "9007199254740992", "^9007199254740991", "1.2.3-", "1.0.0,2.0.0", "== 1"}) {
    CAPTURE(std::string(text));
    const auto parsed = Range::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == ErrorKind::invalid);
  }
  CHECK(Range::parse("^1.0.0 || abc").error().what ==
        "\"abc\" is not a range of versions such as ^1.2.0, >=1.0.0 <2.0.0 or 1.x");
  CHECK_FALSE(Range::parse(std::string(600, ' ')));
}

TEST_CASE("every beginning of a range is read within its bounds") {
  const std::string whole = ">=1.2.3-rc.1 <2 || ~> 3.x || 1.0.0+b - 4.5";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto exact = std::make_unique<char[]>(size);
    std::copy_n(whole.data(), size, exact.get());
    (void)Range::parse({exact.get(), size}).operator bool();
  }
}

TEST_CASE("the author's words are kept for messages") {
  CHECK(range("  ^1.2  ").text() == "^1.2");
  CHECK(range("").text() == "*");
  CHECK(Range().text() == "*");
  CHECK(Range().contains(*parse("7.1.0")));
}

TEST_CASE("the lowest member of a range is found, or that it has none") {
  const struct { const char* text; const char* lowest; } rows[] = {
      {"*", "0.0.0"},       {"^1.2", "1.2.0"},          {">1.2.3", "1.2.4"}, {">1.2.3-a", "1.2.3-a.0"},
      {"<2", "0.0.0"},      {">4 || <2 || 3", "0.0.0"}, {"2 || 1.5", "1.5.0"}, {">=1.0.0-rc.2 <2", "1.0.0-rc.2"},
      {"<0.0.0-b", "0.0.0-0"}, {">2.0.0 <2.0.1-c", "2.0.1-0"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.text));
    REQUIRE(range(row.text).lowest());
    CHECK(range(row.text).lowest()->text() == row.lowest);
  }
  for (const char* text : {">2 <1", "<0.0.0", ">*", "1.0.0 2.0.0", ">1.0.0 <1.0.1", "^1 ^2"}) {
    CAPTURE(std::string(text));
    CHECK(range(text).empty());
  }
}

TEST_CASE("lowest and intersects agree with trying every small version") {
  const char* texts[] = {"*", "^1", "~1.2", ">1.2.2 <2", "<1", ">=2.0.0-a <2.0.0-b", "<2.0.0-b", ">1.0.0 <1.0.1-b",
                         ">1.0.0 <1.0.1-a.0", "1.2.3 || 3", "<=0.1", ">=3.3.3", ">*", "1.0.0-a", "1.0.0-a || 2.2.2",
                         ">=1.0.0-0 <1.0.0-1", "=2.1", "1 - 2.1", "^0.0.3-b", ">1.0.1-a <1.0.1"};
  const auto world = small_world();
  for (const char* a : texts) {
    const Range left = range(a);
    const auto first = std::find_if(world.begin(), world.end(), [&](const Version& v) { return left.contains(v); });
    CAPTURE(std::string(a));
    REQUIRE(left.lowest().has_value() == (first != world.end()));
    if (first != world.end()) CHECK(left.lowest()->text() == first->text());
    for (const char* b : texts) {
      CAPTURE(std::string(b));
      const Range right = range(b);
      const bool common = std::any_of(world.begin(), world.end(),
                                      [&](const Version& v) { return left.contains(v) && right.contains(v); });
      CHECK(left.intersects(right) == common);
    }
  }
}

}  // namespace lockstep::version
