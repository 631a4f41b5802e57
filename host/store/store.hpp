// The store of one daemon: a SQLite file with the ledger and the tables derived from it, one writer at a time.
// Layout of the state directory:
//   ledger.db (-wal, -shm)   events and projections, pages with checksums (sqlite_checked_vfs.hpp)
//   ledger.head              the last acknowledged head (head_file.hpp)
//   lock                     held while a process has the store open
//   artefacts/               content-addressed files (artefacts.hpp)
// Not thread-safe: one thread owns it; coroutines go through StoreThread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/store/artefacts.hpp"
#include "host/store/event.hpp"
#include "host/store/ledger.hpp"
#include "host/store/queries.hpp"

namespace lockstep::store {

struct StoreOptions {
  std::function<Time()> clock = now;  // of host/base
  bool accept_head = false;  // go on although ledger.head is gone or does not fit: accept_ledger_head() only
  std::string origin = {};  // name of a new store's chain; empty: made up once ("host-9f3c01d2") and kept
};

class Store {
 public:
  // Opens or creates the store below `state`, brings its schema up to date and takes the lock.
  //   conflict - another process has it open (named), or a newer Lockstep wrote it
  //   invalid  - the file is damaged or is no Lockstep ledger, or events that were acknowledged are not in it
  //              (ledger.head) or cannot be known to be in it (no ledger.head); nothing was changed
  //   io       - the operating system refused
  static Outcome<std::unique_ptr<Store>> open(const std::filesystem::path& state, StoreOptions options = {});
  ~Store();

  // Appends events and brings all tables up to date in ONE transaction: all of them or none. When this returns
  // success the events are on the disk (synchronous=FULL) and survive SIGKILL and power loss.
  //   conflict / not_found / invalid - the tables refuse it (a second job for a device, an unknown name, ...)
  //   io                             - the disk refused; nothing was appended
  Outcome<StoredEvent> append(EventBody body, std::string_view actor = "lockstepd");
  Outcome<std::vector<StoredEvent>> append(std::vector<EventBody> bodies, std::string_view actor = "lockstepd");

  const std::string& origin() const;
  Head head() const;

  // Reads of the derived tables and of the ledger. The reference lives as long as the store.
  Queries& queries();
  Artefacts& artefacts();

  // Throws all derived tables away and makes them again from the ledger, in one transaction.
  Outcome<void> rebuild();

  // Called after every commit, on the store's thread, once per event. Must not call the store.
  void on_appended(std::function<void(const StoredEvent&)> observer);

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Makes the ledger below `state` usable again after its head was lost: writes a new one, and an event that says so.
Outcome<StoredEvent> accept_ledger_head(const std::filesystem::path& state, std::string_view reason, std::string_view actor);

}  // namespace lockstep::store
