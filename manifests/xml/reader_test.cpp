#include "manifests/xml/reader.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "manifests/xml/kitchen.hpp"

namespace lockstep::xml {
namespace {

using namespace std::chrono_literals;

// The document with one place changed.
std::string with(std::string_view from, std::string_view to) {
  std::string text(kitchen::document);
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, std::string(from));
  return text.replace(at, from.size(), to);
}

std::string errors(std::string_view text) {
  const auto document = read_or_error(kitchen::schema, text, "m.xml");
  return document ? "" : document.error().what;
}

}  // namespace

TEST_CASE("a document comes out with typed values, lines and the order of its elements") {
  const auto document = read(kitchen::schema, kitchen::document, "m.xml");
  REQUIRE(document);
  const Node& menu = document->root;
  CHECK(menu.version("version").text() == "1.2.0-rc.1");
  CHECK(menu.range("guests").text() == ">=2 <9");
  CHECK_FALSE(menu.has("note"));
  CHECK(menu.text("note") == "");
  CHECK(menu.child("cook")->content() == "Anna & Bo€");
  REQUIRE(menu.children("dish").size() == 2);

  const Node& soup = *menu.children("dish")[0];
  CHECK(soup.text("kind") == "starter");
  CHECK(soup.duration("time") == 90s);
  CHECK(soup.size_bytes("weight") == 4096);
  CHECK(soup.words("tags") == std::vector<std::string>{"hot", "wet"});
  CHECK(soup.count("portions") == 4);
  CHECK(soup.number("spice") == -0.5);
  CHECK(document->at(soup) == "m.xml:5");

  const Node& stew = *menu.children("dish")[1];
  CHECK(stew.sha256("digest").hex() == "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
  CHECK(stew.boolean("vegan"));
  CHECK(stew.text("kind") == "main");  // the fallback
  CHECK(stew.count("portions") == 1);
  CHECK(stew.line_of("photo") == 7);

  const Node& steps = *menu.child("steps");
  REQUIRE(steps.children().size() == 4);
  CHECK(steps.children()[0].content() == "20 s");
  CHECK(steps.children()[1].children()[0].content() == "<hello> &");
  CHECK(steps.children()[2].is("say"));
}

TEST_CASE("an unknown attribute is refused with what was probably meant") {
  CHECK(errors(with("version=\"1.2.0-rc.1\"", "versoin=\"1.2.0\"")) ==
        "m.xml:3: <menu>: unknown attribute \"versoin\"; did you mean \"version\"?\n"
        "m.xml:3: <menu>: attribute \"version\" is missing: expected a SemVer version such as 1.4.2");
  CHECK(errors(with("guests", "zzzz")) ==
        "m.xml:3: <menu>: unknown attribute \"zzzz\"; it can have name, version, guests, note");
}

TEST_CASE("an unknown element is refused with what was probably meant, or where it belongs") {
  CHECK(errors(with("<say/>", "<sey/>")) ==
        "m.xml:11: <sey>: unknown element <sey> inside <steps>; did you mean \"say\"?");
  CHECK(errors(with("<say/>", "<sing/>")).starts_with("m.xml:11: <sing>: unknown element <sing> inside <steps>"));
  CHECK(errors(with("<say/>", "<cook>x</cook>")) ==
        "m.xml:11: <cook>: element <cook> does not belong inside <steps>; its place is inside <menu>");
}

TEST_CASE("a value of the wrong form is refused with the form that was expected") {
  const struct { const char* from; const char* to; const char* message; } rows[] = {
      {"1.2.0-rc.1", "1.2", "attribute \"version\" is \"1.2\": expected a SemVer version such as 1.4.2"},
      {"&gt;=2 &lt;9", "2 bis 9", "expected a range of versions such as ^1.2.0"},
      {"starter", "dessrt", "expected one of starter, main, dessert; did you mean \"dessert\"?"},
      {"1.5 min", "90", "attribute \"time\" is \"90\": expected a number with unit"},
      {"1.5 min", "1.5  min", "expected a number with unit"},
      {"4 KiB", "4 kB", "expected bytes such as 512, 64 KiB or 16 MiB"},
      {"4 KiB", "99999999999 GiB", "expected bytes"},
      {"hot wet", "hot  wet", "expected names separated by single blanks"},
      {"portions=\"4\"", "portions=\"-4\"", "expected a whole number from 0 to 4294967295"},
      {"portions=\"4\"", "portions=\"4294967296\"", "expected a whole number"},
      {"portions=\"4\"", "portions=\"04\"", "expected a whole number"},
      {"-0.5", "1e5", "expected a decimal number"},
      {"-0.5", ".5", "expected a decimal number"},
      {"vegan=\"true\"", "vegan=\"yes\"", "expected true or false"},
      {"0123456789abcdef0123", "0123456789ABCDEF0123", "expected 64 lower-case hexadecimal digits"},
      {"0123456789abcdef0123", "0123", "it has 48 characters"},
      {"img/stew.jpg", "../stew.jpg", "expected a relative path inside its folder"},
      {"img/stew.jpg", "/etc/passwd", "expected a relative path"},
      {"img/stew.jpg", "a\\b", "expected a relative path"},
      {"img/stew.jpg", "C:x", "expected a relative path"},
      {"img/stew.jpg", "a//b", "expected a relative path"},
      {"https://example.org/stew", "example.org", "expected a URI"},
      {"name=\"monday\"", "name=\"\"", "attribute \"name\" is \"\": expected a name of letters"},
      {"name=\"monday\"", "name=\"mon day\"", "expected a name of letters"},
      {"> 20 s <", "> 20 <", "its text is \"20\": expected a number with unit"},
      {"> 20 s <", "> <", "its text is missing: expected a number with unit"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.to));
    const std::string message = errors(with(row.from, row.to));
    CAPTURE(message);
    CHECK(message.find(row.message) != std::string::npos);
    CHECK(message.starts_with("m.xml:"));
  }
}

