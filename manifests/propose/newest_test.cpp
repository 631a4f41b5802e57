#include "manifests/propose/newest.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <random>

#include "manifests/plan_file/sample.hpp"

namespace lockstep::propose {
namespace {

using plan_file::sample::firmware;
using plan_file::sample::report;
using plan_file::sample::xml;
using Sets = choose::Choice::Verdict;

release::Release parsed(const std::string& text, std::string file) {
  auto out = release::parse(text, std::move(file));
  REQUIRE_MESSAGE(out, (out ? "" : out.error().what));
  return *std::move(out);
}

// The sample's two releases, an app for which one must have been on 2.5.0, and one that is not finished.
std::vector<release::Release> releases() {
  std::vector<release::Release> out = plan_file::sample::releases();
  out.push_back(parsed(xml("3.0.0", firmware("app", "3.0.0", "90000", 'a', "<from range=\"^2.5.0\"/>")), "3.0.0.xml"));
  out.push_back(parsed(xml("4.0.0-rc.1", firmware("app", "4.0.0-rc.1", "90000", 'b', "")), "rc.xml"));
  return out;
}

Wishes said(const std::vector<std::string>& pins, const std::vector<std::string>& holds = {}) {
  Wishes out;
  for (const std::string& text : pins) out.pins.push_back(*parse_pin(text));
  for (const std::string& text : holds) out.holds.push_back(*parse_hold(text));
  return out;
}

Outcome<Newest> ask(const Wishes& wishes, const model::Report& device = report(), const Options& options = {},
                    const std::vector<release::Release>& all = releases()) {
  const auto planner = Planner::make(all, std::span(&device, 1));
  REQUIRE_MESSAGE(planner, planner.error().what);
  return propose_newest(*planner, device, wishes, options);
}
Newest get(const Wishes& wishes, const model::Report& device = report(), const Options& options = {}) {
  auto out = ask(wishes, device, options);
  REQUIRE_MESSAGE(out, out.error().what);
  return *std::move(out);
}
std::string error(const Wishes& wishes, const model::Report& device = report()) {
  const auto out = ask(wishes, device);
  REQUIRE_FALSE(out);
  return out.error().what + "; " + out.error().next;
}

std::string rows(const Newest& newest) {
  std::string out;
  for (const Chosen& c : newest.components) {
    out += (out.empty() ? "" : ", ") + c.component + ' ' + (c.now == c.chosen ? c.now : c.now + " -> " + c.chosen);
  }
  return out;
}
std::string why(const Newest& newest, std::string_view component) {
  std::string out;
  for (const Chosen& c : newest.components) {
    for (const std::string& line : c.why_not_newer) out += c.component == component ? line + '\n' : "";
  }
  return out;
}

TEST_CASE("the newest set that can be reached is chosen, and a certified plan leads there") {
  const Newest newest = get({});
  REQUIRE(newest.proposal.document);
  CHECK(rows(newest) == "app 1.0.0 -> 2.0.0, bootloader 1.0.0 -> 1.1.0, backend 1.0.0 -> 2.0.0, mobile-app 1.0.0 -> 2.0.0");
  CHECK(newest.proposal.document->target == "newest");
  CHECK(target_text(*newest.proposal.document) == "thermostat with app 2.0.0 and bootloader 1.1.0");
  CHECK(plan_file::parse(plan_file::to_text(*newest.proposal.document)));
}

TEST_CASE("a newer set that no plan leads to is passed over, and said with its reasons") {
  const Newest newest = get({});
  REQUIRE(newest.passed_over.size() == 1);
  CHECK(newest.passed_over[0].versions == std::vector<std::string>{"app 3.0.0"});
  CHECK(newest.passed_over[0].reasons == std::vector<std::string>{"app 3.0.0 comes directly only from ^2.5.0 (3.0.0.xml:4)"});
  CHECK(why(newest, "app") == "app 4.0.0-rc.1 is a prerelease, and no pin asks for it\n");

  const Newest pinned = get(said({"app=3.x"}));
  CHECK(pinned.sets == Sets::found);
  CHECK(pinned.proposal.verdict == plan::Verdict::none);
  CHECK(pinned.components.empty());
  CHECK(pinned.proposal.reasons ==
        std::vector<std::string>{"app 3.0.0 cannot be reached: app 3.0.0 comes directly only from ^2.5.0 (3.0.0.xml:4)"});
}

TEST_CASE("a device that is not safe already is told so, whatever is asked for") {
  model::Report device = report();
  device.in_use[1].version = *version::parse("2.0.0");
  const Newest newest = get({}, device);
  CHECK(newest.sets == Sets::found);
  CHECK(newest.proposal.verdict == plan::Verdict::none);
  CHECK(newest.proposal.reasons ==
        std::vector<std::string>{"already now: mobile-app 2.0.0 requires backend ^2.0.0, but backend 1.0.0 is in use (2.0.0.xml:11)"});
}

// Later versions of the components, none of which starts from anything that is left.
std::vector<release::Release> long_gone(int last, const std::vector<std::string>& components) {
  std::vector<release::Release> out = plan_file::sample::releases();
  for (int v = 3; v <= last; ++v) {
    const std::string text = fmt::format("{}.0.0", v);
    std::string all;
    for (const std::string& name : components) {
      all += firmware(name, text, "90000", 'a', "<from range=\"^2.5.0\"/>");
      for (const std::string attribute : {" sha256=\"", " image-hash=\""}) {
        all.replace(all.rfind(attribute) + attribute.size(), 3, fmt::format("{:02}{}", v, name[0] == 'a' ? 'a' : 'b'));
      }
    }
    out.push_back(parsed(xml(text, all), text + ".xml"));
  }
  return out;
}

TEST_CASE("a device that dozens of versions have left behind still gets the newest that it can") {
  const auto newest = ask({}, report(), {}, long_gone(40, {"app"}));
  REQUIRE_MESSAGE(newest, newest.error().what);
  CHECK(newest->components[0].chosen == "2.0.0");
  CHECK(newest->passed_over.size() == 38);
  CHECK(newest->tried_all);
}

TEST_CASE("after very many sets that cannot be reached it stops, and says so") {
  Wishes wishes;
  wishes.first = {"bootloader"};
  const auto newest = ask(wishes, report(), {}, long_gone(70, {"app", "bootloader"}));
  REQUIRE_MESSAGE(newest, newest.error().what);
  CHECK(newest->sets == Sets::found);
  CHECK_FALSE(newest->tried_all);
  CHECK(newest->proposal.verdict == plan::Verdict::gave_up);
  CHECK(newest->components.empty());
  CHECK(newest->passed_over.size() > 60);
}

TEST_CASE("software moves only as far as the firmware needs it, unless everything is asked for or a pin says so") {
  const Newest stays = get(said({"app=1.x"}));
  CHECK(rows(stays) == "app 1.0.0, bootloader 1.0.0 -> 1.1.0, backend 1.0.0, mobile-app 1.0.0");
  CHECK(why(stays, "app") == "pin app=1.x\n");
  CHECK(why(stays, "backend") == "nothing else needs it newer\n");
  const Newest all = get(said({"app=1.x"}), report(), {.scope = model::Scope::everything});
  CHECK(rows(all) == "app 1.0.0, bootloader 1.0.0 -> 1.1.0, backend 1.0.0 -> 2.0.0, mobile-app 1.0.0 -> 2.0.0");
  CHECK(rows(get(said({"app=1.x", "backend=2.x"}))) ==
        "app 1.0.0, bootloader 1.0.0 -> 1.1.0, backend 1.0.0 -> 2.0.0, mobile-app 1.0.0");
}

TEST_CASE("a hold without a range keeps what is there, and what follows from it is derived") {
  const Wishes wishes = said({}, {"bootloader:the jig in Brno needs it"});
  const Newest newest = get(wishes);
  CHECK(rows(newest) == "app 1.0.0, bootloader 1.0.0, backend 1.0.0, mobile-app 1.0.0");
  CHECK(why(newest, "bootloader") == "hold bootloader: the jig in Brno needs it\n");

  const Newest none = get(said({"app=2.x"}, {"bootloader:the jig in Brno needs it"}));
  CHECK(none.sets == Sets::none);
  CHECK(none.causes == std::vector<std::string>{"app 2.0.0 requires bootloader ^1.1.0 (2.0.0.xml:8)", "pin app=2.x",
                                                "hold bootloader: the jig in Brno needs it"});
  CHECK(none.proposal.reasons == none.causes);
}

TEST_CASE("a held version is not used on the way either") {
  std::vector<release::Release> all = plan_file::sample::releases();
  all.push_back(parsed(xml("3.0.0", firmware("app", "3.0.0", "90000", 'a', "<from range=\"^2.0.0\"/>")), "3.0.0.xml"));
  const auto free = ask({}, report(), {}, all);
  REQUIRE(free);
  CHECK(free->components[0].chosen == "3.0.0");
  const auto held = ask(said({}, {"app=2.x:bricks one in a thousand"}), report(), {}, all);
  REQUIRE(held);
  CHECK(held->components[0].chosen == "1.0.0");
  REQUIRE(held->passed_over.size() == 1);
  CHECK(held->passed_over[0].reasons.back() == "app 2.0.0 is not to be used: hold app=2.x: bricks one in a thousand");
}

TEST_CASE("when only tested versions count, nothing untested is put on the device, and what is there may stay") {
  Wishes wishes;
  wishes.tested = std::vector<Tested>{{"bootloader", *version::parse("1.1.0")}};
  const Newest newest = get(wishes);
  CHECK(rows(newest) == "app 1.0.0, bootloader 1.0.0 -> 1.1.0, backend 1.0.0, mobile-app 1.0.0");
  wishes.tested->push_back({"app", *version::parse("2.0.0")});
  CHECK(get(wishes).components[0].chosen == "2.0.0");
  wishes.tested->clear();
  const Newest nothing = get(wishes);
  REQUIRE(nothing.proposal.document);
  CHECK(nothing.proposal.document->steps.empty());
  CHECK(why(nothing, "bootloader") == "only tested versions: bootloader has 1.0.0 (it is there)\n");
}

TEST_CASE("a prerelease is chosen when a pin admits it") {
  CHECK(rows(get(said({"app=>=4.0.0-rc.1"}))).starts_with("app 1.0.0 -> 4.0.0-rc.1, "));
}

TEST_CASE("a version below the device's security counter is not chosen, with its line") {
  model::Report device = report();
  device.device.components[0].version = *version::parse("2.0.0");
  device.device.components[0].security_counter = 2;
  device.device.components[1].version = *version::parse("1.1.0");
  device.in_use[0].version = device.in_use[1].version = *version::parse("2.0.0");
  const Newest newest = get(said({"app=1.x"}), device);
  CHECK(newest.causes == std::vector<std::string>{"pin app=1.x", "app 1.0.0 does not start on board-3 any more: its security counter "
                                                                 "is 1, the device's 2 (1.0.0.xml:8)"});
}

TEST_CASE("the weightiest component comes first, and the row of another says what it goes with") {
  std::vector<release::Release> all = plan_file::sample::releases();
  all.push_back(parsed(xml("3.0.0", firmware("bootloader", "2.0.0", "90000", 'a', "<requires component=\"app\" range=\"^1.0.0\"/>")), "3.0.0.xml"));
  const auto by_name = ask({}, report(), {}, all);
  REQUIRE(by_name);
  CHECK(rows(*by_name).find("app 1.0.0 -> 2.0.0") == 0);
  CHECK(why(*by_name, "bootloader") == "it goes only with app 1.0.0, and app weighs more\n");
  Wishes wishes;
  wishes.first = {"bootloader"};
  const auto first = ask(wishes, report(), {}, all);
  REQUIRE(first);
  CHECK(rows(*first) == "bootloader 1.0.0 -> 2.0.0, app 1.0.0, backend 1.0.0, mobile-app 1.0.0");
}

TEST_CASE("a row whose search for a reason was cut short says so, and does not say that nothing is newer") {
  std::vector<release::Release> all = plan_file::sample::releases();
  all.push_back(parsed(xml("3.0.0", firmware("bootloader", "2.0.0", "90000", 'a', "<requires component=\"app\" range=\"^1.0.0\"/>")), "3.0.0.xml"));
  const auto cut_short = ask({}, report(), {.limits = {}, .row_nodes = 1}, all);
  REQUIRE(cut_short);
  CHECK(rows(*cut_short).find("app 1.0.0 -> 2.0.0") == 0);  // the answer itself is not cut short by that
  CHECK(why(*cut_short, "bootloader") == "not known: the search for a reason was cut short\n");
}

TEST_CASE("what was said and cannot be meant is an error that says what to do") {
  CHECK(error(said({"ap=2.x"})) == "pin ap=2.x: there is no component \"ap\"; did you mean app?");
  CHECK(error(said({}, {"fpga"})) == "hold fpga: there is no component \"fpga\"; there are app, backend, bootloader and mobile-app");
  CHECK(error(said({"app=9.x"})) == "pin app=9.x fits no version of app; there are 1.0.0, 2.0.0, 3.0.0 and 4.0.0-rc.1");
  CHECK(error(said({"app=2.x"}, {"app=>=2.0.0:QA"})) ==
        "pin app=2.x and hold app=>=2.0.0: QA contradict each other: together they leave no version of app; "
        "take one of them away, or change its range; there are 1.0.0, 2.0.0, 3.0.0 and 4.0.0-rc.1");
  CHECK(error(said({"app=2.x"}, {"app"})).starts_with("pin app=2.x and hold app contradict each other: "));
  Wishes wishes;
  wishes.first = {"bootlaoder"};
  CHECK(error(wishes) == "first bootlaoder: there is no component \"bootlaoder\"; did you mean bootloader?");

  model::Report device = report();
  device.in_use.pop_back();
  CHECK(error(said({"mobile-app=2.x"}), device).starts_with("pin mobile-app=2.x: no version of mobile-app is known to be in use with board-3; "));
  device.in_use.push_back({.component = "mobile-app", .version = *version::parse("1.0.0")});
  device.in_use.push_back({.component = "mobile-app", .version = *version::parse("2.0.0")});
  CHECK(error(said({}, {"mobile-app"}), device) == "hold mobile-app: several versions of mobile-app are in use with board-3; "
                                                   "pin the one that shall stay, as in mobile-app=2.0.0");
  device.device.components.pop_back();
  CHECK_FALSE(ask(said({}, {"bootloader"}), device));
}

TEST_CASE("pins and holds have one form each") {
  CHECK(parse_pin("app = ^2.0.0 : a wish: of sales ")->text() == "app=^2.0.0: a wish: of sales");
  CHECK(parse_hold("mobile-app@ios")->text() == "mobile-app@ios");
  CHECK_FALSE(parse_hold("radio:")->range);
  CHECK(parse_hold("radio=1 - 2 || 4.x:drain")->range->contains(*version::parse("4.1.0")));
  CHECK(parse_pin("app").error().what == "\"app\" is not of the form COMPONENT=RANGE[:REASON] as in app=^2.0.0 or app=1.x:customer wish");
  CHECK(parse_hold("=2.x").error().what.starts_with("\"=2.x\" is not of the form COMPONENT[=RANGE][:REASON]"));
  CHECK(parse_hold("").error().kind == ErrorKind::invalid);
  CHECK(parse_pin("app=").error().what == "\"app=\" has no range after '='; for any version say *");
  CHECK(parse_pin("app=>2 <1").error().what == "\"app=>2 <1\": no version can be in >2 <1");
  CHECK(parse_hold("app:no\nradio").error().what == "\"app:no\\x0aradio\" is more than one line");
  CHECK(parse_pin("app=1.x:" + std::string(1000, 'y')).error().what == "a text of 1008 characters is too long, at most 1000 can be");
  CHECK(parse_pin("app=newer").error().what.starts_with("\"app=newer\": "));
}

TEST_CASE("newest is a word of its own") {
  CHECK(newest_of("newest") == "");
  CHECK(newest_of("gateway@newest") == "gateway");
  for (const char* to : {"2.0.0", "gateway@2.0.0", "./newest", "@newest", "newest@2.0.0", ""}) CHECK_FALSE(newest_of(to));
}

TEST_CASE("a search that was stopped promises nothing") {
  const Newest newest = get({}, report(), {.limits = {.expansions = 0}});
  CHECK(newest.sets == Sets::gave_up);
  CHECK(newest.proposal.verdict == plan::Verdict::gave_up);
  CHECK(newest.components.empty());
}

TEST_CASE("the document names each component, what was passed over, and the causes") {
  const json::object document = to_json(get({}));
  CHECK(document.at("verdict") == "found");
  const json::object& choice = document.at("choice").as_object();
  CHECK(choice.at("verdict") == "found");
  CHECK(choice.at("components").as_array()[0] ==
        json::object{{"component", "app"}, {"now", "1.0.0"}, {"chosen", "2.0.0"}, {"newest", "4.0.0-rc.1"},
                     {"why_not_newer", {"app 4.0.0-rc.1 is a prerelease, and no pin asks for it"}}});
  CHECK(choice.at("passed_over").as_array()[0].at("versions") == json::array{"app 3.0.0"});
  CHECK(choice.at("tried_all") == true);
}

// Three components of four versions each, with requirements and stepping stones that often leave no way.
class Made {
 public:
  explicit Made(unsigned seed) : random_(seed) {
    for (int v = 1; v <= 4; ++v) {
      std::string inside = v == 1 ? "  <component name=\"b\" kind=\"single\"/>\n" : "";
      for (const char* name : {"a", "b", "c"}) inside += one(name, v);
      releases_.push_back(parsed(xml(fmt::format("{}.0.0", v), inside), fmt::format("{}.xml", v)));
    }
    device_ = report();
    device_.in_use.clear();
    device_.device.components.clear();
    for (const char* name : {"a", "b", "c"}) {
      device_.device.components.push_back({.component = name, .version = *version::parse("1.0.0"), .security_counter = 0});
    }
  }
  const std::vector<release::Release>& releases() const { return releases_; }
  const model::Report& device() const { return device_; }

