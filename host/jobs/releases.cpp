#include "host/jobs/releases.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/base/json.hpp"
#include "host/base/text.hpp"

namespace lockstep::jobs {

Outcome<std::vector<attest::TrustedKey>> trusted_keys(store::Store& store, std::string_view role) {
  LOCKSTEP_TRY(rows, store.queries().keys(role));
  std::vector<attest::TrustedKey> keys;
  for (const store::KeyRow& row : rows) {
    LOCKSTEP_TRY(key, PublicKey::from_pem(row.public_pem));
    keys.push_back({row.name, key});
  }
  return keys;
}

Outcome<std::vector<mcuboot::PublicKey>> image_keys(store::Store& store) {
  LOCKSTEP_TRY(trusted, trusted_keys(store, "image"));
  std::vector<mcuboot::PublicKey> keys;
  for (const attest::TrustedKey& key : trusted) keys.push_back(key.key.mcuboot());
  return keys;
}

Outcome<store::ReleaseRow> find_release(store::Store& store, std::string_view reference) {
  LOCKSTEP_TRY(rows, store.queries().releases());
  std::vector<std::string> names, of_product;
  std::vector<store::ReleaseRow> fitting;
  for (store::ReleaseRow& row : rows) {
    names.push_back(row.id);
    if (row.id == reference) return std::move(row);
    if (row.version == reference || row.product == reference) fitting.push_back(std::move(row));
  }
  if (fitting.size() == 1) return std::move(fitting.front());
  if (fitting.size() > 1) {
    std::vector<std::string> ids;
    for (const store::ReleaseRow& row : fitting) ids.push_back(row.id);
    return fail(ErrorKind::conflict, fmt::format("'{}' fits several releases: {}", reference, fmt::join(ids, ", ")),
                "name one as PRODUCT@VERSION");
  }
  const std::string product = std::string(reference.substr(0, reference.find('@'))) + "@";
  std::copy_if(names.begin(), names.end(), std::back_inserter(of_product),
               [&](const std::string& name) { return name.starts_with(product); });
  if (!of_product.empty()) {
    return fail(ErrorKind::not_found, fmt::format("there is no release '{}'", reference),
                fmt::format("there are {}", fmt::join(of_product, ", ")));
  }
  const std::optional<std::string> near = closest(reference, names);
  return fail(ErrorKind::not_found, fmt::format("there is no release '{}'", reference),
              near ? fmt::format("did you mean {}?", *near) : "`lockstep release list` shows them all");
}

Outcome<release::Release> load_release(store::Store& store, const store::ReleaseRow& row) {
  LOCKSTEP_TRY(envelope, store.artefacts().get_text(row.envelope_digest));
  LOCKSTEP_TRY(keys, trusted_keys(store, "release"));
  auto verified = attest::verify(envelope, release::payload_type, keys);
  if (!verified) return Fail(verified.error().in("release " + row.id));
  return release::parse(verified->payload, row.id);
}

resolve::DeviceState device_state(const store::DeviceRow& device) {
  resolve::DeviceState state{device.name, device.board, device.revision, {}};
  for (const store::ComponentReport& report : device.components) {
    const auto version = version::parse_device(report.version);
    if (!version) continue;  // a version nobody can read is an unknown one: pairing then says no
    resolve::Installed installed{report.component, *version};
    if (const auto hash = Sha256::from_hex(report.image_hash)) installed.image_hash = *hash;
    state.components.push_back(std::move(installed));
  }
  return state;
}

Outcome<std::vector<resolve::SoftwareInUse>> software_in_use(const store::DeviceRow& device) {
  std::vector<resolve::SoftwareInUse> in_use;
  for (const auto& member : device.software) {
    LOCKSTEP_TRY(text, json_text(device.software, member.key()));
    LOCKSTEP_TRY(version, version::parse(text));
    in_use.push_back({std::string(member.key()), version});
  }
  return in_use;
}

Outcome<resolve::Answer> pair(const release::Release& release, const store::DeviceRow& device) {
  if (!device.product.empty() && device.product != release.product) {
    return fail(ErrorKind::refused, fmt::format("{} cannot get {}: it is a {}", device.name, release.name(), device.product),
                "give it a release of its own product");
  }
  LOCKSTEP_TRY(in_use, software_in_use(device));
  resolve::Answer answer = resolve::resolve(release, device_state(device), in_use);
  if (answer.yes) return answer;
  std::string why = fmt::format("{} cannot get {}", device.name, release.name());
  for (const resolve::Check& check : answer.reasons()) why += "\n  - " + check.text();
  return fail(ErrorKind::refused, why,
              fmt::format("`lockstep release explain` shows the whole derivation; `lockstep device set {} --software "
                          "COMPONENT=VERSION` tells what software is in use", device.name));
}

}  // namespace lockstep::jobs
