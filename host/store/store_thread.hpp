// The store for coroutines: one thread owns it, work is queued to it and the result comes back to the caller's
// executor. No locks: the executor's queue is the only meeting place.
//
//   auto read = [](Store& store) { return store.queries().devices(); };      // name it, ...
//   auto devices = co_await thread.run(read);                                // ... then await it
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "host/store/store.hpp"

namespace lockstep::store {

class StoreThread {
 public:
  explicit StoreThread(std::unique_ptr<Store> store);
  // Finishes what is queued, then closes the store. Call it before the callers' executors go away.
  ~StoreThread();

  // Runs `function(Store&)` on the store's thread. Once started it is finished, also when the caller is
  // cancelled meanwhile: an append is never half known. `function` is copied or moved in; what it refers to must
  // live until this returns.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&, Store&>> run(F function) {
    auto work = call(store_.get(), std::move(function));
    auto token = boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(), boost::asio::use_awaitable);
    auto result = co_await boost::asio::co_spawn(thread_.get_executor(), std::move(work), std::move(token));
    co_return *std::move(result);
  }

  // The usual append. Takes values, because the caller may be a spawned coroutine.
  boost::asio::awaitable<Outcome<StoredEvent>> append(EventBody body, std::string actor = "lockstepd");
  boost::asio::awaitable<Outcome<std::vector<StoredEvent>>> append_all(std::vector<EventBody> bodies,
                                                                       std::string actor = "lockstepd");

  // `observer` gets a copy of every event appended from now on, in order, on `executor`. There is no way to
  // unsubscribe: subscribe once per daemon and fan out from there.
  void subscribe(boost::asio::any_io_executor executor, std::function<void(const StoredEvent&)> observer);

  // Waits until everything queued is done, then gives the store to the calling thread. run() must not be called
  // afterwards.
  Store& stop();

 private:
  // Optional, because co_spawn wants a result that can be made without a value.
  template <class F>
  static boost::asio::awaitable<std::optional<std::invoke_result_t<F&, Store&>>> call(Store* store, F function) {
    co_return function(*store);
  }

  using Observer = std::shared_ptr<std::function<void(const StoredEvent&)>>;

  std::unique_ptr<Store> store_;
  std::vector<std::pair<boost::asio::any_io_executor, Observer>> subscribers_;  // the store thread's
  boost::asio::thread_pool thread_{1};  // last: joined before the others go
};

}  // namespace lockstep::store
