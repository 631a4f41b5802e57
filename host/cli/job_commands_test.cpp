// Jobs of a state, and the names that people type for what a state keeps.
#include <chrono>
#include <thread>

#include "host/api/engine_test_support.hpp"
#include "host/cli/program_test.hpp"

namespace lockstep::cli {
namespace {

using test::Run;

struct Desk {
  Desk() {
    api::TestEngine engine(product);
    engine.take_release(product);
    engine.add_device("node", device.uri());
  }
  std::vector<std::string> words(std::vector<std::string> more) const {
    more.insert(more.begin(), {"--state", product.state()});
    return more;
  }
  Run lockstep(std::vector<std::string> more) const { return test::run(product.folder, words(std::move(more))); }

  api::Product product;
  api::SimulatedDevice device{product, "node", {"--fault", "slow-erase=700"}};  // an update takes seconds
};

TEST_CASE("Ctrl-C leaves a job that is listed, goes on, and can be cancelled") {
  const Desk desk;
  const TempDir& folder = desk.product.folder;
  const pid_t update = test::start(folder, desk.words({"update", "node", "--to", "2.0.0"}));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto is_sending = [&] {
    const auto said = read_text_file(folder / "err.captured");
    return said && said->find("step 1 of 3") != std::string::npos;
  };
  while (!is_sending()) {
    REQUIRE(std::chrono::steady_clock::now() < until);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ::kill(update, SIGINT);
  const Run interrupted = test::finish(folder, update);
  CHECK(interrupted.exit_code == 130);
  CHECK(interrupted.says("interrupted"));

  const Run listed = desk.lockstep({"job", "list", "--active", "--json"});
  REQUIRE_MESSAGE(listed.exit_code == 0, listed.err);
  const json::array jobs = listed.document().at("jobs").as_array();
  REQUIRE(jobs.size() == 1);
  const std::string job(jobs[0].at("job").as_string());
  CHECK(desk.lockstep({"job", "list", "--device", "other"}).out.find(job) == std::string::npos);
  CHECK(desk.lockstep({"job", "show", job}).out.find("under way") != std::string::npos);

  const Run cancelled = desk.lockstep({"job", "cancel", job});
  CHECK_MESSAGE(cancelled.exit_code == 0, cancelled.err);
  CHECK_MESSAGE(cancelled.out.find("cancelled") != std::string::npos, cancelled.out);
  CHECK(desk.lockstep({"job", "list", "--active"}).out.find(job) == std::string::npos);
  const Run watched = desk.lockstep({"job", "show", job, "--watch"});
  CHECK(watched.exit_code == 1);
  CHECK(watched.says("ended as cancelled"));
  CHECK(desk.lockstep({"job", "cancel", "job-none"}).says("job-none"));
}

TEST_CASE("names that nothing can have are answered with where to look, not with a path of the API") {
  const Desk desk;
  const std::pair<std::vector<std::string>, std::string> cases[] = {
      {{"device", "show", "a/b"}, "there is no device 'a/b'"},
      {{"device", "set", "", "--software", "mobile-app=5.3.0"}, "the name of the device is empty"},
      {{"plan", "device", "a/b", "--to", "2.0.0"}, "there is no device 'a/b'"},
      {{"plan", "why-not", "..", "--to", "2.0.0"}, "there is no device '..'"},
      {{"plan", "job", "../devices"}, "there is no job '../devices'"},
      {{"rehearse", "thermostat/2.0.0"}, "there is no release 'thermostat/2.0.0'"},
      {{"rollout", "status", ""}, "the name of the rollout is empty"},
  };
  for (const auto& [words, says] : cases) {
    const Run refused = desk.lockstep(words);
    CHECK(refused.exit_code == 1);
    CHECK_MESSAGE(refused.says(says), refused.err);
    CHECK_MESSAGE(!refused.says("/v1/"), refused.err);
  }
  const Run nowhere = desk.lockstep({"plan", "device", "node", "--to", ""});
  CHECK(nowhere.exit_code == 2);
  CHECK(nowhere.says("--to names no release"));
}

TEST_CASE("release show knows the releases of the state, and whom of their signers it trusts") {
  const Desk desk;
  const Run shown = desk.lockstep({"release", "show", "thermostat@2.0.0"});
  REQUIRE_MESSAGE(shown.exit_code == 0, shown.err);
  CHECK_MESSAGE(shown.out.starts_with("signed by  release (trusted by this state)\n"), shown.out);
  CHECK(shown.out.find("mobile-app") != std::string::npos);
  const Run document = desk.lockstep({"release", "show", "2.0.0", "--json"});
  CHECK(document.document().at("verified").as_bool());
  CHECK(document.text("release") == "thermostat@2.0.0");
  const std::string other = desk.product.folder / "image.pub.pem";
  CHECK(desk.lockstep({"release", "show", "thermostat@2.0.0", "--key", other}).exit_code == 1);
  CHECK(desk.lockstep({"release", "show", "thermostat@9.0.0"}).says("there is no release 'thermostat@9.0.0'"));
  CHECK(desk.lockstep({"release", "show", "missing.release"}).says("missing.release"));
  CHECK(desk.lockstep({"rollout", "list"}).out.starts_with("ROLLOUT"));
}

}  // namespace
}  // namespace lockstep::cli
