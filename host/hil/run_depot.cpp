#include "host/hil/run_depot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"

namespace lockstep::hil {
namespace {

store::DeviceRow row_of(const Dut& dut, std::string link) {
  store::DeviceRow row;
  row.name = dut.slot;
  row.link = std::move(link);
  row.serial = dut.serial;
  row.board = dut.board;
  row.revision = dut.revision;
  row.product = dut.product;
  for (const auto& [component, version] : dut.software) row.software[component] = version;
  return row;
}

// A board on a rig is used with the software that the rig names, and with no other.
std::vector<std::string> unused_software(const std::map<std::string, release::Release>& releases, const Dut& dut) {
  std::set<std::string> names;
  for (const auto& [role, release] : releases)
    for (const release::Software& software : release.software) names.insert(software.component);
  for (const auto& [component, version] : dut.software) names.erase(component);
  return {names.begin(), names.end()};
}

}  // namespace

RunDepot::RunDepot(Settings settings)
    : settings_(std::move(settings)), device_(row_of(settings_.dut, settings_.link)) {}

asio::awaitable<Outcome<store::DeviceRow>> RunDepot::device() { co_return device_; }

asio::awaitable<Outcome<void>> RunDepot::reported(store::DeviceUpdated report) {
  device_.components = std::move(report.components);
  device_.health = std::move(report.health);
  device_.health_detail = std::move(report.detail);
  device_.facts = std::move(report.facts);
  co_return Outcome<void>();
}

asio::awaitable<Outcome<jobs::PlanningMaterial>> RunDepot::material() {
  jobs::PlanningMaterial out;
  for (const auto& [role, release] : settings_.releases) {
    const auto same = [&sha256 = release.sha256](const release::Release& other) { return other.sha256 == sha256; };
    auto place = std::find_if(out.releases.begin(), out.releases.end(), same);
    if (place == out.releases.end()) place = out.releases.insert(place, release);
    if (role == settings_.target) out.target = static_cast<std::size_t>(place - out.releases.begin());
  }
  LOCKSTEP_CO_TRY(report, jobs::report_of(device_));
  report.unused = unused_software(settings_.releases, settings_.dut);
  out.reports.push_back(std::move(report));
  co_return out;
}

asio::awaitable<Outcome<update::VerifiedImage>> RunDepot::image(std::string file_digest) {
  const auto is = [&](const ArtifactInput& input) { return input.sha256 == file_digest; };
  const auto input = std::find_if(settings_.images.begin(), settings_.images.end(), is);
  if (input == settings_.images.end()) co_return fail(ErrorKind::not_found, "the run was given no image " + file_digest);
  std::vector<mcuboot::PublicKey> keys;
  for (const std::string& pem : settings_.image_keys_pem) {
    LOCKSTEP_CO_TRY(key, PublicKey::from_pem(pem));
    keys.push_back(key.mcuboot());
  }
  if (keys.empty()) co_return fail(ErrorKind::invalid, "no image key was given to the run, so no image can be checked");
  LOCKSTEP_CO_TRY(bytes, read_file(input->file));
  if (Sha256::of(Bytes(bytes)).hex() != file_digest) co_return fail(ErrorKind::io, input->file + " was changed during the run");
  co_return update::VerifiedImage::verify(std::move(bytes), keys);
}

Outcome<> RunDepot::append(const json::object& line) {
  journal_ += json::serialize(line) + "\n";
  return write_file(settings_.file + ".jsonl", journal_);
}

void RunDepot::tell(const jobs::JobTrail& trail) {
  std::string step = trail.steps == 0 ? "nothing to do, the device is there already"
                                      : fmt::format("step {} of {}: {}", trail.step + 1, trail.steps, trail.doing);
  if (step == step_ || !settings_.on_step) return;
  step_ = std::move(step);
  settings_.on_step(step_);
}

asio::awaitable<Outcome<void>> RunDepot::save(std::string state, jobs::JobTrail trail, std::string document) {
  if (!document.empty()) {
    const std::string name = ++plans_ == 1 ? ".plan.json" : fmt::format(".plan-{}.json", plans_);
    LOCKSTEP_CO_CHECK(write_file(settings_.file + name, document));
  }
  tell(trail);
  const json::object line{{"state", state}, {"facts", to_json(trail)}};
  co_return append(line);
}

asio::awaitable<Outcome<std::string>> RunDepot::plan_document(std::string digest) {
  co_return fail(ErrorKind::not_found, "an update on a rig is not resumed, so plan " + digest + " is not kept for it");
}

Outcome<> RunDepot::end_with(std::string_view outcome, const std::string& reason) {
  return append({{"state", json::string_view(outcome.data(), outcome.size())}, {"reason", reason}});
}

}  // namespace lockstep::hil
