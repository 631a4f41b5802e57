#include "host/jobs/release_shelf.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "manifests/attest/dsse.hpp"

namespace lockstep::jobs {
namespace {

template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) FAIL(outcome.error().what);
  return *std::move(outcome);
}

class Shop {
 public:
  void trust(const PrivateKey& key) {
    store::KeyTrusted trusted;
    trusted.key_id = key.public_key().id().hex();
    trusted.name = trusted.key_id.substr(0, 8);
    trusted.role = "release";
    trusted.public_pem = key.public_key().pem();
    must(store->append(std::move(trusted)));
  }

  // Gives the digest of its envelope.
  std::string add(std::string_view product, std::string_view version, const PrivateKey& key) {
    const std::string xml = fmt::format(R"(<release xmlns="urn:lockstep:release:1" product="{}" version="{}">
  <hardware board="node-m3" revisions="&gt;=1.0.0"/>
  <firmware component="app" version="{}" file="app.bin" size="1" sha256="{}" image-hash="{}"><from range="*"/></firmware>
</release>
)",
                                        product, version, version, Sha256::of(version).hex(), Sha256::of(version).hex());
    const PrivateKey keys[] = {key};
    const auto envelope = must(attest::sign(std::string(release::payload_type), xml, keys));
    const store::Artefact kept = must(store->artefacts().put(as_bytes(attest::to_json(envelope))));
    store::ReleaseAdded added;
    added.release = fmt::format("{}@{}", product, version);
    added.product = product;
    added.version = version;
    added.manifest_digest = Sha256::of(xml).hex();
    added.envelope_digest = kept.digest;
    std::vector<store::EventBody> events;
    events.emplace_back(store::ArtefactAdded{kept.digest, kept.size, "envelope", added.release});
    events.emplace_back(std::move(added));
    must(store->append(std::move(events)));
    return kept.digest;
  }

  // "thermostat@1.0.0", or the reason why it cannot be read, each on a line.
  std::string read(const std::string& product = "thermostat") {
    std::string out;
    for (const auto& [id, release] : must(shelf.of_product(*store, product)))
      out += (release ? (*release)->name() : id + ": " + release.error().what) + "\n";
    return out;
  }

  TempDir dir;
  std::unique_ptr<store::Store> store = must(store::Store::open(dir.path()));
  ReleaseShelf shelf;
};

TEST_CASE("a release is verified once, a new one when it comes") {
  Shop shop;
  const PrivateKey key = must(PrivateKey::generate());
  shop.trust(key);
  shop.add("thermostat", "1.0.0", key);
  shop.add("kettle", "1.0.0", key);
  for (int i = 0; i < 3; ++i) CHECK(shop.read() == "thermostat 1.0.0\n");
  CHECK(shop.shelf.verified() == 1);
  shop.add("thermostat", "2.0.0", key);
  CHECK(shop.read() == "thermostat 1.0.0\nthermostat 2.0.0\n");
  CHECK(shop.shelf.verified() == 2);
}

TEST_CASE("a release that nobody trusted yet is there as soon as its key is trusted, and everything is verified anew") {
  Shop shop;
  const PrivateKey known = must(PrivateKey::generate()), stranger = must(PrivateKey::generate());
  shop.trust(known);
  shop.add("thermostat", "1.0.0", known);
  shop.add("thermostat", "2.0.0", stranger);
  CHECK(shop.read().find("thermostat@2.0.0: release thermostat@2.0.0: signed by key") != std::string::npos);
  shop.trust(stranger);
  CHECK(shop.read() == "thermostat 1.0.0\nthermostat 2.0.0\n");
  CHECK(shop.shelf.verified() == 3);
}

}  // namespace
}  // namespace lockstep::jobs
