// The engine's answers, as a client sees them.
#include "host/api/engine_test_support.hpp"

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
  const Error no = engine.refused("POST", "/v1/rollouts", R"({"release":"2.0.0","all":true,"suites":["smoke"]})");
  CHECK(no.kind == ErrorKind::refused);
  CHECK(no.what.find("smoke") != std::string::npos);
  CHECK(no.next.find("hil run") != std::string::npos);
}

TEST_CASE("a device is not taken when it is another than the user said, or does not answer") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  const json::object wrong{{"device", "node"}, {"link", device.uri()}, {"serial", "SN-other"}};
  CHECK(engine.refused("POST", "/v1/devices", json::serialize(wrong)).what.find("SN-node") != std::string::npos);
  CHECK(engine.get("/v1/devices")["devices"].as_array().empty());
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
