#include "host/jobs/patch_maker.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace lockstep::jobs {

namespace asio = boost::asio;

namespace {

constexpr std::uint32_t widest_window = 64 * 1024;

// What a device says bounds what we do for it, but not our memory.
delta::WindowLimits windows_within(session::PatchLimits limits) {
  return {.target = std::min(limits.target_window, widest_window), .delta = std::min(limits.delta_window, widest_window)};
}

// The file of the image with that hash, if a release brought it; empty when none did.
Outcome<std::string> find_file_digest(store::Store& s, std::string_view image_hash) {
  LOCKSTEP_TRY(releases, s.queries().releases());
  for (const store::ReleaseRow& row : releases) {
    for (const store::ReleaseImage& image : row.images) {
      if (image.image_hash == image_hash) return image.file_digest;
    }
  }
  return std::string();
}

}  // namespace

const Buffer& RecentPatches::get(const Wanted& wanted, Bytes base, Bytes target) {
  const auto known = std::ranges::find(recent_, wanted, &std::pair<Wanted, Buffer>::first);
  if (known != recent_.end()) return known->second;
  if (recent_.size() == kept) recent_.pop_front();
  ++made_;
  return recent_.emplace_back(wanted, delta::make_patch(base, target, wanted.windows)).second;
}

asio::awaitable<Buffer> PatchMaker::make(RecentPatches* recent, Request request) {
  co_return recent->get(request.wanted, request.base, request.target);
}

asio::awaitable<Outcome<Buffer>> PatchMaker::provide(std::string target_digest, std::string running_hash,
                                                     session::PatchLimits limits) {
  const delta::WindowLimits windows = windows_within(limits);
  if (windows.target < delta::WindowLimits::least_target || windows.delta < delta::WindowLimits::least_delta)
    co_return fail(ErrorKind::not_found, "the device takes no patches that could be made");
  const auto read = [&](store::Store& s) -> Outcome<Request> {
    LOCKSTEP_TRY(base_digest, find_file_digest(s, running_hash));
    if (base_digest.empty()) return fail(ErrorKind::not_found, "no release has the image that runs");
    LOCKSTEP_TRY(base, s.artefacts().get(base_digest));
    LOCKSTEP_TRY(target, s.artefacts().get(target_digest));
    return Request{{base_digest, target_digest, windows}, std::move(base), std::move(target)};
  };
  auto request = co_await store_.run(read);
  if (!request) co_return Fail(std::move(request).error());
  // Once begun it is made to the end, also for a job that is cancelled meanwhile: others may want it.
  auto work = make(&recent_, *std::move(request));
  auto token = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
  Buffer patch = co_await asio::co_spawn(thread_.get_executor(), std::move(work), std::move(token));
  co_return patch;
}

update::PatchProvider PatchMaker::provider(std::string target_digest) {
  return [this, target_digest](std::string running_hash, session::PatchLimits limits) {
    return provide(target_digest, std::move(running_hash), limits);
  };
}

}  // namespace lockstep::jobs
