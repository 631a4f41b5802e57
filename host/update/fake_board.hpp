// For tests: a device in memory that outlives the processes (io_contexts) which update it, with faults on
// demand and with points at which the process that talks to it can be killed.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/session/device_client.hpp"
#include "host/update/journal.hpp"

namespace lockstep::update::test {

namespace asio = boost::asio;

// Counts the places where the host may die, and kills it at one of them: the coroutine stops there for ever.
struct Fate {
  int kill_at = -1;
  int points = 0;
  bool killed = false;

  asio::awaitable<void> point() {
    if (killed || points++ != kill_at) co_return;
    killed = true;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer never(executor, std::chrono::hours(1));
    co_await never.async_wait(asio::use_awaitable);
  }
};

struct FakeBoard {
  struct Image {
    std::string hash, version;
    bool pending = false, confirmed = false;
  };

  // What is true now.
  std::optional<Image> running = Image{"aa00", "1.0.0", false, true};
  std::optional<Image> other;
  bool running_before_revert = false;  // `other` is the way back of a trial
  std::uint64_t uploaded_bytes = 0;    // of the upload in progress
  int down_for_polls = 0;
  session::Identity identity{"node-m3", "1.2", "SN1", "thermostat"};
  std::string new_hash, new_version = "2.0.0";  // what the bytes that are uploaded are

  // How it behaves.
  std::uint64_t chunk_bytes = 256;
  int boot_polls = 2;               // asks that a boot leaves unanswered
  bool bootloader_refuses = false;  // drops the pending image at a reset
  bool bootloader_ignores = false;  // leaves it pending
  bool new_image_hangs = false;     // the watchdog resets, the bootloader reverts
  bool new_image_healthy = true;
  bool new_image_dead = false;  // hangs, without a watchdog
  bool new_image_confirms_itself = false;
  bool knows_identity = true, knows_health = true;
  int resets_to_lose = 0;
  int unhealthy_for_polls = 0;
  std::optional<std::int32_t> mode = 9;
  // Errors to give: by name of the operation, in order. `after` means: done, but the answer is lost.
  struct Fault {
    Error error;
    bool after = false;
    int let_pass = 0;  // calls before it strikes
  };
  std::map<std::string, std::deque<Fault>> faults;

  // What happened.
  std::vector<std::string> writes;  // upload, mark, confirm, reset, in order
  std::uint64_t chunks_received = 0;

  void boot() {
    down_for_polls = boot_polls;
    uploaded_bytes = 0;
    if (running && !running->confirmed && other) {  // an unconfirmed trial goes back
      std::swap(running, other);
      running->confirmed = true;
      other->pending = other->confirmed = false;
      return;
    }
    if (!other || !other->pending || bootloader_ignores) return;
    if (bootloader_refuses) {
      other.reset();
      return;
    }
    std::swap(running, other);
    running->pending = false;
    running->confirmed = new_image_confirms_itself;
    other->confirmed = false;
    if (new_image_dead) down_for_polls = 1'000'000;
    if (!new_image_hangs) return;
    boot();  // the watchdog's reset
    down_for_polls = 2 * boot_polls;
  }

  bool new_runs() const { return running && running->hash == new_hash; }
};

class FakeClient final : public session::DeviceClient {
 public:
  FakeClient(FakeBoard& board, Fate& fate) : board_(board), fate_(fate) {}

  asio::awaitable<Outcome<session::Identity>> identity() override {
    auto begun = co_await begin("identity");
    if (!begun) co_return Fail(std::move(begun).error());
    if (!board_.knows_identity) co_return fail(ErrorKind::not_found, "no such command");
    connected_ = true;
    co_return board_.identity;
  }

  asio::awaitable<Outcome<session::Inventory>> inventory() override {
    auto begun = co_await begin("inventory");
    if (!begun) co_return Fail(std::move(begun).error());
    connected_ = true;
    co_return list();
  }

  asio::awaitable<Outcome<session::Health>> health() override {
    auto begun = co_await begin("health");
    if (!begun) co_return Fail(std::move(begun).error());
    if (!board_.knows_health) co_return fail(ErrorKind::not_found, "no such command");
    session::Health health{true, ""};
    if (board_.new_runs() && (!board_.new_image_healthy || board_.unhealthy_for_polls-- > 0))
      health = {false, "sensor dead"};
    co_return health;
  }

  asio::awaitable<Outcome<session::UploadReport>> upload(Bytes image, std::uint32_t, session::UploadWatch watch) override {
    auto begun = co_await begin_write("upload");
    if (!begun) co_return Fail(std::move(begun).error());
    session::UploadReport report{.resumed_at_bytes = board_.uploaded_bytes};
    board_.other.reset();
    while (board_.uploaded_bytes < image.size()) {
      co_await fate_.point();
      auto fault = take_fault("chunk");
      if (fault) co_return Fail(lose(*fault));
      board_.uploaded_bytes =
          std::min<std::uint64_t>(image.size(), board_.uploaded_bytes + board_.chunk_bytes);
      ++board_.chunks_received;
      if (!watch(board_.uploaded_bytes, image.size()))
        co_return fail(ErrorKind::cancelled, "stopped by the caller");
    }
    board_.other = FakeBoard::Image{board_.new_hash, board_.new_version};
    board_.uploaded_bytes = 0;
    auto ended = co_await end("upload");
    if (!ended) co_return Fail(std::move(ended).error());
    co_return report;
  }

