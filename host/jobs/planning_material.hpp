// What planning needs, as the store has it: all releases of a product whose signature still verifies, and what devices said
// last. All run on the store's thread.
#pragma once

#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/jobs/release_shelf.hpp"
#include "host/store/store.hpp"
#include "manifests/model/problem.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::jobs {

struct LeftOut {
  std::string name;
  std::string why;
};

struct PlanningMaterial {
  std::vector<release::Release> releases;
  std::size_t target = 0;  // its place among them
  std::vector<LeftOut> left_out;  // releases that are not trusted any more
  std::vector<model::Report> reports;
  std::vector<LeftOut> unreadable;  // devices whose software nobody can read
};

// What the store knows of a device, as planning wants it. invalid: the version of its software cannot be read.
Outcome<model::Report> report_of(const store::DeviceRow& device);

// One report, that of the device. `to` as in find_release. refused: the release is of another product.
Outcome<PlanningMaterial> material_for_device(store::Store& store, ReleaseShelf& shelf, const std::string& device,
                                              const std::string& to);

// The reports of all devices that may be of the release's product.
Outcome<PlanningMaterial> material_for_fleet(store::Store& store, ReleaseShelf& shelf, const std::string& to);

// One report, and all releases of the device's product: of `product` when it is named. `target` says nothing.
// not_found: no such device, or no release of the product. invalid: nobody knows which product the device is. refused: it is
// another, or none of the releases is trusted.
Outcome<PlanningMaterial> material_for_newest(store::Store& store, ReleaseShelf& shelf, const std::string& device,
                                              const std::string& product);

}  // namespace lockstep::jobs
