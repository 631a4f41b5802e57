#include "host/hil/fleet_updater.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "host/base/files.hpp"
#include "host/base/json.hpp"
#include "host/session/device_client.hpp"
#include "host/update/executor.hpp"

namespace lockstep::hil {
namespace {

// The run's own journal of the job: a file that stays with the run as evidence of what the updater did.
class FileJournal final : public update::Journal {
 public:
  explicit FileJournal(std::string file) : file_(std::move(file)) {}

  asio::awaitable<Outcome<void>> save(const update::JobRecord& record) override {
    const json::object line{{"job", record.job_id},
                            {"state", json::string_view(update::name(record.state).data(), update::name(record.state).size())},
                            {"facts", update::to_json(record.facts)}};
    text_ += json::serialize(line) + "\n";
    co_return write_file(file_, text_);
  }

 private:
  std::string file_;
  std::string text_;
};

class Watch final : public update::JobWatch {
 public:
  explicit Watch(Updater::Progress& progress) : progress_(progress) {}
  void on_progress(const update::Progress& p) override { progress_(update::name(p.state), p.done_bytes, p.total_bytes); }

 private:
  Updater::Progress& progress_;
};

asio::awaitable<Outcome<update::VerifiedImage>> give(update::VerifiedImage image) { co_return image; }

// Opens the link and notes that it could be opened. `opened` is shared with the caller, who may be gone first.
asio::awaitable<Outcome<std::unique_ptr<link::Link>>> open_and_note(LinkMaker maker, std::shared_ptr<bool> opened) {
  auto link = co_await maker();
  if (link) *opened = true;
  co_return link;
}

Outcome<update::VerifiedImage> verified(const Artifact& image, const std::vector<std::string>& pems) {
  std::vector<mcuboot::PublicKey> keys;
  for (const std::string& pem : pems) {
    LOCKSTEP_TRY(key, PublicKey::from_pem(pem));
    keys.push_back(key.mcuboot());
  }
  if (keys.empty()) return fail(ErrorKind::invalid, "no image key was given to the run, so no image can be checked");
  LOCKSTEP_TRY(bytes, read_file(image.file));
  return update::VerifiedImage::verify(std::move(bytes), keys);
}

UpdateEnd end_of(update::State state) {
  switch (state) {
    case update::State::succeeded: return UpdateEnd::succeeded;
    case update::State::reverted: return UpdateEnd::reverted;
    case update::State::unreachable: return UpdateEnd::unreachable;
    case update::State::cancelled: return UpdateEnd::cancelled;
    case update::State::failed:
    case update::State::queued:
    case update::State::inspecting:
    case update::State::uploading:
    case update::State::marking:
    case update::State::resetting:
    case update::State::returning:
    case update::State::checking:
    case update::State::confirming:
    case update::State::verifying:
    case update::State::reverting: break;
  }
  return UpdateEnd::failed;
}

// Another board than the rig promises is the rig's fault.
bool wrong_board(const Dut& dut, const session::Identity& said) {
  const auto differs = [](const std::string& expected, const std::string& got) {
    return !expected.empty() && !got.empty() && expected != got;
  };
  return differs(dut.serial, said.serial) || differs(dut.board, said.board) || differs(dut.revision, said.revision);
}

}  // namespace

asio::awaitable<UpdateReport> FleetUpdater::update(Artifact image, Progress progress) {
  auto checked = verified(image, settings_.image_keys_pem);
  if (!checked) {
    const bool refused = checked.error().kind == ErrorKind::refused;
    co_return UpdateReport{UpdateEnd::failed, checked.error().what, !refused};
  }
  ++count_;
  const std::string job_id = fmt::format("{}-update-{}", settings_.job_id, count_);
  update::Job job{.id = job_id, .link = settings_.uri,
                  .identity = {.board = settings_.dut.board, .revision = settings_.dut.revision, .serial = settings_.dut.serial},
                  .image_hash = checked->hash(), .version = checked->version(), .size_bytes = image.size_bytes, .image = {}};
  const update::VerifiedImage bytes = *checked;
  job.image = [bytes] { return give(bytes); };
  const auto opened = std::make_shared<bool>(false);
  const LinkMaker maker = settings_.maker;
  link::LinkOpener opener = [maker, opened](asio::any_io_executor, link::LinkUri) { return open_and_note(maker, opened); };
  // The client's log sink is the executor's; the port's own file gets the device's lines through the console.
  session::ClientFactory clients = session::smp_clients(executor_, opener);
  FileJournal journal(fmt::format("{}-{}.jsonl", settings_.journal_file, count_));
  Watch watch(progress);
  update::JobRecord from{job.id};
  const update::JobResult result = co_await update::run_job(job, from, clients, journal, watch);
  UpdateReport report{end_of(result.state), result.interrupted.empty() ? result.facts.reason : result.interrupted, false};
  report.rig_trouble = !*opened || !result.interrupted.empty() || wrong_board(settings_.dut, result.facts.identity);
  if (report.end == UpdateEnd::succeeded) report.reason.clear();
  co_return report;
}

}  // namespace lockstep::hil
