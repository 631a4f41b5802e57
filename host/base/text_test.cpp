#include "host/base/text.hpp"

#include <doctest/doctest.h>
#include <array>
#include <set>
#include <vector>

#include "host/base/ids.hpp"
#include "host/base/uuid.hpp"

namespace lockstep {
namespace {

TEST_CASE("hex goes both ways") {
  const auto bytes = from_hex("00fFa9");
  REQUIRE(bytes);
  CHECK(to_hex(*bytes) == "00ffa9");
  CHECK(!from_hex("0"));
  CHECK(!from_hex("0g"));
  CHECK(!from_hex("0x00"));
  CHECK(from_hex("")->empty());
}

TEST_CASE("base64 gives the vectors of RFC 4648 section 10, both ways") {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"},
                                                                   {"\xfb\xff", "+/8="}};
  for (const auto& [text, base64] : vectors) {
    const std::string_view plain = text;
    CAPTURE(plain);
    CHECK(to_base64(as_bytes(plain)) == base64);
    REQUIRE(from_base64(base64));
    CHECK(as_text(*from_base64(base64)) == plain);
  }
}

TEST_CASE("base64 that could be written otherwise is refused") {
  for (const char* bad :
       {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==Zg==", "Z===", "====", "Zm 9v", "Zm9v\n", "Zm-_", "=Zg="}) {
    CAPTURE(bad);
    CHECK(!from_base64(bad));
  }
}

TEST_CASE("times go both ways") {
  const auto round = [](std::string_view text) {
    const auto time = parse_time(text);
    return time ? format_time(*time) : "refused";
  };
  CHECK(round("2026-11-23T18:04:05.678Z") == "2026-11-23T18:04:05.678Z");
  CHECK(round("2026-11-23t18:04:05z") == "2026-11-23T18:04:05.000Z");
  CHECK(round("2026-11-23T18:04:05.6789999+02:00") == "2026-11-23T16:04:05.678Z");
  CHECK(round("1985-04-12T23:20:50.52Z") == "1985-04-12T23:20:50.520Z");    // RFC 3339 section 5.8
  CHECK(round("1996-12-19T16:39:57-08:00") == "1996-12-20T00:39:57.000Z");  // RFC 3339 section 5.8
  CHECK(round("1990-12-31T23:59:60Z") == "1991-01-01T00:00:00.000Z");       // a leap second
  CHECK(round("1969-12-31T23:59:59.999Z") == "1969-12-31T23:59:59.999Z");
  for (const char* bad :
       {"", "2026-11-23", "2026-11-23 18:04:05Z", "2026-11-23T18:04:05", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T18:04Z", "2026-11-23T18:04:05.Z",
        "2026-11-23T18:04:05Zx", "2026-11-23T18:04:05+2:00", "2026-11-23T18:04:05+24:00"}) {
    CAPTURE(bad);
    CHECK(round(bad) == "refused");
  }
}

TEST_CASE("sizes read well") {
  CHECK(format_size(0) == "0 B");
  CHECK(format_size(1023) == "1023 B");
  CHECK(format_size(1024) == "1.0 KiB");
  CHECK(format_size(14 * 1024 + 205) == "14.2 KiB");
  CHECK(format_size((1 << 20) - 1) == "1.0 MiB");
  CHECK(format_size(UINT64_MAX) == "16.0 EiB");
}

TEST_CASE("UTF-8 is told from what only looks like it") {
  for (const char* good : {"", "plain", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"}) {
    CAPTURE(good);
    CHECK(is_utf8(good));
  }
  for (const char* bad : {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                          "\xf4\x90\x80\x80", "\xff", "a\xc3(", "\xe2\x82"}) {
    CAPTURE(bad);
    CHECK(!is_utf8(bad));
  }
}

TEST_CASE("text from outside cannot steer a terminal") {
  CHECK(printable("a\x1b[2Jb\n\x07") == "a\\x1b[2Jb\\x0a\\x07");
  CHECK(printable("\xc2\x9b") == "\\xc2\\x9b");  // CSI in one code point
  CHECK(printable("a\xe2\x80\xae" "b") == "a\\xe2\\x80\\xaeb");  // right-to-left override
  CHECK(printable("gr\xc3\xbc\xc3\x9f \xff") == "gr\xc3\xbc\xc3\x9f \\xff");
  CHECK(in_quotes("say \"a\\b\"") == "\"say \\\"a\\\\b\\\"\"");
  CHECK(display_width("gr\xc3\xbc\xc3\x9f") == 4);
}

TEST_CASE("a mistyped word finds the one that was meant") {
  const std::array<std::string_view, 4> words{"image", "key", "release", "rollout"};
  CHECK(closest("imgae", words) == "image");
  CHECK(closest("relase", words) == "release");
  CHECK(closest("kay", words) == "key");
  CHECK(!closest("upload", words));
  CHECK(!closest("", words));
}

TEST_CASE("trim takes blanks off both ends only") {
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim(" \n").empty());
}

TEST_CASE("ids are unique and sort by their birth") {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(new_id("job"));
  CHECK(ids.size() == 1000);
  const std::string id = new_id("job");
  CHECK(id.size() == 4 + 26);
  CHECK(id.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 4) == std::string::npos);
  // The first ten digits are the milliseconds (ULID), the first of them has three bits: below 8 for 7,000
  // years.
  CHECK(id[4] == '0');
  CHECK(*ids.begin() <= id);
}

TEST_CASE("UUIDs go both ways, and names give those of RFC 4122") {
  const std::string text = "12345678-1234-5678-1234-567812345678";
  REQUIRE(parse_uuid(text));
  CHECK(format_uuid(*parse_uuid(text)) == text);
  CHECK(*parse_uuid("12345678123456781234567812345678") == *parse_uuid(text));
  for (const char* bad : {"", "12345678-1234-5678-1234-56781234567", "1234567-81234-5678-1234-567812345678",
                          "12345678x1234x5678x1234x567812345678", "example.com"}) {
    CAPTURE(bad);
    CHECK(!parse_uuid(bad));
  }
  // python3 -c 'import uuid; print(uuid.uuid5(uuid.NAMESPACE_DNS, "www.example.com"))'
  CHECK(format_uuid(name_uuid(uuid_dns_namespace, "www.example.com")) ==
        "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

}  // namespace
}  // namespace lockstep
