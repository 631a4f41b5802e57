#include "host/api/engine_test_support.hpp"

namespace lockstep::api {
namespace {

struct Fixture {
  Fixture() {
    engine.take_release(product);
    engine.take_old_release(product);
    engine.add_device("node", device.uri());
    engine.post("/v1/devices/node/refresh", {});
  }
  json::object account(std::map<std::string, std::string> query = {{"to", "2.0.0"}}) {
    return engine.get("/v1/devices/node/plan/account", std::move(query));
  }

  Product product;
  SimulatedDevice device{product, "node"};
  TestEngine engine{product};
};

// The lines of a section; empty when there is no such section.
json::array lines(const json::object& account, std::string_view name) {
  for (const json::value& section : account.at("sections").as_array()) {
    if (std::string_view(section.at("name").as_string()) == name) return section.at("lines").as_array();
  }
  return {};
}

bool says(const json::array& lines, std::string_view words) {
  return std::any_of(lines.begin(), lines.end(), [&](const json::value& line) {
    return std::string_view(line.as_string()).find(words) != std::string_view::npos;
  });
}

TEST_CASE("the account of a plan says what a fault does, and with the last steps what cannot be undone") {
  Fixture f;
  const json::object account = f.account();
  CHECK(*json_text(account, "verdict") == "found");
  CHECK(*json_text(account, "device") == "node");
  CHECK(*json_text(account, "release") == "thermostat 2.0.0");
  CHECK(json_array(account, "left_out").operator*()->empty());
  CHECK_MESSAGE(says(lines(account, "faults"), "if app goes back"), json::serialize(account));
  CHECK(lines(account, "why").empty());
  const json::object obstacles =
      f.engine.get("/v1/devices/node/plan/account", {{"to", "2.0.0"}, {"obstacles", "true"}});
  CHECK(*json_text(obstacles, "verdict") == "found");
  CHECK(obstacles.at("sections").as_array().empty());  // nothing stands in the way, and nothing else was asked
}

TEST_CASE("the account of a device without a plan names what leaves no way") {
  Fixture f;
  f.engine.post("/v1/devices/node/software", {{"mobile-app", ""}});  // nobody knows any more
  const json::object account = f.account();
  CHECK(*json_text(account, "verdict") == "none");
  CHECK_MESSAGE(says(lines(account, "why"), "mobile-app"), json::serialize(account));
  CHECK(lines(account, "faults").empty());
}

TEST_CASE("an account is refused for the same reasons as the plan") {
  Fixture f;
  const auto refused = [&](const std::string& path, std::map<std::string, std::string> query) {
    const auto answer = parse_answer(f.engine.ask({"GET", path, std::move(query), {}}));
    REQUIRE_FALSE(answer);
    return answer.error();
  };
  CHECK(refused("/v1/devices/node/plan/account", {}).what == "the query parameter to is missing");
  CHECK(refused("/v1/devices/node/plan/account", {{"to", "newest"}, {"pin", "ap=2.x"}}).next == "did you mean app?");
  CHECK(refused("/v1/devices/node/plan/account", {{"to", "2.0.0"}, {"pin", "app=2.x"}}).next == "say ?to=newest");
  CHECK(refused("/v1/devices/nobody/plan/account", {{"to", "2.0.0"}}).kind == ErrorKind::not_found);
  CHECK(refused("/v1/devices/node/plan/account", {{"to", "9.0.0"}}).kind == ErrorKind::not_found);
}

TEST_CASE("the account of the newest versions says why the plan is so and, under a hold, why nothing newer") {
  Fixture f;
  const json::object account = f.account({{"to", "newest"}});
  CHECK(*json_text(account, "verdict") == "found");
  CHECK(*json_text(account, "release") == "newest");
  CHECK(account.at("choice").at("components").as_array()[0].at("chosen") == "2.0.0");
  CHECK_MESSAGE(says(lines(account, "faults"), "if app goes back"), json::serialize(account));
  CHECK(lines(account, "newer").empty());

  const json::object held = f.account({{"to", "thermostat@newest"}, {"hold", "app=2.x:field test runs"}});
  CHECK(*json_text(held, "verdict") == "found");
  CHECK(lines(held, "newer") == json::array{"app 1.0.0, not 2.0.0: hold app=2.x: field test runs"});
  CHECK(lines(held, "faults").empty());

  const json::object untested = f.account({{"to", "newest"}, {"tested_only", "true"}});
  CHECK_MESSAGE(says(lines(untested, "newer"), "only tested versions: app has 1.0.0"), json::serialize(untested));
  CHECK(untested.contains("evidence"));
}

TEST_CASE("when no versions go together the account has the derivation") {
  Fixture f;
  const json::object none = f.account({{"to", "newest"}, {"hold", "mobile-app=5.x"}});
  CHECK(*json_text(none, "verdict") == "none");
  CHECK_MESSAGE(says(lines(none, "why"), "hold mobile-app=5.x"), json::serialize(none));
  CHECK_MESSAGE(says(lines(none, "why"), "Together these leave no set"), json::serialize(none));
}

}  // namespace
}  // namespace lockstep::api
