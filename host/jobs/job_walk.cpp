#include "host/jobs/job_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "host/base/log.hpp"
#include "host/jobs/device_report.hpp"
#include "host/jobs/patience.hpp"
#include "host/jobs/releases.hpp"
#include "host/link/deadline.hpp"

namespace lockstep::jobs {

namespace asio = boost::asio;

namespace {

// The file that brings an image; empty when no release does.
std::string file_of(const std::vector<release::Release>& releases, const model::Record& record) {
  for (const release::Release& release : releases) {
    for (const release::Firmware& firmware : release.firmware) {
      if (record.image_hash && firmware.image_hash == *record.image_hash) return firmware.sha256.hex();
    }
  }
  return {};
}

// Software that people said is in use with the device, in the catalogue's words. A version that it does not have shows as
// none: then the plan is about something else.
Outcome<walk::Alive> alive_on(const model::Catalogue& catalogue, const store::DeviceRow& device) {
  LOCKSTEP_TRY(in_use, software_in_use(device));
  walk::Alive alive;
  for (const resolve::SoftwareInUse& use : in_use) {
    for (const model::Index i : model::software_components(catalogue, use.component, use.platform, use.version)) {
      alive[i].push_back(catalogue.components[static_cast<std::size_t>(i)].find(use.version));
    }
  }
  for (auto& [component, versions] : alive) std::sort(versions.begin(), versions.end());
  return alive;
}

// Nothing when it was only stopped.
std::optional<JobEnd> end_with(const Error& error) {
  if (error.kind == ErrorKind::cancelled) return std::nullopt;
  return JobEnd{.outcome = error.kind == ErrorKind::unreachable ? "unreachable" : "failed", .reason = error.what};
}

}  // namespace

JobWalk::JobWalk(Places places, std::string id, JobTrail trail, update::JobWatch& watch)
    : places_(std::move(places)), id_(std::move(id)), watch_(watch), journal_(places_.depot, trail), resumes_(!trail.plan.empty()) {}

asio::awaitable<Outcome<void>> JobWalk::read_device() {
  LOCKSTEP_CO_TRY(device, co_await places_.depot.device());
  device_ = std::move(device);
  LOCKSTEP_CO_TRY(link, link::parse_link_uri(device_.link));
  link_ = link;
  // A device that never reported its health cannot start to now; the best it can prove is that it answers.
  places_.policy.health = device_.health == "unknown" ? update::HealthRule::answers : update::HealthRule::reported;
  co_return Outcome<void>{};
}

asio::awaitable<Outcome<void>> JobWalk::read_material() {
  LOCKSTEP_CO_TRY(material, co_await places_.depot.material());
  material_ = std::move(material);
  co_return Outcome<void>{};
}

asio::awaitable<Outcome<walk::Alive>> JobWalk::read_alive(walk::CertifiedPlan plan) {
  LOCKSTEP_CO_TRY(device, co_await places_.depot.device());
  co_return alive_on(plan.catalogue(), device);
}

// Plans are about the device as it is now, not as the store remembers it: somebody may have flashed it by hand.
asio::awaitable<Outcome<void>> JobWalk::observe() {
  const auto ask = [this] { return ask_known_device(places_.clients, device_); };
  LOCKSTEP_CO_TRY(report, co_await patiently(places_.policy, ask));
  LOCKSTEP_CO_CHECK(co_await places_.depot.reported(std::move(report)));
  co_return co_await read_device();
}

asio::awaitable<JobWalk::Planned> JobWalk::kept_plan() {
  const std::string digest = journal_.trail().plan;
  LOCKSTEP_CO_TRY(text, co_await places_.depot.plan_document(digest));
  LOCKSTEP_CO_CHECK(co_await read_material());
  const auto certify = [&] { return read_plan_document(text, material_.releases); };
  auto plan = co_await places_.planning.run(certify);
  if (plan) journal_.resume(*plan);
  co_return plan;
}

asio::awaitable<JobWalk::Planned> JobWalk::new_plan() {
  LOCKSTEP_CO_CHECK(co_await observe());
  LOCKSTEP_CO_CHECK(co_await read_material());
  const auto make = [&] { return make_plan_document(material_); };
  LOCKSTEP_CO_TRY(text, co_await places_.planning.run(make));
  const auto certify = [&] { return read_plan_document(text, material_.releases); };
  LOCKSTEP_CO_TRY(plan, co_await places_.planning.run(certify));
  std::string document = text;
  LOCKSTEP_CO_CHECK(co_await journal_.begin(std::move(document), plan));
  co_return plan;
}

// The plan that the ledger has, at first; when it is not to be had any more, and after that, a new one.
asio::awaitable<Outcome<walk::Course>> JobWalk::next_course() {
  const bool resumes = std::exchange(resumes_, false);
  if (resumes) {
    auto kept = co_await kept_plan();
    if (kept) co_return course_of(*kept, {.step = journal_.trail().step});
    log_event(LogLevel::warning, "job.plan.not_kept", {{"job", id_}, {"error", kept.error().what}});
  }
  LOCKSTEP_CO_TRY(plan, co_await new_plan());
  co_return course_of(plan, {});
}

walk::DeviceSettings JobWalk::settings_for(const walk::CertifiedPlan& plan) {
  walk::DeviceSettings settings;
  settings.walk = id_;
  settings.link = link_;
  settings.identity = expected_identity(device_);
  settings.policy = places_.policy;
  settings.clients = places_.clients;
  settings.image = [this](const model::Record& record) -> update::ImageProvider {
    const std::string file = file_of(material_.releases, record);
    return [this, file] { return places_.depot.image(file); };
  };
  settings.patch = [this](const model::Record& record) { return places_.depot.patch(file_of(material_.releases, record)); };
  settings.software = [this, plan] { return read_alive(plan); };
  return settings;
}

walk::Course JobWalk::course_of(const walk::CertifiedPlan& plan, walk::WalkRecord from) {
  auto performer = std::make_shared<walk::DevicePerformer>(plan.shared_catalogue(), settings_for(plan), journal_, watch_,
                                                           journal_.trail().image);
  return {plan, std::move(performer), from};
}

asio::awaitable<std::optional<JobEnd>> JobWalk::run() {
  auto known = co_await read_device();
  if (!known) co_return end_with(known.error());
  const walk::Replan replan = [this] { return next_course(); };
  const walk::CancelWanted cancel = [this] { return watch_.cancel_wanted(); };
  auto result = co_await walk::pursue(replan, journal_, cancel);
  if (journal_.broken()) co_return std::nullopt;
  if (!result) co_return end_with(result.error());
  const bool interrupted = result->end == walk::End::cancelled && !watch_.cancel_wanted();
  if (interrupted) co_return std::nullopt;
  auto end = co_await end_of(*std::move(result));
  co_return end;
}

asio::awaitable<std::optional<JobEnd>> JobWalk::end_of(walk::WalkResult result) {
  switch (result.end) {
    case walk::End::arrived: {
      auto end = co_await proved();
      co_return end;
    }
    case walk::End::reverted:
      co_return JobEnd{"reverted", result.reason};
    case walk::End::unreachable:
      co_return JobEnd{"unreachable", result.reason};
    case walk::End::cancelled:
      co_return JobEnd{"cancelled", result.reason};
    case walk::End::waiting:
      co_return JobEnd{"failed", result.reason + ": do it, say what is in use then (`lockstep device set " + device_.name +
                                     " --software COMPONENT=VERSION`), and update again"};
    case walk::End::elsewhere:
      co_return JobEnd{"failed", "it is not where its plans say: " + result.reason};
    case walk::End::refused:
      break;
  }
  co_return JobEnd{"failed", result.reason};
}

std::optional<Error> JobWalk::doubt(const store::DeviceUpdated& report) const {
  for (const release::Firmware& firmware : material_.releases[material_.target].firmware) {
    const auto shows = [&](const store::ComponentReport& c) {
      return c.component == firmware.component && c.image_hash == firmware.image_hash.hex() && c.confirmed;
    };
    if (std::none_of(report.components.begin(), report.components.end(), shows)) {
      return Error{ErrorKind::device, fmt::format("at the end it does not run {} {} for good", firmware.component,
                                                  firmware.version.text())};
    }
  }
  const bool can_tell = places_.policy.health == update::HealthRule::reported;
  if (report.health == "healthy" || (report.health == "unknown" && !can_tell)) return std::nullopt;
  return Error{ErrorKind::device, report.health == "unknown" ? "the device does not tell its health any more"
                                                             : "not healthy: " + report.detail};
}

// The device itself says that it runs the release, for good, and is healthy; it gets some time for the last.
asio::awaitable<std::optional<JobEnd>> JobWalk::proved() {
  const auto until = std::chrono::steady_clock::now() + places_.policy.health_total;
  for (;;) {
    auto report = co_await ask_known_device(places_.clients, device_);
    const std::optional<Error> why = report ? doubt(*report) : report.error();
    if (!why) co_return JobEnd{"succeeded", {}, *std::move(report)};
    const bool final = why->kind == ErrorKind::cancelled || why->kind == ErrorKind::refused;
    if (final || std::chrono::steady_clock::now() >= until) co_return end_with(*why);
    auto slept = co_await link::sleep_for(places_.policy.health_every);
    if (!slept) co_return end_with(slept.error());
  }
}

}  // namespace lockstep::jobs
