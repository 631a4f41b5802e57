#include "host/api/job_journal.hpp"

#include "host/api/releases.hpp"
#include "host/base/json.hpp"

namespace lockstep::api {

namespace asio = boost::asio;

namespace {

asio::awaitable<Outcome<update::VerifiedImage>> provide(store::StoreThread& store, std::string digest) {
  const auto read = [&](store::Store& s) -> Outcome<update::VerifiedImage> {
    LOCKSTEP_TRY(keys, image_keys(s));
    LOCKSTEP_TRY(bytes, s.artefacts().get(digest));
    return update::VerifiedImage::verify(std::move(bytes), keys);
  };
  co_return co_await store.run(read);
}

}  // namespace

asio::awaitable<Outcome<void>> LedgerJournal::save(const update::JobRecord& record) {
  std::vector<store::EventBody> events;
  if (update::is_end(record.state)) {
    if (record.state == update::State::succeeded) {
      store::DeviceUpdated report;
      report.device = device_;
      report.components.push_back({"app", version_, image_hash_, true});
      report.health = health_;
      events.emplace_back(std::move(report));
    }
    store::JobFinished finished;
    finished.job = record.job_id;
    finished.outcome = std::string(update::name(record.state));
    finished.reason = record.facts.reason;
    finished.facts = update::to_json(record.facts);
    events.emplace_back(std::move(finished));
  } else {
    store::JobState state;
    state.job = record.job_id;
    state.state = std::string(update::name(record.state));
    state.facts = update::to_json(record.facts);
    events.emplace_back(std::move(state));
  }
  auto appended = co_await store_.append_all(std::move(events));
  if (!appended) co_return Fail(appended.error());
  if (saved_) saved_(record);
  co_return Outcome<void>{};
}

Outcome<update::JobRecord> record_of(const store::JobRow& row) {
  const auto state = update::state_from_name(row.state);
  if (!state) return fail(ErrorKind::invalid, "job " + row.id + " is in state '" + row.state + "', unknown to this version");
  LOCKSTEP_TRY(facts, update::job_facts_from_json(row.facts));
  return update::JobRecord{row.id, *state, std::move(facts)};
}

update::ImageProvider image_provider(store::StoreThread& store, std::string file_digest) {
  return [&store, file_digest] { return provide(store, file_digest); };
}

}  // namespace lockstep::api
