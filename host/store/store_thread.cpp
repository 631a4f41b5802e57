#include "host/store/store_thread.hpp"

namespace lockstep::store {

namespace asio = boost::asio;

StoreThread::StoreThread(std::unique_ptr<Store> store) : store_(std::move(store)) {
  // The only observer: it hands every event to the subscribers, on the store's thread.
  store_->on_appended([this](const StoredEvent& event) {
    for (const auto& [executor, observer] : subscribers_) {
      asio::post(executor, [observer = observer, event] { (*observer)(event); });
    }
  });
}

StoreThread::~StoreThread() { thread_.join(); }

Store& StoreThread::stop() {
  thread_.join();
  return *store_;
}

asio::awaitable<Outcome<StoredEvent>> StoreThread::append(EventBody body, std::string actor) {
  auto work = [body = std::move(body), actor = std::move(actor)](Store& store) mutable {
    return store.append(std::move(body), actor);
  };
  auto result = co_await run(std::move(work));
  co_return result;
}

asio::awaitable<Outcome<std::vector<StoredEvent>>> StoreThread::append_all(std::vector<EventBody> bodies, std::string actor) {
  auto work = [bodies = std::move(bodies), actor = std::move(actor)](Store& store) mutable {
    return store.append(std::move(bodies), actor);
  };
  auto result = co_await run(std::move(work));
  co_return result;
}

void StoreThread::subscribe(asio::any_io_executor executor, std::function<void(const StoredEvent&)> observer) {
  // Shared, because every posted event keeps the observer alive until it has run.
  auto shared = std::make_shared<std::function<void(const StoredEvent&)>>(std::move(observer));
  asio::post(thread_, [this, executor = std::move(executor), shared = std::move(shared)]() mutable {
    subscribers_.emplace_back(std::move(executor), std::move(shared));
  });
}

}  // namespace lockstep::store
