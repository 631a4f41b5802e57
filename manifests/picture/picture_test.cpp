#include "manifests/picture/picture.hpp"

#include <doctest/doctest.h>
#include <tinyxml2.h>

#include "host/base/text.hpp"

#include "manifests/picture/layout.hpp"
#include "manifests/plan_file/sample.hpp"
#include "manifests/xml/wellformed.hpp"

namespace lockstep::picture {
namespace {

using plan_file::Document;

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++n;
  return n;
}

bool well_formed(const std::string& picture) {
  tinyxml2::XMLDocument parsed;
  return parsed.Parse(picture.data(), picture.size()) == tinyxml2::XML_SUCCESS &&
         !xml::offence(picture, {.bytes = 16u << 20, .elements = 100'000, .depth = 16});
}

TEST_CASE("a picture shows every state, step, point of no return and fault") {
  const Document d = plan_file::sample::document();
  const std::string picture = svg(d);
  CHECK(count(picture, "<rect class=\"box") == d.steps.size() + 1);
  CHECK(count(picture, "url(#way)") == d.steps.size());
  CHECK(count(picture, "the state stays") == d.steps.size());
  CHECK(count(picture, "point of no return<") == d.cost.irreversible);
  CHECK(picture.find("if app goes back to 1.0.0: go on from state 4<") != std::string::npos);
  CHECK(picture.find("power cut: bootloader is torn, and written again") != std::string::npos);
  CHECK(picture.find("wait until nobody uses mobile-app 1.0.0") != std::string::npos);
  for (const plan_file::Step& step : d.steps) CHECK(picture.find(text(d, step)) != std::string::npos);
}

TEST_CASE("a picture needs nothing from elsewhere, and is the same each time") {
  const std::string picture = svg(plan_file::sample::document());
  CHECK(count(picture, "http") == 1);  // the name space
  CHECK(count(picture, "<script") == 0);
  CHECK(count(picture, "href") == 0);
  CHECK(svg(plan_file::sample::document()) == picture);
}

TEST_CASE("what a device calls itself cannot break the picture") {
  Document d = plan_file::sample::document();
  d.device = "<script>alert(1)</script>&\"'\x01\xff";
  d.board = "]]>";
  const std::string picture = svg(d);
  CHECK(well_formed(picture));
  CHECK(picture.find("<script") == std::string::npos);
  CHECK(picture.find('\x01') == std::string::npos);
}

TEST_CASE("long names are cut, and shown whole when one points at them") {
  Document d = plan_file::sample::document();
  d.components[0].label = std::string(200, 'n');
  for (auto& s : d.steps) s.after[0].active = s.after[0].active.empty() ? "" : "1.0.0-" + std::string(200, 'v');
  const std::string picture = svg(d);
  CHECK(well_formed(picture));
  CHECK(picture.find("<title>" + std::string(200, 'n') + "</title>") != std::string::npos);
  // Nothing that is drawn is wider than a box.
  for (std::size_t at = picture.find("<text "); at != std::string::npos; at = picture.find("<text ", at + 1)) {
    const std::size_t begin = picture.find('>', at) + 1;
    CHECK(display_width(picture.substr(begin, picture.find('<', begin) - begin)) <= 74);
  }
}

TEST_CASE("a text is cut at characters, not in the middle of one") {
  CHECK(shortened("abcdef", 6) == "abcdef");
  CHECK(shortened("abcdefg", 6) == "abcde…");
  CHECK(shortened("äöüäöüä", 4) == "äöü…");
  CHECK(escaped("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#39;");
}

TEST_CASE("dashed arrows lead to the states that the faults lead to, and none lies upon another") {
  const Document d = plan_file::sample::document();
  const Layout layout = lay_out(d);
  REQUIRE(!layout.leaps.empty());
  for (const Leap& leap : layout.leaps) {
    CHECK(leap.to < leap.from);
    CHECK(d.before(leap.to) == layout.reverts[leap.from][leap.row].state);
    for (const Leap& other : layout.leaps) {
      if (&leap == &other || leap.lane != other.lane) continue;
      CHECK((leap.from < other.to || other.from < leap.to));
    }
  }
}

TEST_CASE("a plan without steps is one box") {
  Document d = plan_file::sample::document();
  d.steps.clear();
  CHECK(count(svg(d), "<rect class=\"box") == 1);
  CHECK(well_formed(svg(d)));
}

}  // namespace
}  // namespace lockstep::picture
