#include "host/jobs/trail_journal.hpp"

#include "host/base/crypto.hpp"

namespace lockstep::jobs {

namespace asio = boost::asio;

void TrailJournal::name_steps(const walk::CertifiedPlan& plan) {
  step_texts_.clear();
  for (const model::Step& step : plan.steps()) step_texts_.push_back(model::text(plan.catalogue(), step));
}

asio::awaitable<Outcome<void>> TrailJournal::advance(std::string state, JobTrail next, std::string document) {
  if (broken_) co_return Fail(*broken_);  // the device may have got on, and would be led on without a record
  JobTrail kept = next;
  auto saved = co_await depot_.save(std::move(state), std::move(kept), std::move(document));
  if (saved) {
    trail_ = std::move(next);
  } else {
    broken_ = saved.error();
  }
  co_return saved;
}

asio::awaitable<Outcome<void>> TrailJournal::begin(std::string document, const walk::CertifiedPlan& plan) {
  name_steps(plan);
  JobTrail next;
  next.plan = Sha256::of(document).hex();
  next.steps = step_texts_.size();
  next.doing = step_texts_.empty() ? "" : step_texts_.front();
  next.ended = trail_.ended;
  auto saved = co_await advance(std::string(walking), std::move(next), std::move(document));
  co_return saved;
}

asio::awaitable<Outcome<void>> TrailJournal::save(walk::WalkRecord record) {
  JobTrail next = trail_;
  next.step = record.step;
  next.doing = record.step < step_texts_.size() ? step_texts_[record.step] : "";
  auto saved = co_await advance(std::string(walking), std::move(next));
  co_return saved;
}

asio::awaitable<Outcome<void>> TrailJournal::save(const update::JobRecord& record) {
  JobTrail next = trail_;
  next.image = record;
  const bool ended = update::is_end(record.state);
  if (ended) next.ended = summed(next.ended, record.facts);
  const std::string state(ended ? walking : update::name(record.state));
  auto saved = co_await advance(state, std::move(next));
  co_return saved;
}

}  // namespace lockstep::jobs
