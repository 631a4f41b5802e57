#include "host/cli/gateway_words_test.hpp"
#include "host/cli/program_test.hpp"

namespace lockstep::cli {
namespace {

using namespace test;

const std::string &examples = gateway_examples, &one = gateway_one, &two = gateway_two;

// The gateway as it was sold, on its way to 2.0.0.
std::vector<std::string> make(std::vector<std::string> more = {}) {
  std::vector<std::string> words = make_gateway_plan("2.0.0");
  words.insert(words.end(), {"--software", "mobile-app@android=4.0.0", "--software", "mobile-app@ios=4.0.0"});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_CASE("plan make shows numbered steps that were certified, and writes the plan and its picture") {
  TempDir dir;
  const Run made = run(dir, make({"-o", "plan.json", "--svg", "plan.svg", "--finalise"}));
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  CHECK(made.out.starts_with("gw-7 (gw-1 revision 1.0.0) to gateway 2.0.0\n"));
  CHECK(made.out.find(" 1. ") != std::string::npos);
  CHECK(made.out.find("the device reboots") != std::string::npos);
  CHECK(made.out.find("--- point of no return") != std::string::npos);
  CHECK(made.out.find("wait until nobody uses mobile-app@android 4.0.0 any more") != std::string::npos);
  CHECK(made.out.find("\ncertified: ") != std::string::npos);
  CHECK(*read_text_file(dir / "plan.svg") == *read_text_file(examples + "/gateway-plan.svg"));  // the one of the README

  const Run shown = run(dir, {"plan", "show", "plan.json"});
  CHECK(shown.exit_code == 0);
  CHECK(made.out.starts_with(shown.out));
  CHECK(shown.says("it was not checked"));

  const Run checked = run(dir, {"plan", "check", "plan.json", "--release", examples + "/gateway-1.0.0.xml",
                                "--release", two, "--json"});
  CHECK_MESSAGE(checked.exit_code == 0, checked.err);
  CHECK(*json_bool(checked.document(), "certified"));

  const Run again = run(dir, make({"-o", "plan.json"}));
  CHECK(again.exit_code == 1);
  CHECK(again.says("--force"));
}

TEST_CASE("plan make goes on from a device on trial and one whose only slot is torn") {
  TempDir dir;
  std::vector<std::string> words{"plan", "make", "--release", one, "--to", two, "--board", "gw-1", "--revision", "1",
                                 "--epoch", "app=1", "--software", "backend=1.1.0", "--software", "mobile-app=4.1.0",
                                 "--device", "bootloader=1.1.0"};
  std::vector<std::string> trial = words;
  for (const char* word : {"--device", "app=2.0.0", "--device", "radio=1.0.0", "--trial", "app"}) trial.push_back(word);
  const Run unknown = run(dir, trial);
  CHECK(unknown.exit_code == 1);
  CHECK(unknown.says("what it would go back to is not known"));
  for (const char* word : {"--fallback", "app=1.0.0"}) trial.push_back(word);
  const Run known = run(dir, trial);
  CHECK_MESSAGE(known.exit_code == 0, known.err);
  CHECK(known.out.find("! if app goes back to 1.0.0: make a new plan from there") != std::string::npos);
  CHECK(known.out.find("1. when it is healthy, confirm app 2.0.0\n") != std::string::npos);

  for (const char* word : {"--device", "app=2.0.0", "--torn", "radio"}) words.push_back(word);
  const Run torn = run(dir, words);
  CHECK_MESSAGE(torn.exit_code == 0, torn.err);
  CHECK(torn.out.find("1. write radio 2.0.0 in place") != std::string::npos);
}

TEST_CASE("a slot in which nothing is can be said, as an ab-late component wants it") {
  TempDir dir;
  std::string late = *read_text_file(one);
  const std::string kind = "kind=\"ab-trial\"";
  late.replace(late.find(kind), kind.size(), "kind=\"ab-late\"");
  REQUIRE(write_file(dir / "late.xml", late));
  std::vector<std::string> words{"plan", "make", "--release", "late.xml", "--to", "1.0.0", "--board", "gw-1", "--revision", "1",
                                 "--software", "backend=1.0.0", "--unused", "mobile-app", "--device", "bootloader=1.0.0",
                                 "--device", "app=1.0.0", "--device", "radio=1.0.0"};
  const Run unknown = run(dir, words);
  CHECK(unknown.exit_code == 1);
  CHECK_MESSAGE(unknown.says("--fallback app=none"), unknown.err);
  for (const char* word : {"--fallback", "app=none"}) words.push_back(word);
  const Run known = run(dir, words);
  CHECK_MESSAGE(known.exit_code == 0, known.err);
  words.back() = "app=nothing";
  CHECK(run(dir, words).exit_code == 2);
}

TEST_CASE("the document of plan make has the plan that -o writes") {
  TempDir dir;
  const Run made = run(dir, make({"-o", "plan.json", "--json"}));
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  const json::object document = made.document();
  CHECK(*json_text(document, "verdict") == "found");
  CHECK(*json_bool(document, "certified"));
  CHECK(*json_bool(document, "least"));
  CHECK(pretty_json(document.at("plan")) == *read_text_file(dir / "plan.json"));
}

TEST_CASE("plan check says where a plan that was changed fails") {
  TempDir dir;
  REQUIRE(run(dir, make({"-o", "plan.json"})).exit_code == 0);
  std::string text = *read_text_file(dir / "plan.json");
  const std::size_t at = text.find("\"trial\": true");
  REQUIRE(at != std::string::npos);
  REQUIRE(write_file(dir / "bad.json", text.replace(at, 13, "\"trial\": false")));
  const Run checked = run(dir, {"plan", "check", "bad.json", "--release", one, "--release", two});
  CHECK(checked.exit_code == 1);
  CHECK(checked.out.starts_with("not certified: step "));
  CHECK(checked.says("bad.json is no plan to follow"));

  const Run missing = run(dir, {"plan", "check", "plan.json", "--release", two});
  CHECK(missing.exit_code == 1);
  CHECK(missing.says("$.releases[0]: the plan was made from gateway 1.0.0, which is missing here"));
  REQUIRE(write_file(dir / "half.json", text.substr(0, 300)));
  CHECK(run(dir, {"plan", "show", "half.json"}).exit_code == 1);
  CHECK(run(dir, {"plan", "show"}).exit_code == 2);
}

TEST_CASE("plan make says no with reasons") {
  TempDir dir;
  std::vector<std::string> words = make();
  for (std::string& word : words) {
    if (word == "gw-1") word = "gw-9";
  }
  const Run made = run(dir, words);
  CHECK(made.exit_code == 1);
  CHECK(made.out.starts_with("no plan takes gw-7 to gateway 2.0.0:\n  - "));
  CHECK(made.out.find("gw-9") != std::string::npos);
  words.push_back("--json");
  const Run document = run(dir, words);
  CHECK(document.exit_code == 1);
  CHECK(*json_text(document.document(), "verdict") == "none");
  CHECK(!(*json_array(document.document(), "reasons"))->empty());
}

TEST_CASE("plan make takes a folder of releases and a file as its goal, and says what is missing") {
  TempDir dir;
  std::vector<std::string> words{"plan",    "make", "--release",  examples, "--to",     two,
                                 "--board", "gw-1", "--revision", "1",      "--device", "app=1.0.0"};
  const Run mixed = run(dir, words);
  CHECK(mixed.exit_code == 1);
  CHECK(mixed.says("thermostat"));  // the folder has another product, too
  words[3] = one;
  words[5] = "3.0.0";
  const Run unknown = run(dir, words);
  CHECK(unknown.exit_code == 1);
  CHECK(unknown.says("\"3.0.0\" is neither the version of a release given here nor a file"));
  CHECK(unknown.says("there are 1.0.0"));
  CHECK(run(dir, {"plan", "make", "--to", "2.0.0"}).exit_code == 2);
}

TEST_CASE("release matrix shows which pairs are allowed, with the line that forbids the others") {
  TempDir dir;
  const Run shown = run(dir, {"release", "matrix", "--release", one, "--release", two});
  REQUIRE_MESSAGE(shown.exit_code == 0, shown.err);
  CHECK(shown.out.find("app \\ radio  1.0.0  2.0.0\n"
                       "1.0.0        yes    no (1)\n"
                       "2.0.0        yes    yes\n"
                       "  (1) app 1.0.0 requires radio ^1.0.0 (" + one + ":16)\n") != std::string::npos);
  const json::object document = run(dir, {"release", "matrix", "--release", one, "--release", two, "--json"}).document();
  CHECK(*json_text(document, "product") == "gateway");
  CHECK(!(*json_array(document, "matrices"))->empty());
}

std::vector<std::string> as(std::string verb, std::vector<std::string> words) {
  words[1] = std::move(verb);
  return words;
}

TEST_CASE("plan explain says why these stops and this order, what faults do, and what cannot be undone") {
  TempDir dir;
  const Run told = run(dir, as("explain", make({"--finalise"})));
  REQUIRE_MESSAGE(told.exit_code == 0, told.err);
  for (const char* title : {"Why these stops\n 1. backend 1.1.0: without it there is no way, because app 2.0.0 requires ", "Why this order\n 1. ", "What if it fails here\n 1. ", "What cannot be undone\n 1. "}) {
    CHECK_MESSAGE(told.out.find(title) != std::string::npos, told.out);
  }
  CHECK_MESSAGE(told.out.find("gateway-2.0.0.xml:") != std::string::npos, told.out);

  const Run document = run(dir, as("explain", make({"--json"})));
  CHECK(*json_text(document.document(), "verdict") == "found");
  CHECK(!document.document().at("sections").as_array().empty());

  const Run why_not = run(dir, as("why-not", make()));
  CHECK(why_not.exit_code == 1);
  CHECK(why_not.says("there is a plan that takes gw-7 to gateway 2.0.0"));
}

TEST_CASE("plan why-not names the manifest lines that leave no way") {
  TempDir dir;
  // The mobile app needs a backend that no release brings.
  std::string text = *read_text_file(two);
  const std::string range = "component=\"backend\" range=\"^1.1.0\"";
  for (std::size_t at = text.find(range); at != std::string::npos; at = text.find(range, at)) {
    text.replace(at, range.size(), "component=\"backend\" range=\"^9.0.0\"");
  }
  REQUIRE(write_file(dir / "two.xml", text));
  std::vector<std::string> words = as("why-not", make());
  for (std::string& word : words) {
    if (word == two) word = "two.xml";
  }
  const Run told = run(dir, words);
  CHECK_MESSAGE(told.exit_code == 0, told.err);
  CHECK_MESSAGE(told.out.starts_with("Why there is no plan\n 1. "), told.out);
  CHECK_MESSAGE(told.out.find("two.xml:") != std::string::npos, told.out);

  const Run explained = run(dir, as("explain", std::vector<std::string>(words)));
  CHECK(explained.exit_code == 1);
  CHECK(explained.says("lockstep plan why-not"));
}

}  // namespace
}  // namespace lockstep::cli
