#include "host/jobs/job_walk.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <map>

#include "host/jobs/test_product.hpp"

namespace lockstep::jobs {
namespace {

namespace asio = boost::asio;

// Keeps all in memory; a save may fail, once.
class MemoryDepot final : public Depot {
 public:
  explicit MemoryDepot(const test::Thermostat& product) : product_(product) {
    row_.name = "node";
    row_.link = "smp+unix:///node.sock";
    row_.serial = "SN1";
    row_.board = "node-m3";
    row_.revision = "1.2";
  }

  asio::awaitable<Outcome<store::DeviceRow>> device() override { co_return row_; }
  asio::awaitable<Outcome<void>> reported(store::DeviceUpdated report) override {
    row_.components = std::move(report.components);
    row_.health = std::move(report.health);
    co_return Outcome<void>();
  }
  asio::awaitable<Outcome<PlanningMaterial>> material() override {
    PlanningMaterial out{.releases = {product_.old_release, product_.new_release}, .target = 1};
    LOCKSTEP_CO_TRY(report, report_of(row_));
    out.reports.push_back(std::move(report));
    co_return out;
  }
  asio::awaitable<Outcome<update::VerifiedImage>> image(std::string file_digest) override {
    for (const Buffer* image : {&product_.old_image, &product_.new_image})
      if (Sha256::of(Bytes(*image)).hex() == file_digest) co_return update::test::verified(*image);
    co_return fail(ErrorKind::not_found, "no such image");
  }
  update::PatchProvider patch(std::string) override { return {}; }
  asio::awaitable<Outcome<void>> save(std::string, JobTrail trail, std::string document) override {
    if (++saves == fail_at) co_return fail(ErrorKind::io, "disk full");
    if (!document.empty()) documents_[trail.plan] = std::move(document);
    last = std::move(trail);
    co_return Outcome<void>();
  }
  asio::awaitable<Outcome<std::string>> plan_document(std::string digest) override {
    const auto found = documents_.find(digest);
    if (found == documents_.end()) co_return fail(ErrorKind::not_found, "no such plan");
    co_return found->second;
  }

  int saves = 0;
  int fail_at = 0;  // from 1
  JobTrail last;

 private:
  const test::Thermostat& product_;
  store::DeviceRow row_;
  std::map<std::string, std::string> documents_;
};

// One life of the host, from what the depot saved last; nothing: it was interrupted.
std::optional<JobEnd> walk(test::Thermostat& product, MemoryDepot& depot) {
  asio::io_context context;
  PlanningThread planning;
  update::JobWatch watch;
  JobWalk walk({depot, planning, product.clients(), test::Thermostat::hurried()}, "job-1", depot.last, watch);
  std::optional<JobEnd> end;
  asio::co_spawn(context, walk.run(), [&](std::exception_ptr error, std::optional<JobEnd> result) {
    if (error) std::rethrow_exception(error);
    end = std::move(result);
  });
  context.run();
  return end;
}

TEST_CASE("a job has succeeded when the device says that it runs the release for good") {
  test::Thermostat product;
  MemoryDepot depot(product);
  const auto end = walk(product, depot);
  REQUIRE(end);
  CHECK_MESSAGE(end->outcome == "succeeded", end->reason);
  CHECK(product.board.new_runs());
  CHECK(product.board.running->confirmed);
  REQUIRE(end->report);
  CHECK(end->report->components.at(0).image_hash == product.board.new_hash);
}

TEST_CASE("a save that fails ends the job there, whichever it is, and the next life finishes it") {
  int n = 1;
  for (;; ++n) {
    CAPTURE(n);
    test::Thermostat product;
    MemoryDepot depot(product);
    depot.fail_at = n;
    const auto first = walk(product, depot);
    if (depot.saves < n) break;
    CHECK(!first);
    CHECK(depot.saves == n);  // nothing is done that could not be journaled
    const auto second = walk(product, depot);
    REQUIRE(second);
    CHECK_MESSAGE(second->outcome == "succeeded", second->reason);
  }
  CHECK(n > 15);
}

TEST_CASE("a device that just boots gets the time for it, one that stays silent is unreachable") {
  test::Thermostat product;
  product.board.down_for_polls = 5;
  MemoryDepot patient(product);
  const auto end = walk(product, patient);
  REQUIRE(end);
  CHECK_MESSAGE(end->outcome == "succeeded", end->reason);

  test::Thermostat dead;
  dead.board.down_for_polls = 1'000'000;
  MemoryDepot depot(dead);
  const auto silent = walk(dead, depot);
  REQUIRE(silent);
  CHECK(silent->outcome == "unreachable");
  CHECK(depot.saves == 0);
}

TEST_CASE("another device at the link is not updated") {
  test::Thermostat product;
  product.board.identity.serial = "SN2";
  MemoryDepot depot(product);
  const auto end = walk(product, depot);
  REQUIRE(end);
  CHECK(end->outcome == "failed");
  CHECK_MESSAGE(end->reason.find("'SN1' is expected") != std::string::npos, end->reason);
  CHECK(product.board.writes.empty());
}

}  // namespace
}  // namespace lockstep::jobs
