// Patches for the jobs of a daemon. They are made on a thread of their own, because one of a large image takes seconds in
// which neither devices nor the store may wait, and kept for a while, because the devices of a fleet ask for the same one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <deque>
#include <string>
#include <utility>

#include "host/base/buffer.hpp"
#include "host/delta/patch.hpp"
#include "host/store/store_thread.hpp"
#include "host/update/job.hpp"

namespace lockstep::jobs {

// The patches that were made last. Not thread-safe.
class RecentPatches {
 public:
  // Digests of two image files, as the artefact store has them, and what the device takes.
  struct Wanted {
    std::string base, target;
    delta::WindowLimits windows;
    friend bool operator==(const Wanted&, const Wanted&) = default;
  };
  static constexpr std::size_t kept = 8;

  // `base` and `target` are the files of those digests.
  const Buffer& get(const Wanted& wanted, Bytes base, Bytes target);
  std::size_t made() const { return made_; }  // how many were not there yet

 private:
  std::deque<std::pair<Wanted, Buffer>> recent_;
  std::size_t made_ = 0;
};

class PatchMaker {
 public:
  // Borrows the store; every coroutine of a provider must have ended before the maker goes.
  explicit PatchMaker(store::StoreThread& store) : store_(store) {}

  // Makes patches to the image file of that digest from any image of a release in the store.
  update::PatchProvider provider(std::string target_digest);

 private:
  struct Request {
    RecentPatches::Wanted wanted;
    Buffer base, target;
  };
  boost::asio::awaitable<Outcome<Buffer>> provide(std::string target_digest, std::string running_hash,
                                                  session::PatchLimits limits);
  static boost::asio::awaitable<Buffer> make(RecentPatches* recent, Request request);

  store::StoreThread& store_;
  RecentPatches recent_;                  // the thread's
  boost::asio::thread_pool thread_{1};  // last: joined before the others go
};

}  // namespace lockstep::jobs