TEST_CASE("missing, doubled and misplaced elements are refused") {
  CHECK(errors(with("<cook>Anna &amp; Bo&#x20AC;</cook>", "")) == "m.xml:3: <menu>: element <cook> is missing inside it");
  CHECK(errors(with("<cook>", "<cook>a</cook><cook>")) ==
        "m.xml:4: <cook>: is there twice inside <menu>, first in line 4");
  CHECK(errors(with("</steps>", "</steps><dish id=\"ice\"/>")) ==
        "m.xml:13: <dish>: comes too late: inside <menu> the order is cook, dish, steps");
  CHECK(errors(with("id=\"stew\"", "id=\"soup\"")) == "m.xml:6: <dish>: id \"soup\" is there twice, first in line 5");
  CHECK(errors(with("<steps>", "<steps>now")) == "m.xml:8: <steps>: text \"now\" is not expected here");
}

TEST_CASE("all problems are reported together, in the order of the file") {
  const std::string message = errors(with("name=\"monday\" version=\"1.2.0-rc.1\"", "nam=\"monday\" version=\"x\"") + "");
  CHECK(std::count(message.begin(), message.end(), '\n') == 2);
}

TEST_CASE("the namespace is fixed") {
  CHECK(errors(with("xmlns=\"urn:lockstep:test:menu:1\" ", "")) ==
        "m.xml:3: <menu>: expected xmlns=\"urn:lockstep:test:menu:1\"");
  CHECK(errors(with("menu:1\"", "menu:2\"")) ==
        "m.xml:3: <menu>: xmlns is \"urn:lockstep:test:menu:2\": expected \"urn:lockstep:test:menu:1\"");
  CHECK(errors(with("<cook>", "<cook xmlns=\"urn:lockstep:test:menu:1\">")) ==
        "m.xml:4: <cook>: xmlns belongs to the root element only");
  CHECK(errors(with("<cook>", "<cook a:b=\"c\">")).find("prefixes of namespaces are not allowed") != std::string::npos);
  CHECK(errors(with("<say/>", "<x:say/>")).find("prefixes of namespaces are not allowed") != std::string::npos);
  CHECK(errors("<lunch xmlns=\"urn:lockstep:test:menu:1\"/>") == "m.xml:1: <lunch>: expected the root element <menu>");
}

