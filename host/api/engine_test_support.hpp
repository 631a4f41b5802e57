// A small product for tests: keys, two signed images, their releases, and a simulated device with its real boot code.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/api/engine.hpp"
#include "host/api/router.hpp"
#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/json.hpp"
#include "host/base/temp_dir.hpp"
#include "host/base/text.hpp"
#include "manifests/attest/dsse.hpp"
#include "manifests/release/release.hpp"
#include "protocols/mcuboot/build.hpp"

extern char** environ;

namespace lockstep::api {

// The value, or a failed test that says the error.
template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) FAIL(outcome.error().what);
  return *std::move(outcome);
}
inline void must(Outcome<void> outcome) {
  if (!outcome) FAIL(outcome.error().what);
}

inline Buffer signed_image(std::string_view payload, std::uint8_t major, const PrivateKey& key) {
  mcuboot::BuildOptions options;
  options.version.major = major;
  MbedCrypto crypto;
  KeySigner signer(key);
  Buffer image(mcuboot::max_image_size(payload.size(), options));
  const auto size = mcuboot::build(as_bytes(payload), options, crypto, signer, image);
  REQUIRE(size);
  image.resize(*size);
  return image;
}

// The hash that a device reports for an image: SHA-256 over header and payload, found in the TLV behind them.
inline std::string image_hash(const Buffer& image) {
  mcuboot::MemorySource source(image);
  const auto info = mcuboot::inspect(source);
  REQUIRE(info);
  return to_hex(info->image_hash);
}

