// The work behind resolve(): looks at one rule after the other and writes down what it saw. Private to this folder.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "manifests/resolve/resolve.hpp"

namespace lockstep::resolve {

class Derivation {
 public:
  // The arguments outlive this.
  Derivation(const release::Release& release, const DeviceState& device, std::span<const SoftwareInUse> in_use)
      : release_(release), device_(device), in_use_(in_use) {}

  Answer run();

 private:
  // Something with a version that will be together with the rest: on the device, or beside it.
  struct Present {
    std::string component;
    version::Version version;
    std::string name;  // "mobile-app 5.1.0 (android)"
    bool software = false;
    const std::vector<release::Requirement>* needs = nullptr;  // null: this release does not describe it
    std::optional<version::Version> now{};                     // what it is before, when that changes
  };

  void check_hardware();
  void check_firmware(const release::Firmware& firmware);
  void check_from(const release::Firmware& firmware, const Installed& installed);
  void check_counter(const release::Firmware& firmware, const Installed& installed);
  void gather();
  void check_requirement(const Present& part, const release::Requirement& need);
  void check_together(const Present& part, const release::Requirement& need, const Present& other);
  void check_before(const Present& part, const release::Requirement& need, const Present& other);
  void check_described(const Present& part);
  std::string remedy_for(const Present& part, const release::Requirement& need, const Present& found) const;

  void ok(Rule rule, int line, std::string what);
  void fail(Rule rule, int line, std::string what, std::string remedy);
  void unknown(Rule rule, int line, std::string what);
  const Installed* installed(std::string_view component) const;
  bool runs_already(const release::Firmware& firmware, const Installed& installed) const;
  const release::Software* described(const SoftwareInUse& use) const;
  std::string device_name() const { return device_.name.empty() ? "the device" : device_.name; }

  const release::Release& release_;
  const DeviceState& device_;
  std::span<const SoftwareInUse> in_use_;
  std::vector<Present> present_;
  Answer answer_;
};

}  // namespace lockstep::resolve
