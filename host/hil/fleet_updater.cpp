#include "host/hil/fleet_updater.hpp"

#include <fmt/format.h>

#include "host/jobs/device_report.hpp"
#include "host/jobs/job_walk.hpp"

namespace lockstep::hil {
namespace {

class Watch final : public update::JobWatch {
 public:
  explicit Watch(Updater::Progress& progress) : progress_(progress) {}
  void on_progress(const update::Progress& p) override {
    if (update::is_end(p.state)) return;  // of one image of a step, not of the update
    progress_(update::name(p.state), p.done_bytes, p.total_bytes);
  }

 private:
  Updater::Progress& progress_;
};

// Opens the link and notes that it could be opened. `opened` is shared with the caller, who may be gone first.
asio::awaitable<Outcome<std::unique_ptr<link::Link>>> open_and_note(LinkMaker maker, std::shared_ptr<bool> opened) {
  auto link = co_await maker();
  if (link) *opened = true;
  co_return link;
}

// Another board than the rig promises is the rig's fault. One that does not answer may be the device's.
asio::awaitable<Outcome<void>> must_be_the_board(session::ClientFactory clients, link::LinkUri uri, Dut dut) {
  const session::LineSink no_log = [](std::string_view) {};
  auto client = clients(uri, no_log);
  const update::ExpectedIdentity expected{.board = dut.board, .revision = dut.revision, .serial = dut.serial};
  auto said = co_await update::ask_identity(*client, expected);
  if (!said && said.error().kind == ErrorKind::refused) co_return Fail(std::move(said).error());
  co_return Outcome<void>();
}

// Reasons of several lines are for terminals; a verdict's is one line of a table.
std::string in_one_line(std::string text) {
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at)) {
    const std::size_t end = text.find_first_not_of("\n -", at);
    text.replace(at, std::min(end, text.size()) - at, "; ");
  }
  return text;
}

UpdateReport report_of(const std::optional<jobs::JobEnd>& end) {
  if (!end) return {UpdateEnd::failed, "the update was interrupted, or its journal cannot be written", true};
  for (const UpdateEnd each : {UpdateEnd::succeeded, UpdateEnd::reverted, UpdateEnd::unreachable, UpdateEnd::cancelled})
    if (text(each) == end->outcome) return {each, end->reason, false};
  return {UpdateEnd::failed, end->reason, false};
}

}  // namespace

asio::awaitable<UpdateReport> FleetUpdater::update(std::string to, Progress progress) {
  ++count_;
  RunDepot::Settings depot_settings = settings_.depot;
  depot_settings.file += fmt::format("-{}", count_);
  depot_settings.target = to;
  if (!depot_settings.releases.contains(to)) {
    co_return UpdateReport{UpdateEnd::failed, "the run was given no " + to + " release to update to", true};
  }
  const auto uri = link::parse_link_uri(depot_settings.link);
  if (!uri) co_return UpdateReport{UpdateEnd::failed, uri.error().what, true};
  const auto opened = std::make_shared<bool>(false);
  const LinkMaker maker = settings_.maker;
  link::LinkOpener opener = [maker, opened](asio::any_io_executor, link::LinkUri) { return open_and_note(maker, opened); };
  session::ClientFactory clients = session::smp_clients(executor_, opener);
  const auto right = co_await must_be_the_board(clients, *uri, depot_settings.dut);
  if (!right) co_return UpdateReport{UpdateEnd::failed, right.error().what, true};

  depot_settings.on_step = [&progress](std::string_view step) { progress(step, 0, 0); };
  RunDepot depot(std::move(depot_settings));
  Watch watch(progress);
  jobs::JobWalk walk({depot, planning_, clients}, fmt::format("{}-update-{}", settings_.job_id, count_), {}, watch);
  const auto end = co_await walk.run();
  UpdateReport report = report_of(end);
  report.reason = in_one_line(report.reason);
  const Outcome<> noted = depot.end_with(text(report.end), report.reason);
  report.rig_trouble = report.rig_trouble || !*opened || !noted;
  co_return report;
}

}  // namespace lockstep::hil