 private:
  bool one_in(unsigned n) { return random_() % n == 0; }

  std::string one(const std::string& name, int v) {
    std::string inside;
    if (v > 1 && one_in(3)) inside += fmt::format("<from range=\"&gt;={}.0.0\"/>", 1 + random_() % static_cast<unsigned>(v));
    for (const char* other : {"a", "b", "c"}) {
      if (v == 1 || other == name || !one_in(3)) continue;
      const char* when = one_in(3) ? "installed" : one_in(3) ? "during-flash" : "active";
      inside += fmt::format("<requires component=\"{}\" range=\"{}{}.0.0\" when=\"{}\"/>", other, one_in(2) ? "&gt;=" : "&lt;=",
                            1 + random_() % 4, when);
    }
    std::string out = firmware(name, fmt::format("{}.0.0", v), "1000", static_cast<char>('0' + v), inside);
    const std::string counter = fmt::format(" security-counter=\"{}\"", v);
    return out.erase(out.find(counter), counter.size());
  }

  std::mt19937 random_;
  std::vector<release::Release> releases_;
  model::Report device_;
};

TEST_CASE("300 made-up products: the chosen set is the newest to which any plan leads, found by asking for all") {
  int all = 0, passed_over = 0, stayed = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    const Made made(seed);
    const auto planner = Planner::make(made.releases(), std::span(&made.device(), 1));
    REQUIRE_MESSAGE(planner, planner.error().what);
    const auto newest = propose_newest(*planner, made.device(), {}, {});
    REQUIRE_MESSAGE(newest, newest.error().what);
    auto problem = make_problem(planner->catalogue(), made.device());
    REQUIRE(problem);
    const auto reached = [&](model::Index a, model::Index b, model::Index c) {
      problem->goal.versions = {a, b, c};
      return plan::make_plan(planner->relations(), *problem)->verdict == plan::Verdict::found;
    };
    std::string truth;
    for (model::Index n = 63; n >= 0 && truth.empty(); --n) {
      if (reached(n / 16, n / 4 % 4, n % 4)) truth = fmt::format("{}.0.0 {}.0.0 {}.0.0", n / 16 + 1, n / 4 % 4 + 1, n % 4 + 1);
    }
    std::string chosen;
    for (const Chosen& c : newest->components) chosen += (chosen.empty() ? "" : " ") + c.chosen;
    CHECK(chosen == truth);
    ++all;
    passed_over += newest->passed_over.empty() ? 0 : 1;
    stayed += chosen == "1.0.0 1.0.0 1.0.0" ? 1 : 0;
  }
  MESSAGE(all << " products, " << passed_over << " with sets passed over, " << stayed << " that stay as they are");
  CHECK(passed_over > 30);
}

}  // namespace
}  // namespace lockstep::propose
