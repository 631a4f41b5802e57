#include "host/hil/fleet_updater.hpp"

#include <fmt/format.h>

#include "host/jobs/device_report.hpp"
#include "host/jobs/job_walk.hpp"
#include "host/jobs/patience.hpp"

namespace lockstep::hil {
namespace {

class Watch final : public update::JobWatch {
 public:
  explicit Watch(const Updater::Progress& progress) : progress_(progress) {}
  void on_progress(const update::Progress& p) override {
    if (update::is_end(p.state)) return;  // of one image of a step, not of the update
    progress_(update::name(p.state), p.done_bytes, p.total_bytes);
  }

 private:
  const Updater::Progress& progress_;
};

// Opens the link and notes that it could be opened. `opened` is shared with the caller, who may be gone first.
asio::awaitable<Outcome<std::unique_ptr<link::Link>>> open_and_note(LinkMaker maker, std::shared_ptr<bool> opened) {
  auto link = co_await maker();
  if (link) *opened = true;
  co_return link;
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
  if (!end) return {UpdateEnd::failed, "the update was interrupted", true};
  for (const UpdateEnd each : {UpdateEnd::succeeded, UpdateEnd::reverted, UpdateEnd::unreachable, UpdateEnd::cancelled})
    if (text(each) == end->outcome) return {each, in_one_line(end->reason), false};
  return {UpdateEnd::failed, in_one_line(end->reason), false};
}

UpdateReport rig_trouble(std::string why) { return {UpdateEnd::failed, in_one_line(std::move(why)), true}; }

// Another board than the rig promises is the rig's fault; the first that answers decides. Nothing: it is the right one, or
// silent, which may be the device's fault.
asio::awaitable<std::optional<UpdateReport>> other_board(RunDepot& depot, session::ClientFactory clients, update::Policy policy) {
  auto device = co_await depot.device();
  if (!device) co_return rig_trouble(device.error().what);
  const auto uri = link::parse_link_uri(device->link);
  if (!uri) co_return rig_trouble(uri.error().what);
  const session::LineSink no_log = [](std::string_view) {};
  const auto client = clients(*uri, no_log);
  const update::ExpectedIdentity expected = jobs::expected_identity(*device);
  const auto ask = [&] { return update::ask_identity(*client, expected); };
  auto said = co_await jobs::patiently(policy, ask);
  if (!said && said.error().kind == ErrorKind::unreachable) co_return UpdateReport{UpdateEnd::unreachable, said.error().what, false};
  if (!said) co_return rig_trouble(said.error().what);
  if (*said) depot.meet(**said);
  co_return std::nullopt;
}

}  // namespace

asio::awaitable<UpdateReport> update_board(RunDepot& depot, BoardUpdate update) {
  auto report = co_await other_board(depot, update.clients, update.policy);
  if (!report) {
    Watch watch(update.progress);
    jobs::JobWalk walk({depot, update.planning, update.clients, update.policy}, update.id, {}, watch);
    const auto end = co_await walk.run();
    report = report_of(end);
  }
  depot.end_with(text(report->end), report->reason);
  if (!depot.trouble().empty()) co_return rig_trouble(depot.trouble());
  co_return *std::move(report);
}

asio::awaitable<UpdateReport> FleetUpdater::update(std::string to, Progress progress) {
  ++count_;
  RunDepot::Settings depot_settings = settings_.depot;
  depot_settings.file += fmt::format("-{}", count_);
  depot_settings.target = to;
  depot_settings.on_step = [&progress](std::string_view step) { progress(step, 0, 0); };
  RunDepot depot(std::move(depot_settings));
  const auto opened = std::make_shared<bool>(false);
  const LinkMaker maker = settings_.maker;
  link::LinkOpener opener = [maker, opened](asio::any_io_executor, link::LinkUri) { return open_and_note(maker, opened); };
  BoardUpdate update{.planning = planning_, .clients = session::smp_clients(executor_, opener), .policy = {},
                     .id = fmt::format("{}-update-{}", settings_.job_id, count_), .progress = progress};
  UpdateReport report = co_await update_board(depot, std::move(update));
  report.rig_trouble = report.rig_trouble || !*opened;
  co_return report;
}

}  // namespace lockstep::hil
