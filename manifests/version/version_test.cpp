#include "manifests/version/version.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

namespace lockstep::version {
namespace {

Version v(std::string_view text) { return *parse(text); }

}  // namespace

TEST_CASE("a version comes out as it went in") {
  // The examples of semver.org sections 9 and 10 and of its regular expression's test list.
  for (const char* text : {"0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.0.0-alpha",
                           "1.0.0-alpha.beta.1", "1.0.0-alpha0.valid", "1.0.0-rc.1+build.1", "1.2.3----RC-SNAPSHOT",
                           "1.0.0-0A.is.legal", "1.0.0+0.build.1-rc.10000aaa-kk-0.1", "9007199254740991.0.0"}) {
    CAPTURE(std::string(text));
    const auto parsed = parse(text);
    REQUIRE(parsed);
    CHECK(parsed->text() == text);
  }
}

TEST_CASE("what SemVer 2.0.0 does not allow is refused with the place") {
  for (const char* text : {"", "1", "1.2", "1.2.3-", "1.2.3-0123", "1.2.3-0123.0123", "1.1.2+.123", "+invalid",
                           "1.0.0-alpha_beta", "1.0.0-alpha..1", "01.1.1", "1.01.1", "1.1.01", "1.2.3.DEV", "v1.2.3",
                           " 1.2.3", "1.2.3 ", "1.2.3+a+b", "1.2.3-rc.01", "9007199254740992.0.0",
                           "99999999999999999999999.0.0", "-1.0.0", "1.2.3\n", "1.2.3.4"}) {
    CAPTURE(std::string(text));
    const auto parsed = parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == ErrorKind::invalid);
  }
  CHECK(parse("1.2").error().what ==
        "\"1.2\" is not a version: three numbers such as 1.4.2 (no leading zeros) expected at character 4");
  CHECK_FALSE(parse("1.0.0-" + std::string(300, 'a')));
}

TEST_CASE("every beginning of a version is a version or refused, and never read past its end") {
  const std::string whole = "12.3.45-rc.1.x+b.7";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto exact = std::make_unique<char[]>(size);
    std::copy_n(whole.data(), size, exact.get());
    const std::string_view text(exact.get(), size);
    CAPTURE(std::string(text));
    if (const auto parsed = parse(text)) CHECK(parsed->text() == text);
  }
}

TEST_CASE("precedence follows section 11 of SemVer") {
  const char* ascending[] = {"0.0.1",       "0.1.0",       "1.0.0-0",      "1.0.0-2",          "1.0.0-11",
                             "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
                             "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0",       "1.0.1",            "1.2.0",
                             "1.10.0",      "2.0.0",       "10.0.0"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t j = 0; j < std::size(ascending); ++j) {
      CAPTURE(std::string(ascending[i]));
      CAPTURE(std::string(ascending[j]));
      CHECK((v(ascending[i]) <=> v(ascending[j])) == (i <=> j));
    }
  }
}

TEST_CASE("build metadata does not count in comparisons") {
  CHECK(v("1.0.0+a") == v("1.0.0+b"));
  CHECK(v("1.0.0+zzz") < v("1.0.1"));
}

TEST_CASE("numbers in a prerelease compare by value, however long") {
  CHECK(v("1.0.0-99999999999999999999") < v("1.0.0-100000000000000000000"));
}

TEST_CASE("a device's four numbers become build metadata") {
  CHECK(parse_device("1.2.3.4")->text() == "1.2.3+4");
  CHECK(parse_device("1.2.3")->text() == "1.2.3");
  CHECK(parse_device("2.0.0-rc.1")->text() == "2.0.0-rc.1");
  CHECK_FALSE(parse_device("1.2.3."));
  CHECK_FALSE(parse_device("1.2.3.4.5"));
  CHECK_FALSE(parse_device("1.2.3.99999999999"));
}

TEST_CASE("a board revision may leave numbers out, and letters are refused") {
  CHECK(parse_revision("3")->text() == "3.0.0");
  CHECK(parse_revision("3.1")->text() == "3.1.0");
  CHECK(parse_revision("3.1.2-b")->text() == "3.1.2-b");
  for (const char* text : {"", "C2", "3.", "3.x", "v3", "3 "}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parse_revision(text));
  }
}

}  // namespace lockstep::version
