#include "host/hil/run_depot.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/hil/rig_software.hpp"

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

}  // namespace

RunDepot::RunDepot(Settings settings)
    : settings_(std::move(settings)), device_(row_of(settings_.dut, settings_.link)) {}

void RunDepot::meet(const session::Identity& said) {
  if (device_.revision.empty()) device_.revision = said.revision;
}

asio::awaitable<Outcome<store::DeviceRow>> RunDepot::device() { co_return device_; }

asio::awaitable<Outcome<void>> RunDepot::reported(store::DeviceUpdated report) {
  device_.components = std::move(report.components);
  device_.health = std::move(report.health);
  device_.health_detail = std::move(report.detail);
  device_.facts = std::move(report.facts);
  co_return Outcome<void>();
}

asio::awaitable<Outcome<jobs::PlanningMaterial>> RunDepot::material() {
  if (!settings_.releases.contains(settings_.target)) {
    trouble_ = "the run was given no " + settings_.target + " release to update to";
    co_return fail(ErrorKind::not_found, trouble_);
  }
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

Outcome<Buffer> RunDepot::bytes_of(const std::string& file_digest) const {
  const auto is = [&](const ArtifactInput& input) { return input.sha256 == file_digest; };
  const auto input = std::find_if(settings_.images.begin(), settings_.images.end(), is);
  if (input == settings_.images.end()) return fail(ErrorKind::not_found, "the run was given no image " + file_digest);
  LOCKSTEP_TRY(bytes, read_file(input->file));
  if (Sha256::of(Bytes(bytes)).hex() != file_digest) return fail(ErrorKind::io, input->file + " was changed during the run");
  return bytes;
}

Outcome<update::VerifiedImage> RunDepot::verified(const std::string& file_digest) const {
  std::vector<mcuboot::PublicKey> keys;
  for (const std::string& pem : settings_.image_keys_pem) {
    LOCKSTEP_TRY(key, PublicKey::from_pem(pem));
    keys.push_back(key.mcuboot());
  }
  if (keys.empty()) return fail(ErrorKind::invalid, "no image key was given to the run, so no image can be checked");
  LOCKSTEP_TRY(bytes, bytes_of(file_digest));
  return update::VerifiedImage::verify(std::move(bytes), keys);
}

// A signature that does not verify is the release's fault, everything else the rig's.
asio::awaitable<Outcome<update::VerifiedImage>> RunDepot::image(std::string file_digest) {
  auto image = verified(file_digest);
  if (!image && image.error().kind != ErrorKind::refused) trouble_ = image.error().what;
  co_return image;
}

Outcome<> RunDepot::append(const json::object& line) {
  journal_ += json::serialize(line) + "\n";
  return noted(write_file(settings_.file + ".jsonl", journal_));
}

Outcome<> RunDepot::noted(Outcome<> written) {
  if (!written) trouble_ = written.error().what;
  return written;
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
    LOCKSTEP_CO_CHECK(noted(write_file(settings_.file + name, document)));
  }
  tell(trail);
  const json::object line{{"state", state}, {"facts", to_json(trail)}};
  co_return append(line);
}

asio::awaitable<Outcome<std::string>> RunDepot::plan_document(std::string digest) {
  co_return fail(ErrorKind::not_found, "an update on a rig is not resumed, so plan " + digest + " is not kept for it");
}

void RunDepot::end_with(std::string_view outcome, const std::string& reason) {
  static_cast<void>(append({{"state", json::string_view(outcome.data(), outcome.size())}, {"reason", reason}}));  // trouble() knows
}

}  // namespace lockstep::hil
