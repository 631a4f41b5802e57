// A device of two components that comes to a release only over a stop and in one order, brought there by the daemon's engine.
#include "host/api/engine_test_support.hpp"
#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::api {
namespace {

// app 3 comes only from 2 on, which an older release brings, and talks only to radio 2; radio 2 talks only to app 2 and later.
// So the one safe order is app 2, radio 2, app 3.
struct TwoComponents {
  Product product;
  Buffer app_2 = signed_image(std::string(20'000, 'c'), 2, product.image_key);
  Buffer app_3 = signed_image(std::string(20'000, 'd'), 3, product.image_key);
  Buffer radio_1 = signed_image(std::string(9'000, 'r'), 1, product.image_key);
  Buffer radio_2 = signed_image(std::string(9'000, 's'), 2, product.image_key);
  SimulatedDevice device;

  TwoComponents() : device(with_file(product, radio_1), "node",
                           {"--components", "app,radio", "--seed-image", "radio=" + (product.folder / "radio.bin").string()}) {}

  static const Product& with_file(const Product& product, const Buffer& radio) {
    must(write_file(product.folder / "radio.bin", radio));
    return product;
  }

  static std::string firmware(std::string_view component, std::string_view version, const Buffer& image, std::string_view inside) {
    return fmt::format("<firmware component=\"{0}\" version=\"{1}\" file=\"{0}-{1}.bin\" size=\"{2}\" sha256=\"{3}\" "
                       "image-hash=\"{4}\">{5}</firmware>",
                       component, version, image.size(), Sha256::of(Bytes(image)).hex(), image_hash(image), inside);
  }
  std::string release(std::string_view version, const std::string& parts) const {
    return product.sign(fmt::format("<release xmlns=\"urn:lockstep:release:1\" product=\"thermostat\" version=\"{}\">"
                                    "<hardware board=\"node-m3\"/>{}</release>", version, parts));
  }

  void prepare(TestEngine& engine) const {
    for (const auto& [role, key] : {std::pair("image", &product.image_key), std::pair("release", &product.release_key)})
      engine.post("/v1/keys", {{"name", role}, {"role", role}, {"public_pem", key->public_key().pem()}});
    for (const Buffer* image : {&product.old_image, &app_2, &app_3, &radio_1, &radio_2})
      engine.ask({"POST", "/v1/artefacts", {{"role", "firmware"}}, std::string(as_text(*image))});
    const std::string old_radio = firmware("radio", "1.0.0", radio_1, "");
    const std::string releases[] = {
        release("1.0.0", firmware("app", "1.0.0", product.old_image, "") + old_radio),
        release("2.0.0", firmware("app", "2.0.0", app_2, "") + old_radio),
        release("3.0.0", firmware("app", "3.0.0", app_3, R"(<from range=">=2.0.0"/><requires component="radio" range=">=2.0.0"/>)") +
                             firmware("radio", "2.0.0", radio_2, R"(<requires component="app" range=">=2.0.0"/>)"))};
    for (const std::string& one : releases) {
      const auto added = parse_answer(engine.ask({"POST", "/v1/releases", {{"name", "release"}}, one}));
      REQUIRE_MESSAGE(added, added.error().what);
    }
    engine.post("/v1/devices", {{"device", "node"}, {"link", device.uri()}});
  }
};

std::string version_of(const json::object& device, std::string_view component) {
  for (const json::value& one : device.at("components").as_array()) {
    if (one.at("component").as_string() != component) continue;
    CHECK(one.at("confirmed") == true);
    return std::string(one.at("version").as_string());
  }
  return "nothing";
}

TEST_CASE("a device of two components comes over a stop and in the one safe order, and proves both images") {
  const TwoComponents two;
  TestEngine engine(two.product);
  two.prepare(engine);
  engine.start_work();
  const json::object created = engine.post("/v1/jobs", {{"device", "node"}, {"release", "thermostat@3.0.0"}});
  const std::string id(created.at("job").as_string());
  const json::object job = engine.wait_for_job(id);
  CAPTURE(job.at("reason"));
  CHECK(job.at("outcome") == "succeeded");

  const auto plan = plan_file::parse(json::serialize(engine.get("/v1/jobs/" + id + "/plan").at("plan")));
  REQUIRE_MESSAGE(plan, plan.error().what);
  std::vector<std::string> kept;
  for (const plan_file::Step& step : plan->steps) {
    if (step.act == model::Act::confirm) kept.push_back(text(*plan, step));
  }
  CHECK(kept == std::vector<std::string>{"confirm app 2.0.0", "confirm radio 2.0.0", "confirm app 3.0.0"});
  const json::object device = engine.post("/v1/devices/node/refresh", {});
  CHECK(version_of(device, "app") == "3.0.0");
  CHECK(version_of(device, "radio") == "2.0.0");
}

}  // namespace
}  // namespace lockstep::api
