// What the routes of releases say beside yes and no.
#include "host/api/engine_test_support.hpp"

namespace lockstep::api {
namespace {

json::object add(TestEngine& engine, const std::string& release) {
  return must(parse_answer(engine.ask({"POST", "/v1/releases", {{"name", "new.xml"}}, release}))).as_object();
}

TEST_CASE("a release that takes back what an earlier one required of the same image is kept, with a warning") {
  const Product product;
  TestEngine engine(product);
  engine.take_release(product);
  const std::string later = Product::manifest_of("new.bin", product.new_image, "2.0.0", "^5.1.0");
  const std::string name = "product=\"thermostat\" version=\"2.0.0\"", named = "product=\"thermostat\" version=\"2.1.0\"";
  std::string manifest = later;
  manifest.replace(manifest.find(name), name.size(), named);
  const json::object kept = add(engine, product.sign(manifest));
  const json::array& warnings = kept.at("warnings").as_array();
  REQUIRE(warnings.size() == 1);
  const std::string text(warnings[0].as_string());
  CHECK_MESSAGE(text.find("app 2.0.0 no longer requires mobile-app ^5.2.0 as the same image does in thermostat@2.0.0:5") != std::string::npos, text);
}

TEST_CASE("one release comes with its envelope and those of its signers who are trusted now") {
  const Product product;
  TestEngine engine(product);
  engine.take_release(product);
  const json::object shown = engine.get("/v1/releases/thermostat@2.0.0");
  CHECK(shown.at("signers") == json::array{"release"});
  CHECK(shown.at("envelope").as_string().starts_with('{'));
}

}  // namespace
}  // namespace lockstep::api
