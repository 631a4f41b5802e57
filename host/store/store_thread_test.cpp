#include "host/store/store_thread.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <stdexcept>
#include <thread>

#include "host/base/supervise.hpp"
#include "host/store/store_test_support.hpp"

using namespace lockstep;
using namespace lockstep::store;
using namespace lockstep::store::testing;

namespace asio = boost::asio;

namespace {

struct Bench {
  TempDir dir;
  asio::io_context loop;  // before the store: its thread lets go of our executors only when it is joined
  StoreThread store{open_store(dir.path())};
};

asio::awaitable<void> append_and_read(StoreThread& store, bool& done) {
  const auto here = std::this_thread::get_id();
  DeviceAdded device{.device = "board-1"};
  auto stored = co_await store.append(std::move(device));
  CHECK(stored);
  CHECK(std::this_thread::get_id() == here);

  auto there = [](Store&) { return std::this_thread::get_id(); };
  auto id = co_await store.run(there);
  CHECK(id != here);

  auto read = [](Store& s) { return s.queries().devices(); };
  auto devices = co_await store.run(read);
  CHECK(devices);
  CHECK(devices->size() == 1);

  DeviceAdded again{.device = "board-1"};
  auto refused = co_await store.append(std::move(again));
  CHECK_FALSE(refused);
  done = true;
}

asio::awaitable<void> throws_there(StoreThread& store, std::string& caught) {
  auto bad = [](Store&) -> int { throw std::runtime_error("told"); };
  try {
    co_await store.run(bad);
  } catch (const std::exception& error) {
    caught = error.what();
  }
}

asio::awaitable<void> append_many(StoreThread& store, int from, int count) {
  for (int n = from; n < from + count; ++n) {
    ArtefactAdded artefact{.digest = std::to_string(n), .size = n};
    auto stored = co_await store.append(std::move(artefact));
    CHECK(stored);
  }
}

}  // namespace

TEST_CASE("work runs on the store's thread and its result comes back to the caller's") {
  Bench bench;
  bool done = false;
  supervise(bench.loop.get_executor(), "test", append_and_read(bench.store, done));
  bench.loop.run();
  CHECK(done);
}

TEST_CASE("an exception of the work reaches the one who asked") {
  Bench bench;
  std::string caught;
  supervise(bench.loop.get_executor(), "test", throws_there(bench.store, caught));
  bench.loop.run();
  CHECK(caught == "told");
}

TEST_CASE("many coroutines append at once, and subscribers see every event once and in order") {
  Bench bench;
  std::vector<std::int64_t> seen;
  bench.store.subscribe(bench.loop.get_executor(), [&](const StoredEvent& event) { seen.push_back(event.position); });
  for (int worker = 0; worker < 8; ++worker) {
    supervise(bench.loop.get_executor(), "worker", append_many(bench.store, worker * 100, 10));
  }
  bench.loop.run();
  Store& store = bench.store.stop();
  bench.loop.restart();
  bench.loop.run();  // what was posted meanwhile
  CHECK(store.head().position == 80);
  REQUIRE(seen.size() == 80);
  for (std::size_t n = 0; n < seen.size(); ++n) CHECK(seen[n] == static_cast<std::int64_t>(n) + 1);
}

TEST_CASE("what is queued is done when the thread is stopped") {
  TempDir dir;
  asio::io_context loop;
  StoreThread thread(open_store(dir.path()));
  supervise(loop.get_executor(), "worker", append_many(thread, 0, 1));
  loop.poll();  // the append is on its way
  CHECK(thread.stop().head().position == 1);
  loop.run();
}
