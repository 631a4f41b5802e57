#include "host/hil/fleet_updater.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/jobs/test_product.hpp"

namespace lockstep::hil {
namespace {

// A board on a rig, in memory, with the releases of a run.
class Rig {
 public:
  Rig() {
    settings.file = (dir / "update-smp-1").string();
    settings.link = "smp+unix:///board.sock";
    settings.dut.board = "node-m3";
    settings.dut.revision = "1.2";
    settings.dut.serial = "SN1";
    settings.releases = {{"baseline", board.old_release}, {"candidate", board.new_release}};
    settings.target = "candidate";
    settings.image_keys_pem = {update::test::signing_key().public_key().pem()};
    give("baseline", board.old_image);
    give("candidate", board.new_image);
  }

  void give(const std::string& role, const Buffer& image) {
    const std::string file = (dir / (role + ".bin")).string();
    REQUIRE(write_file(file, image));
    settings.images.push_back({role, "app", role + ".bin", file, Sha256::of(Bytes(image)).hex()});
  }

  UpdateReport update() {
    settings.on_step = [this](std::string_view step) { steps.emplace_back(step); };
    RunDepot depot(settings);
    jobs::PlanningThread planning;
    asio::io_context context;
    std::optional<UpdateReport> report;
    BoardUpdate update{.planning = planning, .clients = board.clients(), .policy = jobs::test::Thermostat::hurried(), .id = "run-1-update-1",
                       .progress = [](std::string_view, std::uint64_t, std::uint64_t) {}};
    asio::co_spawn(context, update_board(depot, std::move(update)), [&](std::exception_ptr error, UpdateReport result) {
      if (error) std::rethrow_exception(error);
      report = std::move(result);
    });
    context.run();
    REQUIRE(report);
    return *report;
  }

  bool wrote(std::string_view what) const { return std::find(board.board.writes.begin(), board.board.writes.end(), what) != board.board.writes.end(); }
  std::string file(std::string_view name) const {
    const auto text = read_text_file(dir.path() / name);
    return text ? *text : "";
  }

  TempDir dir;
  jobs::test::Thermostat board;
  RunDepot::Settings settings;
  std::vector<std::string> steps;
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

TEST_CASE("a board comes to the release along a plan that stays with the run") {
  Rig rig;
  const UpdateReport report = rig.update();
  CHECK_MESSAGE(report.end == UpdateEnd::succeeded, report.reason);
  CHECK_FALSE(report.rig_trouble);
  CHECK(rig.board.board.new_runs());
  CHECK(rig.steps == std::vector<std::string>{"step 1 of 3: stage app 2.0.0", "step 2 of 3: activate app 2.0.0", "step 3 of 3: confirm app 2.0.0"});
  CHECK(contains(rig.file("update-smp-1.plan.json"), "\"activate\""));
  CHECK(rig.file("update-smp-1.jsonl").ends_with("{\"state\":\"succeeded\",\"reason\":\"\"}\n"));
  rig.steps.clear();
  CHECK(rig.update().end == UpdateEnd::succeeded);
  CHECK(rig.steps == std::vector<std::string>{"nothing to do, the device is there already"});
}

TEST_CASE("what the rig does not say of its board, the board says") {
  Rig rig;
  rig.settings.dut.revision.clear();
  CHECK(rig.update().end == UpdateEnd::succeeded);
}

TEST_CASE("an image that nobody who is trusted signed is the release's fault") {
  Rig rig;
  rig.settings.image_keys_pem = {PrivateKey::generate()->public_key().pem()};
  const UpdateReport report = rig.update();
  CHECK(report.end == UpdateEnd::failed);
  CHECK_FALSE(report.rig_trouble);
  CHECK_MESSAGE(contains(report.reason, "sign"), report.reason);
  CHECK_FALSE(rig.wrote("upload"));
}

TEST_CASE("an image that goes back is reverted, a board that stays silent unreachable: the device's fault") {
  Rig unwell;
  unwell.board.board.new_image_healthy = false;
  const UpdateReport reverted = unwell.update();
  CHECK(reverted.end == UpdateEnd::reverted);
  CHECK_FALSE(reverted.rig_trouble);
  Rig silent;
  silent.board.board.down_for_polls = 1'000'000;
  const UpdateReport unreachable = silent.update();
  CHECK(unreachable.end == UpdateEnd::unreachable);
  CHECK_FALSE(unreachable.rig_trouble);
}

TEST_CASE("what is the rig's fault is never the device's, and nothing was written") {
  struct Case {
    std::string_view about, reason;
    void (*arrange)(Rig&);
  };
  const Case cases[] = {
      {"another board", "'SN1' is expected", [](Rig& r) { r.board.board.identity.serial = "SN2"; }},
      {"another board that boots slowly", "'SN1' is expected",
       [](Rig& r) {
         r.board.board.identity.serial = "SN2";
         r.board.board.down_for_polls = 4;
       }},
      {"no image key", "no image key was given", [](Rig& r) { r.settings.image_keys_pem.clear(); }},
      {"a key that is none", "", [](Rig& r) { r.settings.image_keys_pem = {"nonsense"}; }},
      {"an image that is gone", "candidate.bin", [](Rig& r) { std::filesystem::remove(r.dir / "candidate.bin"); }},
      {"an image that was changed", "was changed during the run", [](Rig& r) { REQUIRE(write_file(r.dir / "candidate.bin", "x")); }},
      {"an image that was not given", "given no image", [](Rig& r) { r.settings.images.pop_back(); }},
      {"no such release", "given no nightly release", [](Rig& r) { r.settings.target = "nightly"; }},
      {"a link that is none", "", [](Rig& r) { r.settings.link = "smp+pigeon://coop"; }},
      {"a journal that cannot be written", "no-such-folder", [](Rig& r) { r.settings.file = (r.dir / "no-such-folder/u").string(); }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.about);
    Rig rig;
    c.arrange(rig);
    const UpdateReport report = rig.update();
    CHECK(report.end == UpdateEnd::failed);
    CHECK(report.rig_trouble);
    CHECK_MESSAGE(contains(report.reason, c.reason), report.reason);
    CHECK(rig.board.board.writes.empty());
  }
}

}  // namespace
}  // namespace lockstep::hil
