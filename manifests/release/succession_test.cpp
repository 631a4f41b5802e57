#include "manifests/release/succession.hpp"

#include <doctest/doctest.h>

#include "manifests/release/sample.hpp"

namespace lockstep::release {
namespace {

Release release(const std::string& version, const std::string& firmware) {
  auto out = parse("<release xmlns=\"urn:lockstep:release:1\" product=\"gateway\" version=\"" + version +
                       "\">\n<hardware board=\"gw-1\" revisions=\"&gt;=1.0.0\"/>\n" + firmware + "\n</release>\n",
                   version + ".xml");
  REQUIRE_MESSAGE(out, (out ? "" : out.error().what));
  return *std::move(out);
}

std::string image(const std::string& version, const std::string& counter, char hash, const std::string& needs = "") {
  return "<firmware component=\"app\" version=\"" + version + "\" file=\"app.bin\" size=\"10\" sha256=\"" + std::string(64, hash) +
         "\" image-hash=\"" + std::string(64, hash) + "\" security-counter=\"" + counter + "\">" + needs + "</firmware>";
}

std::vector<std::string> found(const Release& fresh, const std::vector<Release>& others) {
  std::vector<const Release*> all;
  for (const Release& r : others) all.push_back(&r);
  std::vector<std::string> out;
  for (const Finding& f : taken_back(fresh, all)) out.push_back(f.text(fresh));
  return out;
}

TEST_CASE("a security counter that falls is said once, with both places") {
  const std::vector<Release> before{release("1.0.0", image("1.0.0", "4", 'a')), release("2.0.0", image("2.0.0", "3", 'b'))};
  CHECK(found(release("3.0.0", image("3.0.0", "2", 'c')), before) ==
        std::vector<std::string>{"3.0.0.xml:3: warning: app 3.0.0 has the security counter 2, but app 2.0.0 before it has 3 "
                                 "(2.0.0.xml:3): a device that has finalised that refuses this one"});
  CHECK(found(release("3.0.0", image("3.0.0", "4", 'c')), before).empty());
  // A release that is older brings older firmware, and is no step back.
  CHECK(found(release("0.9.0", image("0.9.0", "1", 'c')), before).empty());
  // The older image again, with its own counter, is a downgrade that says so itself.
  CHECK(found(release("3.0.0", image("1.0.0", "3", 'a')), {before[1]}).empty());
}

TEST_CASE("the same image with a requirement less is said; with a wider one, too") {
  const std::string boot = "<requires component=\"boot\" range=\"&gt;=1.1.0\"/>";
  const std::vector<Release> before{release("2.0.0", image("2.0.0", "1", 'b', boot))};
  CHECK(found(release("3.0.0", image("2.0.0", "1", 'b')), before) ==
        std::vector<std::string>{"3.0.0.xml:3: warning: app 2.0.0 no longer requires boot >=1.1.0 as the same image does in "
                                 "2.0.0.xml:3: plans go by the newest release that has an image"});
  CHECK(found(release("3.0.0", image("2.0.0", "1", 'b', "<requires component=\"boot\" range=\"*\"/>")), before).size() == 1);
  CHECK(found(release("3.0.0", image("2.0.0", "1", 'b', boot)), before).empty());
  CHECK(found(release("3.0.0", image("3.0.0", "1", 'c')), before).empty());  // another image may need less
}

}  // namespace
}  // namespace lockstep::release
