// The engine's answers, as a client sees them.
#include "host/api/engine_test_support.hpp"
#include "host/store/store.hpp"

namespace lockstep::api {
namespace {

TEST_CASE("a release is refused when its signer is not trusted, its image is missing, or a byte of it changed") {
  const Product product;
  TestEngine engine(product);
  CHECK(engine.refused("POST", "/v1/releases", product.signed_release()).kind == ErrorKind::refused);

  engine.post("/v1/keys", {{"name", "release"}, {"role", "release"}, {"public_pem", product.release_key.public_key().pem()}});
  const Error missing = engine.refused("POST", "/v1/releases", product.signed_release());
  CHECK(missing.kind == ErrorKind::not_found);
  CHECK(missing.what.find("new.bin") != std::string::npos);
  CHECK(missing.next.find("--artefacts") != std::string::npos);

  std::string changed = product.signed_release();
  changed[changed.size() / 2] = static_cast<char>(changed[changed.size() / 2] ^ 1);
  const ErrorKind kind = engine.refused("POST", "/v1/releases", changed).kind;
  CHECK((kind == ErrorKind::refused || kind == ErrorKind::invalid));
}

TEST_CASE("an image that no trusted key signed does not come in with its release") {
  const Product product;
  TestEngine engine(product);
  const PrivateKey other = must(PrivateKey::generate());
  engine.post("/v1/keys", {{"name", "image"}, {"role", "image"}, {"public_pem", other.public_key().pem()}});
  engine.post("/v1/keys", {{"name", "release"}, {"role", "release"}, {"public_pem", product.release_key.public_key().pem()}});
  engine.ask({"POST", "/v1/artefacts", {{"role", "firmware"}}, std::string(as_text(product.new_image))});
  CHECK(engine.refused("POST", "/v1/releases", product.signed_release()).kind == ErrorKind::refused);
}

TEST_CASE("an update that pairing forbids is refused with the manifest line, and the device is left alone") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  engine.take_release(product);
  engine.add_device("node", device.uri());
  engine.post("/v1/devices/node/software", {{"mobile-app", "5.1.0"}});
  engine.start_work();
  const Error no = engine.refused("POST", "/v1/jobs", R"({"device":"node","release":"2.0.0"})");
  CHECK(no.kind == ErrorKind::refused);
  CHECK(no.what.find("mobile-app") != std::string::npos);
  CHECK(no.what.find("thermostat@2.0.0:5") != std::string::npos);
  CHECK(engine.get("/v1/jobs")["jobs"].as_array().empty());
}

TEST_CASE("a rollout without evidence is refused and names the missing suite") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  engine.take_release(product);
  engine.add_device("node", device.uri());
  const std::string suite = must(read_text_file(LOCKSTEP_SOURCE_DIR "/hil-tests/suites/thermostat-smoke.xml"));
  const json::object order{{"release", "2.0.0"}, {"all", true}, {"suites", {{{"file", "a/smoke.xml"}, {"xml", suite}}}}};
  const Error no = engine.refused("POST", "/v1/rollouts", json::serialize(order));
  CHECK(no.kind == ErrorKind::refused);
  CHECK(no.what.find("thermostat-smoke") != std::string::npos);
  CHECK(no.next.find("hil run a/smoke.xml") != std::string::npos);
}

TEST_CASE("a device is not taken when it is another than the user said, or does not answer") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  const json::object wrong{{"device", "node"}, {"link", device.uri()}, {"serial", "SN-other"}};
  CHECK(engine.refused("POST", "/v1/devices", json::serialize(wrong)).what.find("SN-node") != std::string::npos);
  CHECK(engine.get("/v1/devices")["devices"].as_array().empty());
}

TEST_CASE("one board has one name, and keeps it when it is plugged in elsewhere") {
  const Product product;
  const SimulatedDevice device(product, "node"), other(product, "other");
  TestEngine engine(product);
  engine.add_device("node", device.uri());
  const json::object again{{"device", "second"}, {"link", device.uri()}};
  const Error twice = engine.refused("POST", "/v1/devices", json::serialize(again));
  CHECK(twice.kind == ErrorKind::conflict);
  CHECK(twice.what == "node-m3 SN-node is known already, as device node");

  const std::filesystem::path elsewhere = product.folder / "moved.sock";
  std::filesystem::create_symlink(device.uri().substr(std::string_view("smp+unix://").size()), elsewhere);
  const std::string link = "smp+unix://" + elsewhere.string();
  CHECK(engine.post("/v1/devices/node/link", {{"link", link}})["link"].as_string() == link);
  CHECK(engine.refused("POST", "/v1/devices/node/link", json::serialize(json::object{{"link", other.uri()}})).what.find("SN-other") !=
        std::string::npos);
  CHECK(engine.get("/v1/devices/node")["link"].as_string() == link);
}

TEST_CASE("software in use is told one component at a time; an empty version forgets it") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  engine.add_device("node", device.uri());
  const json::object more = engine.post("/v1/devices/node/software", {{"desktop-app", "2.0.0"}});
  CHECK(more.at("software") == json::object{{"mobile-app", "5.3.0"}, {"desktop-app", "2.0.0"}});
  const json::object less = engine.post("/v1/devices/node/software", {{"mobile-app", ""}});
  CHECK(less.at("software") == json::object{{"desktop-app", "2.0.0"}});
  CHECK(engine.refused("POST", "/v1/devices/node/software", R"({"\u001b[31m":"1.0.0"})").kind == ErrorKind::invalid);
}

TEST_CASE("a test run that an earlier process left open is closed as an error") {
  const Product product;
  {
    const auto opened = must(store::Store::open(product.state()));
    must(opened->append(store::HilRunStarted{.run = "run-1", .suite = "smoke", .rig = "r"}));
  }
  TestEngine engine(product);
  engine.start_work();
  const json::object run = engine.get("/v1/hil/runs/run-1");
  CHECK(run.at("verdict").as_string() == "error");
  CHECK(run.at("reason").as_string() == "Lockstep was killed during the run");
}

TEST_CASE("a request that makes no sense gets an error that says what is wrong") {
  const Product product;
  TestEngine engine(product);
  CHECK(engine.refused("GET", "/v1/nothing", "").kind == ErrorKind::not_found);
  CHECK(engine.refused("POST", "/v1/jobs", "{").kind == ErrorKind::invalid);
  CHECK(engine.refused("POST", "/v1/jobs", R"({"device":"x"})").what.find("release") != std::string::npos);
  CHECK(engine.refused("POST", "/v1/keys", R"({"name":"a","role":"king","public_pem":""})").what.find("king") != std::string::npos);
  CHECK(engine.ask({"POST", "/v1/status", {}, {}}).status == 405);
}

TEST_CASE("waiting for a change returns when the time is over although nothing changed") {
  const Product product;
  TestEngine engine(product);
  const json::object first = engine.get("/v1/status");
  const json::object later = engine.get("/v1/status", {{"after", json::serialize(first.at("change"))}, {"wait_ms", "50"}});
  CHECK(later.at("change") == first.at("change"));
}

}  // namespace
}  // namespace lockstep::api
