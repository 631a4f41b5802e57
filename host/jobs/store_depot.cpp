#include "host/jobs/store_depot.hpp"

#include "host/jobs/releases.hpp"

namespace lockstep::jobs {

namespace asio = boost::asio;

asio::awaitable<Outcome<store::DeviceRow>> StoreDepot::device() {
  const auto read = [this](store::Store& store) { return store.queries().find_device(job_.device); };
  LOCKSTEP_CO_TRY(found, co_await store_.run(read));
  if (!found) co_return fail(ErrorKind::not_found, "there is no device '" + job_.device + "'");
  co_return *std::move(found);
}

asio::awaitable<Outcome<void>> StoreDepot::reported(store::DeviceUpdated report) {
  LOCKSTEP_CO_TRY(appended, co_await store_.append(std::move(report)));
  co_return Outcome<void>{};
}

asio::awaitable<Outcome<PlanningMaterial>> StoreDepot::material() {
  const auto read = [this](store::Store& store) { return material_for_device(store, shelf_, job_.device, job_.release); };
  co_return co_await store_.run(read);
}

asio::awaitable<Outcome<update::VerifiedImage>> StoreDepot::image(std::string file_digest) {
  const auto read = [&](store::Store& store) -> Outcome<update::VerifiedImage> {
    LOCKSTEP_TRY(keys, image_keys(store));
    LOCKSTEP_TRY(bytes, store.artefacts().get(file_digest));
    return update::VerifiedImage::verify(std::move(bytes), keys);
  };
  co_return co_await store_.run(read);
}

asio::awaitable<Outcome<void>> StoreDepot::save(std::string state, JobTrail trail, std::string document) {
  std::vector<store::EventBody> events;
  if (!document.empty()) {
    const auto keep = [&](store::Store& store) { return store.artefacts().put(as_bytes(document)); };
    LOCKSTEP_CO_TRY(kept, co_await store_.run(keep));
    events.emplace_back(store::ArtefactAdded{kept.digest, kept.size, "plan", job_.id + ".plan.json"});
  }
  store::JobState event;
  event.job = job_.id;
  event.state = state;
  event.facts = to_json(trail);
  events.emplace_back(std::move(event));
  LOCKSTEP_CO_TRY(appended, co_await store_.append_all(std::move(events)));
  if (saved_) saved_(state);
  co_return Outcome<void>{};
}

asio::awaitable<Outcome<std::string>> StoreDepot::plan_document(std::string digest) {
  const auto read = [&](store::Store& store) { return store.artefacts().get_text(digest); };
  co_return co_await store_.run(read);
}

}  // namespace lockstep::jobs