struct Product {
  TempDir folder;
  PrivateKey image_key = must(PrivateKey::generate());
  PrivateKey release_key = must(PrivateKey::generate());
  Buffer old_image = signed_image(std::string(20'000, 'a'), 1, image_key);
  Buffer new_image = signed_image(std::string(30'000, 'b'), 2, image_key);

  Product() {
    must(write_file(folder / "image.pub.pem", image_key.public_key().pem()));
    must(write_file(folder / "old.bin", old_image));
  }

  std::filesystem::path state() const { return folder / "state"; }

  std::string manifest(std::string_view app_range = "^5.2.0") const { return manifest_of("new.bin", new_image, "2.0.0", app_range); }

  // What pairs an image of that version with the app.
  static std::string manifest_of(std::string_view file, const Buffer& image, std::string_view version,
                                 std::string_view app_range = "^5.2.0") {
    return fmt::format(
        R"(<release xmlns="urn:lockstep:release:1" product="thermostat" version="{}">
  <hardware board="node-m3" revisions="&gt;=1.0.0"/>
  <firmware component="app" version="{}" file="{}" size="{}" sha256="{}" image-hash="{}">
    <from range="&gt;=1.0.0 &lt;=2.0.0"/>
    <requires component="mobile-app" range="{}"/>
  </firmware>
  <software component="mobile-app" platform="android" version="5.3.0" size="3" sha256="{}">
    <requires component="app" range="&gt;=1.0.0 &lt;3.0.0"/>
  </software>
</release>
)",
        version, version, file, image.size(), Sha256::of(Bytes(image)).hex(), image_hash(image), app_range, Sha256::of("app").hex());
  }

  std::string signed_release(std::string_view app_range = "^5.2.0") const { return sign(manifest(app_range)); }
  std::string sign(const std::string& manifest) const {
    const PrivateKey keys[] = {release_key};
    return attest::to_json(must(attest::sign(std::string(release::payload_type), manifest, keys)));
  }
};

// lockstep-sim on a Unix socket; the destructor cuts its power for good.
class SimulatedDevice {
 public:
  SimulatedDevice(const Product& product, std::string name, std::vector<std::string> more = {})
      : socket_(product.folder / (name + ".sock")) {
    std::vector<std::string> words{LOCKSTEP_BIN_DIR "/lockstep-sim", "--unix", socket_.string(), "--flash",
                                   (product.folder / (name + ".flash")).string(), "--key",
                                   (product.folder / "image.pub.pem").string(), "--serial", "SN-" + name, "--seed-image",
                                   (product.folder / "old.bin").string(), "--boot-ms", "50"};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    REQUIRE(::posix_spawn(&pid_, words[0].c_str(), &files, nullptr, argv.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&files);
    for (int i = 0; i < 1000 && !std::filesystem::exists(socket_); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    REQUIRE(std::filesystem::exists(socket_));
  }
  ~SimulatedDevice() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  SimulatedDevice(const SimulatedDevice&) = delete;
  SimulatedDevice& operator=(const SimulatedDevice&) = delete;

  std::string uri() const { return "smp+unix://" + socket_.string(); }

 private:
  std::filesystem::path socket_;
  pid_t pid_ = 0;
};

// An engine on a loop of its own; every call runs the loop until it is answered.
class TestEngine {
 public:
  explicit TestEngine(const Product& product, std::function<void(std::string_view)> on_job_saved = {},
                      update::Policy policy = {}) {
    EngineOptions options{.state = product.state(), .programs = LOCKSTEP_BIN_DIR, .policy = policy,
                          .on_job_saved = std::move(on_job_saved)};
    engine_ = must(Engine::open(context_.get_executor(), std::move(options)));
  }
  ~TestEngine() {
    run(engine_->stop());
    context_.restart();
    context_.run();
  }

  void start_work() { must(run(engine_->start_work())); }

  Response ask(Request request) { return run(engine_->handle(std::move(request))); }
  json::object get(const std::string& path, std::map<std::string, std::string> query = {}) {
    return as_object(ask({"GET", path, std::move(query), {}}));
  }
  json::object post(const std::string& path, const json::object& body) {
    return as_object(ask({"POST", path, {}, json::serialize(body)}));
  }
  // What went wrong, for requests that must be refused.
  Error refused(const std::string& method, const std::string& path, std::string body) {
    const auto answer = parse_answer(ask({method, path, {}, std::move(body)}));
    REQUIRE_FALSE(answer);
    return answer.error();
  }

  json::object wait_for_job(const std::string& id) {
    json::object job = get("/v1/jobs/" + id);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (job["outcome"].as_string().empty()) {
      REQUIRE(std::chrono::steady_clock::now() < until);
      job = get("/v1/jobs/" + id, {{"after", json::serialize(job["change"])}, {"wait_ms", "1000"}});
    }
    return job;
  }

  // Trusts the product's keys and takes its release.
  void take_release(const Product& product, std::string_view app_range = "^5.2.0") {
    post("/v1/keys", {{"name", "image"}, {"role", "image"}, {"public_pem", product.image_key.public_key().pem()}});
    post("/v1/keys", {{"name", "release"}, {"role", "release"}, {"public_pem", product.release_key.public_key().pem()}});
    add_release("new.bin", product.new_image, product.signed_release(app_range));
  }
  // The release that the devices run already; after take_release().
  void take_old_release(const Product& product) {
    add_release("old.bin", product.old_image, product.sign(Product::manifest_of("old.bin", product.old_image, "1.0.0")));
  }
  void add_release(const std::string& file, const Buffer& image, const std::string& release) {
    as_object(ask({"POST", "/v1/artefacts", {{"role", "firmware"}, {"name", file}}, std::string(as_text(image))}));
    as_object(ask({"POST", "/v1/releases", {{"name", "release"}}, release}));
  }
  void add_device(const std::string& name, const std::string& uri) {
    post("/v1/devices", {{"device", name}, {"link", uri}, {"software", {{"mobile-app", "5.3.0"}}}});
  }

 private:
  static json::object as_object(const Response& response) { return must(parse_answer(response)).as_object(); }

  template <class T>
  static boost::asio::awaitable<void> keep(boost::asio::awaitable<T> task, std::optional<T>& result) {
    T value = co_await std::move(task);
    result.emplace(std::move(value));
  }
  template <class T>
  T run(boost::asio::awaitable<T> task) {
    std::optional<T> result;
    run(keep(std::move(task), result));
    return *std::move(result);
  }
  void run(boost::asio::awaitable<void> task) {
    bool done = false;
    boost::asio::co_spawn(context_, std::move(task), [&](std::exception_ptr error) {
      done = true;
      if (error) std::rethrow_exception(error);
    });
    context_.restart();
    while (!done) context_.run_one();
  }

  boost::asio::io_context context_{1};
  std::unique_ptr<Engine> engine_;
};

}  // namespace lockstep::api