TEST_CASE("what XML forbids, and what we do not want in it, is refused with its line") {
  const struct { const char* from; const char* to; const char* message; } rows[] = {
      {"<!-- a menu -->", "<!DOCTYPE menu>", "m.xml:2: DOCTYPE and entity declarations are not allowed"},
      {"<!-- a menu -->", "<?php echo ?>", "m.xml:2: processing instructions are not allowed"},
      {"<!-- a menu -->", "<!-- a -- b -->", "\"--\" is not allowed inside a comment"},
      {"<!-- a menu -->", "menu", "m.xml:2: there is text outside the root element"},
      {"<!-- a menu -->", "<![CDATA[a]]>", "m.xml:2: CDATA is not allowed outside the root element"},
      {"<!-- a menu -->", "</menu>", "closes nothing"},
      {"</menu>", "</menu>\n<menu/>", "m.xml:15: there is a second root element: a file holds exactly one"},
      {"</menu>", "</menu> .", "there is text outside the root element"},
      {"</menu>", "", "the file ends inside <menu>"},
      {"</steps>", "</step>", "m.xml:13: <steps>: </step> found where </steps> was expected"},
      {"&amp;", "&nbsp;", "m.xml:4: <cook>: '&' begins no reference that XML knows"},
      {"&amp;", "&", "a plain '&' is written &amp;"},
      {"&#x20AC;", "&#0;", "'&' begins no reference"},
      {"&#x20AC;", "&#xD800;", "'&' begins no reference"},
      {"&#x20AC;", "&#x110000;", "'&' begins no reference"},
      {"&gt;=2 &lt;9", "&gt;=2 <9", "m.xml:3: <menu>: '<' in attribute \"guests\" must be written &lt;"},
      {"hot wet", "hot\nwet", "attribute \"tags\" must be on one line"},
      {"portions=\"4\"", "id=\"x\"", "attribute \"id\" is there twice"},
      {"portions=\"4\"", "portions=4", "the value of attribute \"portions\" is not quoted"},
      {"portions=\"4\"", "portions", "expected = after attribute"},
      {" portions=\"4\"", "portions=\"4\"", "expected a blank before the next attribute"},
      {"Anna", "Anna ]]> ", "\"]]>\" is not allowed in text"},
      {"Anna", "Anna\x01", "m.xml:4: there is a character that XML forbids"},
      {"Anna", "Anna\xEF\xBF\xBF", "m.xml:4: there is a character that XML forbids"},
      {"Anna", "Anna\xC3(", "m.xml:4: the text is not valid UTF-8"},
      {"Anna", "Anna\xED\xA0\x80", "the text is not valid UTF-8"},
      {"UTF-8", "ISO-8859-1", "only UTF-8 is read"},
      {"<say/>", "<say/", "the tag does not end with '>'"},
      {"<say/>", "<1say/>", "expected an element's name"},
      {"<!-- a menu -->", "<!-- a menu", "a comment does not end"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.to));
    const std::string message = errors(with(row.from, row.to));
    CAPTURE(message);
    CHECK(message.find(row.message) != std::string::npos);
  }
  CHECK(errors("") == "m.xml:1: the file has no element");
  CHECK(errors("<!-- only -->") == "m.xml:1: the file has no element");
  CHECK(errors(std::string("<menu>\0</menu>", 14)).find("XML forbids") != std::string::npos);
}

TEST_CASE("size, depth and number of elements are limited") {
  const auto message = [](std::string_view text, Limits limits) {
    const auto document = read(kitchen::schema, text, "m.xml", limits);
    REQUIRE_FALSE(document);
    return document.error().front().what;
  };
  CHECK(message(kitchen::document, {.bytes = 100}).find("at most 100 are read") != std::string::npos);
  CHECK(message(kitchen::document, {.elements = 5}) == "there are more than 5 elements");
  CHECK(message(kitchen::document, {.depth = 2}) == "elements are nested deeper than 2");
  std::string deep;
  for (int i = 0; i < 5000; ++i) deep += "<a>";
  CHECK(message(deep, {}) == "elements are nested deeper than 16");
}

TEST_CASE("a byte order mark, line ends of DOS and a missing declaration are fine") {
  CHECK(errors("\xEF\xBB\xBF" + std::string(kitchen::document)) == "");
  std::string dos(kitchen::document);
  for (std::size_t at = dos.find('\n'); at != dos.npos; at = dos.find('\n', at + 2)) dos.replace(at, 1, "\r\n");
  CHECK(errors(dos) == "");
  CHECK(errors(kitchen::document.substr(kitchen::document.find("<menu"))) == "");
}

TEST_CASE("every beginning of a document is refused without reading past its end") {
  const std::string_view whole = kitchen::document.substr(0, kitchen::document.find("</menu>") + 6);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto exact = std::make_unique<char[]>(size);
    std::copy_n(whole.data(), size, exact.get());
    CAPTURE(size);
    CHECK_FALSE(read(kitchen::schema, {exact.get(), size}, "m.xml"));
  }
}

TEST_CASE("at most fifty problems are listed") {
  std::string many = "<menu xmlns=\"urn:lockstep:test:menu:1\" name=\"a\" version=\"1.0.0\"><cook>x</cook><dish id=\"d\"/><steps>";
  for (int i = 0; i < 200; ++i) many += "<bad/>";
  const auto document = read(kitchen::schema, many + "</steps></menu>", "m.xml");
  REQUIRE_FALSE(document);
  CHECK(document.error().size() == 50);
}

}  // namespace lockstep::xml
