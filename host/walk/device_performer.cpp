#include "host/walk/device_performer.hpp"

#include <algorithm>

#include "host/update/standing.hpp"

namespace lockstep::walk {

using namespace model;

namespace {

// The version that is in the slot. The digest decides; a bare record has none, because all that is known of it is that a
// device said this version. none: neither.
Index version_of(const Component& component, const session::ImageSlot& slot) {
  const auto has = [&](const Record& r) { return r.image_hash && r.image_hash->hex() == slot.hash; };
  const auto found = std::find_if(component.versions.begin(), component.versions.end(), has);
  if (found != component.versions.end()) return static_cast<Index>(found - component.versions.begin());
  const auto said = version::parse_device(slot.version);
  const Index bare = said ? component.find(*said) : none;
  return bare != none && component.versions[static_cast<std::size_t>(bare)].bare ? bare : none;
}

const session::ImageSlot* idle_slot(const session::Inventory& inventory, std::uint32_t image) {
  for (const session::ImageSlot& slot : inventory.images)
    if (slot.image == image && !slot.active) return &slot;
  return nullptr;
}

// The slot that does not run. The list of images tells its role only where one is marked or on trial.
void see_idle(const Component& component, const session::ImageSlot* slot, bool trial, Seen& seen) {
  const Index version = slot == nullptr ? none : version_of(component, *slot);
  const bool known = slot == nullptr || version != none;
  if (trial) {
    seen.staged = none;
    if (known) seen.fallback = version;
    return;
  }
  if (component.kind == Kind::ab_trial) seen.fallback = none;
  if (slot != nullptr && slot->pending && !known) {
    seen.foreign = update::describe(slot) + " at the next reset";
  } else if (slot == nullptr || slot->pending) {
    seen.staged = version;
  } else {
    seen.idle = version;
  }
}

Seen see(const Component& component, const session::Inventory& inventory, std::uint32_t image) {
  Seen seen;
  const session::ImageSlot* running = inventory.running(image);
  const Index version = running == nullptr ? none : version_of(component, *running);
  if (version == none) {
    seen.foreign = update::describe(running);
    return seen;
  }
  seen.active = version;
  seen.trial = !running->confirmed;
  see_idle(component, idle_slot(inventory, image), !running->confirmed, seen);
  return seen;
}

Outcome<void> outcome_of(const update::JobResult& result) {
  if (!result.finished()) return fail(ErrorKind::cancelled, result.interrupted);
  switch (result.state) {
    case update::State::succeeded:
      return {};
    case update::State::unreachable:
      return fail(ErrorKind::unreachable, result.facts.reason);
    case update::State::cancelled:
      return fail(ErrorKind::cancelled, "stopped on request");
    default:
      return fail(ErrorKind::device, result.facts.reason);
  }
}

}  // namespace

Sight sight_of(const Catalogue& catalogue, const session::Inventory& inventory,
               const std::vector<session::ImageComponent>& components) {
  Sight out(catalogue.components.size());
  for (const session::ImageComponent& each : components) {
    const Index i = catalogue.find(each.name);
    if (i == none) continue;
    const auto place = static_cast<std::size_t>(i);
    out[place] = see(catalogue.components[place], inventory, each.image);
  }
  return out;
}

DevicePerformer::DevicePerformer(std::shared_ptr<const Catalogue> catalogue, DeviceSettings settings,
                                 update::Journal& journal, update::JobWatch& watch, update::JobRecord resume)
    : catalogue_(std::move(catalogue)),
      settings_(std::move(settings)),
      journal_(journal),
      watch_(watch),
      resume_(std::move(resume)) {}

asio::awaitable<Outcome<Sight>> DevicePerformer::look() {
  auto client = settings_.clients(settings_.link, [this](std::string_view line) { watch_.on_device_log(line); });
  const session::ReturnPolicy patience{.total = settings_.policy.return_total,
                                       .quiet = std::chrono::milliseconds(0),
                                       .between_tries = settings_.policy.return_every};
  auto inventory = co_await client->wait_for_return(patience);
  if (!inventory) co_return Fail(std::move(inventory).error());
  auto identity = co_await update::prove_identity(*client, settings_.identity);
  if (!identity) co_return Fail(std::move(identity).error());
  if (components_.empty()) {
    auto components = co_await client->components();
    if (!components) co_return Fail(std::move(components).error());
    components_ = *std::move(components);
  }
  Sight seen = sight_of(*catalogue_, *inventory, components_);
  if (!settings_.software) co_return seen;
  auto alive = co_await settings_.software();
  if (!alive) co_return Fail(std::move(alive).error());
  for (const auto& [component, versions] : *alive) seen[static_cast<std::size_t>(component)].alive = versions;
  co_return seen;
}

Outcome<update::Job> DevicePerformer::job_for(std::size_t step, const Target& target, update::Reach reach) const {
  const Component& component = catalogue_->components[static_cast<std::size_t>(target.component)];
  const Record& record = catalogue_->record(target.component, target.version);
  const auto number = std::find_if(components_.begin(), components_.end(),
                                   [&](const session::ImageComponent& c) { return c.name == component.name; });
  if (number == components_.end())
    return fail(ErrorKind::refused, "the device has no image that is " + component.label() + "; it is updated some other way");
  if (!record.image_hash)
    return fail(ErrorKind::refused, "no release brings the image of " + catalogue_->name(target.component, target.version));
  update::Job job;
  job.id = settings_.walk + "/" + std::to_string(step + 1) + "/" + component.name;
  job.link = settings_.link;
  job.identity = settings_.identity;
  job.image_hash = record.image_hash->hex();
  job.version = record.version.text();
  job.image_number = number->image;
  job.reach = reach;
  job.size_bytes = record.bytes;
  job.image = settings_.image(record);
  if (settings_.patch) job.patch = settings_.patch(record);
  job.policy = settings_.policy;
  return job;
}

asio::awaitable<Outcome<void>> DevicePerformer::run(std::size_t step, Target target, update::Reach reach,
                                                     update::JobWatch& watch) {
  auto job = job_for(step, target, reach);
  if (!job) co_return Fail(std::move(job).error());
  update::JobRecord from{.job_id = job->id};
  if (resume_.job_id == job->id && !update::is_end(resume_.state)) from = resume_;
  resume_ = {};
  const update::JobResult result = co_await update::run_job(*job, from, settings_.clients, journal_, watch);
  co_return outcome_of(result);
}

// All images are marked before the one reset in which they are tried together.
asio::awaitable<Outcome<void>> DevicePerformer::activate(const Move& move) {
  const std::vector<Target>& targets = move.step.targets;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const update::Reach reach = i + 1 == targets.size() ? update::Reach::tried : update::Reach::marked;
    update::JobWatch& watch = i == 0 ? watch_ : seen_through_;
    auto done = co_await run(move.number, targets[i], reach, watch);
    if (!done) co_return done;
  }
  co_return Outcome<void>();
}

