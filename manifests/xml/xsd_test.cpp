#include "manifests/xml/xsd.hpp"

#include <doctest/doctest.h>

#include "manifests/xml/kitchen.hpp"
#include "manifests/xml/reader.hpp"
#include "manifests/xml/test_schema.hpp"

namespace lockstep::xml {
namespace {

bool reader_accepts(std::string_view document) { return read(kitchen::schema, document, "m.xml").operator bool(); }

std::string with(std::string_view from, std::string_view to) {
  std::string text(kitchen::document);
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, std::string(from));
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("xmllint accepts our schema and what our reader accepts, and refuses what both can see") {
  const testing::Xmllint xmllint(kitchen::schema);
  REQUIRE(reader_accepts(kitchen::document));
  REQUIRE(xmllint.accepts(kitchen::document));
  const struct { const char* from; const char* to; bool good; } rows[] = {
      {"1.2.0-rc.1", "1.2.0+b.7", true},   {"kind=\"starter\"", "", true},
      {"1.5 min", "20ms", true},           {"4 KiB", "0", true},
      {"<say/>", "", true},                {"<say/>", "<together/>", true},
      {"guests=\"&gt;=2 &lt;9\"", "guests=\"^1 || ~2.x - \"", false},  // a range that only our reader sees through
      {"1.2.0-rc.1", "1.2", false},        {"starter", "soup", false},
      {"1.5 min", "90", false},            {"4 KiB", "4 kB", false},
      {"hot wet", "hot  wet", false},      {"id=\"stew\"", "id=\"soup\"", false},
      {"<cook>Anna &amp; Bo&#x20AC;</cook>", "", false},
      {"<cook>", "<cook>a</cook><cook>", false},
      {"</steps>", "</steps><dish id=\"ice\"/>", false},
      {"<say/>", "<sing/>", false},        {"guests", "guest", false},
      {"menu:1", "menu:2", false},         {"> 20 s <", "> 20 <", false},
      {"vegan=\"true\"", "vegan=\"1\"", false},
      {"img/stew.jpg", "/stew.jpg", false}, {"<steps>", "<steps>now", false},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.to));
    const std::string document = with(row.from, row.to);
    CHECK(reader_accepts(document) == row.good);
    const bool beyond_xsd = std::string_view(row.to).find("~2.x - ") != std::string_view::npos;
    CHECK(xmllint.accepts(document) == (row.good || beyond_xsd));
  }
}

TEST_CASE("the schema tells editors what each part is for") {
  const std::string text = xsd(kitchen::schema);
  CHECK(text.find("<xs:documentation>a menu &amp; its steps</xs:documentation>") != std::string::npos);
  CHECK(text.find("<xs:documentation>to prepare</xs:documentation>") != std::string::npos);
  CHECK(text.find("<xs:enumeration value=\"dessert\"/>") != std::string::npos);
}

}  // namespace lockstep::xml
