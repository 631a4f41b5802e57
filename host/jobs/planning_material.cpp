#include "host/jobs/planning_material.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "host/jobs/releases.hpp"

namespace lockstep::jobs {
namespace {

Outcome<> load_releases(store::Store& store, ReleaseShelf& shelf, const store::ReleaseRow& target, PlanningMaterial& out) {
  LOCKSTEP_TRY(all, shelf.of_product(store, target.product));
  for (const auto& [id, release] : all) {
    if (!release && id == target.id) return Fail(release.error());
    if (!release) {
      out.left_out.push_back({id, release.error().what});
      continue;
    }
    if (id == target.id) out.target = out.releases.size();
    out.releases.push_back(**release);
  }
  return {};
}

// Nothing where the device says what nobody can read. What the image in the slot that does not run means to a confirmed one
// depends on the component's kind; model::make_problem knows it.
std::optional<model::Slots> slots_of(const store::ComponentReport& component) {
  const auto idle = version::parse_device(component.idle_version);
  const bool readable = component.idle_hash.empty() || idle;
  if (!readable || !version::parse_device(component.version)) return std::nullopt;
  model::Slots slots{.component = component.component, .trial = !component.confirmed};
  if (idle) (component.idle_pending ? slots.staged : slots.fallback) = *idle;
  return slots;
}

}  // namespace

Outcome<model::Report> report_of(const store::DeviceRow& device) {
  model::Report report;
  report.device = device_state(device);
  LOCKSTEP_TRY(in_use, software_in_use(device));
  report.in_use = std::move(in_use);
  for (const store::ComponentReport& component : device.components) {
    if (auto slots = slots_of(component)) report.slots.push_back(*std::move(slots));
  }
  return report;
}

Outcome<PlanningMaterial> material_for_device(store::Store& store, ReleaseShelf& shelf, const std::string& name, const std::string& to) {
  LOCKSTEP_TRY(device, store.queries().find_device(name));
  if (!device)
    return fail(ErrorKind::not_found, "there is no device '" + name + "'",
                "`lockstep device list` shows them all");
  LOCKSTEP_TRY(target, find_release(store, to));
  if (!device->product.empty() && device->product != target.product) {
    return fail(ErrorKind::refused, fmt::format("{} cannot get {}: it is a {}", name, target.id, device->product),
                "give it a release of its own product");
  }
  PlanningMaterial out;
  LOCKSTEP_CHECK(load_releases(store, shelf, target, out));
  LOCKSTEP_TRY(report, report_of(*device));
  out.reports.push_back(std::move(report));
  return out;
}

Outcome<PlanningMaterial> material_for_fleet(store::Store& store, ReleaseShelf& shelf, const std::string& to) {
  LOCKSTEP_TRY(target, find_release(store, to));
  PlanningMaterial out;
  LOCKSTEP_CHECK(load_releases(store, shelf, target, out));
  LOCKSTEP_TRY(devices, store.queries().devices());
  for (const store::DeviceRow& device : devices) {
    if (!device.product.empty() && device.product != target.product) continue;
    auto report = report_of(device);
    if (report) {
      out.reports.push_back(*std::move(report));
    } else {
      out.unreadable.push_back({device.name, report.error().what});
    }
  }
  return out;
}

namespace {

// Of a device that does not say what it is: the only product that there are releases of.
Outcome<std::string> product_of(store::Store& store, const store::DeviceRow& device, const std::string& named) {
  if (!named.empty() && !device.product.empty() && named != device.product) {
    return fail(ErrorKind::refused, fmt::format("{} is no {}: it is a {}", device.name, named, device.product),
                "say newest alone, or name its own product");
  }
  if (!named.empty() || !device.product.empty()) return named.empty() ? device.product : named;
  std::set<std::string> products;
  LOCKSTEP_TRY(rows, store.queries().releases());
  for (const store::ReleaseRow& row : rows) products.insert(row.product);
  if (products.empty()) return fail(ErrorKind::not_found, "there is no release", "`lockstep release add` adds one");
  if (products.size() == 1) return *products.begin();
  return fail(ErrorKind::invalid, fmt::format("{} does not say which product it is", device.name),
              fmt::format("say which: {}@newest", fmt::join(products, "@newest or ")));
}

}  // namespace

Outcome<PlanningMaterial> material_for_newest(store::Store& store, ReleaseShelf& shelf, const std::string& name,
                                              const std::string& product) {
  LOCKSTEP_TRY(device, store.queries().find_device(name));
  if (!device) return fail(ErrorKind::not_found, "there is no device '" + name + "'", "`lockstep device list` shows them all");
  LOCKSTEP_TRY(of, product_of(store, *device, product));
  PlanningMaterial out;
  LOCKSTEP_CHECK(load_releases(store, shelf, store::ReleaseRow{.product = of}, out));
  if (out.releases.empty() && out.left_out.empty()) {
    return fail(ErrorKind::not_found, fmt::format("there is no release of {}", of), "`lockstep release list` shows them all");
  }
  if (out.releases.empty()) {
    return fail(ErrorKind::refused, fmt::format("no release of {} is trusted: {}", of, out.left_out[0].why),
                "`lockstep key trust` with the role release trusts a key");
  }
  LOCKSTEP_TRY(report, report_of(*device));
  out.reports.push_back(std::move(report));
  return out;
}

}  // namespace lockstep::jobs