asio::awaitable<Outcome<void>> DevicePerformer::confirm(const Move& move) {
  for (const Target& target : move.step.targets) {
    auto done = co_await run(move.number, target, update::Reach::kept, seen_through_);
    if (!done) co_return done;
  }
  co_return Outcome<void>();
}

asio::awaitable<Outcome<Performed>> DevicePerformer::perform(const Move& move) {
  const Target first = move.step.targets.front();
  const Component& component = catalogue_->components[static_cast<std::size_t>(first.component)];
  if (on_device(component.kind) && !has_two_slots(component.kind))
    co_return fail(ErrorKind::refused, component.label() + " is written in place, which no protocol here does yet");
  Outcome<void> done;
  switch (move.step.act) {
    case Act::stage:
      done = co_await run(move.number, first, update::Reach::stored, watch_);
      break;
    case Act::activate:
      done = co_await activate(move);
      break;
    case Act::confirm:
      done = co_await confirm(move);
      break;
    case Act::finalise:
      co_return fail(ErrorKind::refused, "finalising " + component.label() + " cannot be undone, and is not done over this link");
    case Act::publish:
    case Act::retire:
    case Act::roll:
      co_return Performed::waits_for_people;
  }
  if (!done) co_return Fail(std::move(done).error());
  co_return Performed::done;
}

}  // namespace lockstep::walk
