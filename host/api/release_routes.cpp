// POST /v1/artefacts?role=&name= (bytes)   GET /v1/releases   GET /v1/releases/:release   POST /v1/releases {"envelope"}
#include <fmt/format.h>

#include "host/api/engine_parts.hpp"
#include "host/api/views.hpp"
#include "host/base/json.hpp"
#include "host/jobs/releases.hpp"
#include "manifests/release/lint.hpp"
#include "manifests/release/succession.hpp"
#include "protocols/mcuboot/source.hpp"

namespace lockstep::api {
namespace {

Answer add_artefact(Engine::Parts& parts, Request request) {
  const auto add = [&](store::Store& store) -> Outcome<json::value> {
    LOCKSTEP_TRY(artefact, store.artefacts().put(as_bytes(request.body)));
    LOCKSTEP_TRY(known, store.queries().find_artefact(artefact.digest));
    if (!known) {
      store::ArtefactAdded added;
      added.digest = artefact.digest;
      added.size = artefact.size;
      added.role = request.query["role"];
      added.name = request.query["name"];
      LOCKSTEP_CHECK(store.append(std::move(added), "api"));
    }
    return json::value(json::object{{"digest", artefact.digest}, {"size", artefact.size}});
  };
  co_return co_await parts.store.run(add);
}

Answer list_releases(Engine::Parts& parts) {
  const auto read = [](store::Store& store) { return store.queries().releases(); };
  LOCKSTEP_CO_TRY(releases, co_await parts.store.run(read));
  co_return list_of("releases", releases);
}

Answer show_release(Engine::Parts& parts, std::string reference) {
  const auto read = [&](store::Store& store) -> Outcome<json::value> {
    LOCKSTEP_TRY(row, jobs::find_release(store, reference));
    LOCKSTEP_TRY(envelope, store.artefacts().get_text(row.envelope_digest));
    LOCKSTEP_TRY(keys, jobs::trusted_keys(store, "release"));
    json::object answer = to_json(row);
    answer["envelope"] = envelope;
    json::array& signers = (answer["signers"] = json::array()).as_array();  // by today's trust, which may have been withdrawn
    if (const auto verified = attest::verify(envelope, release::payload_type, keys)) {
      for (const attest::TrustedKey& signer : verified->signers) signers.emplace_back(signer.name);
    }
    return json::value(std::move(answer));
  };
  co_return co_await parts.store.run(read);
}

// Every image must be here, be what the manifest says, and be signed by a trusted image key.
Outcome<void> check_images(store::Store& store, const release::Release& release) {
  LOCKSTEP_TRY(keys, jobs::image_keys(store));
  for (const release::Firmware& firmware : release.firmware) {
    auto bytes = store.artefacts().get(firmware.sha256.hex());
    if (!bytes) {
      return fail(ErrorKind::not_found,
                  fmt::format("{}: the image {} (sha256 {}) is not in the artefact store", release.at(firmware.line),
                              firmware.file, firmware.sha256.short_hex()),
                  "give the folder that holds it: `lockstep release add FILE --artefacts DIR`");
    }
    for (const release::Finding& finding : release::check_artefact(firmware, *bytes)) {
      if (finding.severity == release::Finding::Severity::error) return fail(ErrorKind::refused, finding.text(release));
    }
    if (auto verified = update::VerifiedImage::verify(*std::move(bytes), keys); !verified) {
      return Fail(verified.error().in(release.at(firmware.line) + ": " + firmware.file));
    }
  }
  return {};
}

Outcome<store::ReleaseAdded> to_event(const release::Release& release, const attest::Verified& verified,
                                      const std::string& envelope_digest) {
  store::ReleaseAdded event;
  event.product = release.product;
  event.version = release.version.text();
  event.release = event.product + "@" + event.version;
  event.title = release.title;
  event.manifest_digest = release.sha256.hex();
  event.envelope_digest = envelope_digest;
  for (const attest::TrustedKey& signer : verified.signers) event.key_ids.push_back(signer.key.id().hex());
  for (const release::Firmware& firmware : release.firmware) {
    event.images.push_back({firmware.component, firmware.version.text(), firmware.sha256.hex(),
                            firmware.image_hash.hex(), static_cast<std::int64_t>(firmware.size)});
  }
  return event;
}

// What it takes back of earlier releases, as texts: no reason to refuse it, but somebody should know.
Outcome<json::array> warnings(store::Store& store, jobs::ReleaseShelf& shelf, const release::Release& release) {
  LOCKSTEP_TRY(stored, shelf.of_product(store, release.product));
  std::vector<const release::Release*> known;
  for (const jobs::ReleaseShelf::Loaded& each : stored) {
    if (each.release) known.push_back(each.release->get());
  }
  json::array out;
  for (const release::Finding& finding : release::taken_back(release, known)) out.push_back(json::value(finding.text(release)));
  return out;
}

Answer add_release(Engine::Parts& parts, Request request) {
  const auto add = [&](store::Store& store) -> Outcome<json::value> {
    LOCKSTEP_TRY(keys, jobs::trusted_keys(store, "release"));
    LOCKSTEP_TRY(verified, attest::verify(request.body, release::payload_type, keys));
    LOCKSTEP_TRY(release, release::parse(verified.payload, request.query["name"]));
    for (const release::Finding& finding : release::lint(release)) {
      if (finding.severity == release::Finding::Severity::error) return fail(ErrorKind::refused, finding.text(release));
    }
    LOCKSTEP_CHECK(check_images(store, release));
    LOCKSTEP_TRY(taken_back, warnings(store, parts.shelf, release));
    LOCKSTEP_TRY(artefact, store.artefacts().put(as_bytes(request.body)));
    LOCKSTEP_TRY(event, to_event(release, verified, artefact.digest));
    LOCKSTEP_TRY(known, store.queries().find_release(event.release));
    if (known && known->manifest_digest == event.manifest_digest) return json::value(to_json(*known));
    if (known) {
      return fail(ErrorKind::conflict, event.release + " is already here with another manifest",
                  "a release never changes; give the new one another version");
    }
    std::vector<store::EventBody> events;
    LOCKSTEP_TRY(kept, store.queries().find_artefact(artefact.digest));
    if (!kept) {
      events.emplace_back(store::ArtefactAdded{artefact.digest, artefact.size, "envelope", request.query["name"]});
    }
    const std::string id = event.release;
    events.emplace_back(std::move(event));
    LOCKSTEP_CHECK(store.append(std::move(events), "api"));
    LOCKSTEP_TRY(row, store.queries().find_release(id));
    json::object answer = to_json(*row);
    answer["warnings"] = std::move(taken_back);
    return json::value(std::move(answer));
  };
  co_return co_await parts.store.run(add);
}

}  // namespace

void add_release_routes(Router& router, Engine::Parts& parts) {
  router.add("POST", "/v1/artefacts",
             [&parts](Request request, Parameters) { return add_artefact(parts, std::move(request)); });
  router.add("GET", "/v1/releases", [&parts](Request, Parameters) { return list_releases(parts); });
  router.add("GET", "/v1/releases/:release",
             [&parts](Request, Parameters p) { return show_release(parts, p["release"]); });
  router.add("POST", "/v1/releases",
             [&parts](Request request, Parameters) { return add_release(parts, std::move(request)); });
}

}  // namespace lockstep::api