  asio::awaitable<Outcome<void>> mark_for_test(std::string hash) override {
    auto begun = co_await begin_write("mark");
    if (!begun) co_return Fail(std::move(begun).error());
    if (!board_.other || board_.other->hash != hash)
      co_return fail(ErrorKind::device, "group 1, code 8: hash not found");
    if (board_.other->pending) co_return fail(ErrorKind::device, "group 1, code 28: image already pending");
    board_.other->pending = true;
    auto ended = co_await end("mark");
    co_return ended;
  }

  asio::awaitable<Outcome<void>> confirm(std::string hash) override {
    auto begun = co_await begin_write("confirm");
    if (!begun) co_return Fail(std::move(begun).error());
    if (!board_.running || board_.running->hash != hash)
      co_return fail(ErrorKind::device, "group 1, code 8: hash not found");
    board_.running->confirmed = true;
    auto ended = co_await end("confirm");
    co_return ended;
  }

  asio::awaitable<Outcome<void>> reset() override {
    auto begun = co_await begin_write("reset");
    if (!begun) co_return Fail(std::move(begun).error());
    connected_ = false;
    if (board_.resets_to_lose-- > 0) co_return Outcome<void>();
    board_.boot();
    auto ended = co_await end("reset");
    co_return ended;
  }

  asio::awaitable<Outcome<session::Inventory>> wait_for_return(session::ReturnPolicy policy) override {
    const auto deadline = std::chrono::steady_clock::now() + policy.total;
    for (;;) {
      auto begun = co_await begin("return");
      if (begun) co_return list();
      if (begun.error().kind != ErrorKind::unreachable) co_return Fail(std::move(begun).error());
      if (std::chrono::steady_clock::now() >= deadline)
        co_return fail(ErrorKind::unreachable, "did not come back in time");
      const auto executor = co_await asio::this_coro::executor;
      asio::steady_timer pause(executor, std::chrono::milliseconds(1));
      co_await pause.async_wait(asio::use_awaitable);
    }
  }

  void disconnect() override { connected_ = false; }

 private:
  session::Inventory list() const {
    session::Inventory inventory;
    const auto add = [&](const std::optional<FakeBoard::Image>& image, std::uint32_t slot) {
      if (!image) return;
      inventory.images.push_back({.slot = slot,
                                  .version = image->version,
                                  .hash = image->hash,
                                  .bootable = true,
                                  .pending = image->pending,
                                  .confirmed = image->confirmed,
                                  .active = slot == 0});
    };
    add(board_.running, 0);
    add(board_.other, 1);
    if (board_.mode) inventory.bootloader = session::BootloaderInfo{.name = "MCUboot", .mode = board_.mode};
    return inventory;
  }

  std::optional<Error> take_fault(const std::string& operation, bool after = false) {
    auto& queue = board_.faults[operation];
    if (queue.empty() || queue.front().after != after || queue.front().let_pass-- > 0) return std::nullopt;
    Error error = queue.front().error;
    queue.pop_front();
    return error;
  }

  Error lose(Error error) {
    if (error.kind == ErrorKind::unreachable) connected_ = false;
    return error;
  }

  asio::awaitable<Outcome<void>> begin(std::string operation) {
    co_await fate_.point();
    if (board_.down_for_polls > 0) {
      --board_.down_for_polls;
      connected_ = false;
      co_return fail(ErrorKind::unreachable, "no answer");
    }
    auto fault = take_fault(operation);
    if (fault) co_return Fail(lose(*fault));
    co_return Outcome<void>();
  }

  asio::awaitable<Outcome<void>> begin_write(std::string operation) {
    auto begun = co_await begin(operation);
    if (!begun) co_return Fail(std::move(begun).error());
    if (!connected_) co_return fail(ErrorKind::unreachable, "the link was lost");
    board_.writes.push_back(operation);
    co_return Outcome<void>();
  }

  asio::awaitable<Outcome<void>> end(std::string operation) {
    co_await fate_.point();
    auto fault = take_fault(operation, true);
    if (fault) co_return Fail(lose(*fault));
    co_return Outcome<void>();
  }

  FakeBoard& board_;
  Fate& fate_;
  bool connected_ = false;
};

// Keeps every record; may fail, and the host may die before or after a record is durable.
class FakeJournal final : public Journal {
 public:
  explicit FakeJournal(Fate& fate) : fate_(fate) {}

  asio::awaitable<Outcome<void>> save(const JobRecord& record) override {
    co_await fate_.point();
    if (fail_at && *fail_at == record.state) co_return fail(ErrorKind::io, "disk full");
    records.push_back(record);
    co_await fate_.point();
    co_return Outcome<void>();
  }

  std::vector<JobRecord> records;
  std::optional<State> fail_at;

 private:
  Fate& fate_;
};

}  // namespace lockstep::update::test
