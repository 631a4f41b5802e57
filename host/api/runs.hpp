// Runs suites on rigs: gathers a run's inputs from the store, records its course in the ledger, keeps its evidence.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "host/base/change_counter.hpp"
#include "host/hil/engine.hpp"
#include "host/store/store_thread.hpp"

namespace lockstep::api {

// What is asked for: files as text, so that the daemon need not be able to read the caller's folders.
struct RunOrder {
  std::string suite_xml, suite_name;  // content, file name for messages
  std::string rig_xml, rig_name;
  std::string release;                // reference of the candidate
  std::string baseline = {};          // reference; empty: none
  std::map<std::string, std::string> params = {};
};

struct LiveRun {
  std::deque<hil::Progress> happened = {};  // the last things, oldest first
  std::uint64_t dropped = 0;                // how many were dropped in front of them
  std::uint64_t done_bytes = 0, total_bytes = 0;  // of the upload of an update step
};

struct RunPlaces {
  std::filesystem::path runs;      // run directories go below it
  std::filesystem::path programs;  // ${bin} of rig files
  std::string runner_pem;          // signs the evidence
  std::string tool_sha256;         // of this program
};

class RunManager {
 public:
  // The references must outlive drain().
  RunManager(boost::asio::any_io_executor executor, store::StoreThread& store, ChangeCounter& changes, RunPlaces places);

  // Checks suite, rig and release, and starts; gives the run's id.
  // * invalid - suite or rig, with file:line; not_found - the release; conflict - the rig is in use
  boost::asio::awaitable<Outcome<std::string>> start(RunOrder order);

  const LiveRun* live(const std::string& id) const;
  std::filesystem::path directory(const std::string& id) const { return places_.runs / id; }
  Outcome<void> cancel(const std::string& id);
  bool idle() const { return running_.empty(); }

  // Closes the runs that an earlier process left open when it was killed: their verdict is "error".
  boost::asio::awaitable<Outcome<void>> close_left_open();

  // Cancels what runs, lets it tear down, and returns when all is done.
  boost::asio::awaitable<void> drain();

 private:
  struct Running;
  boost::asio::awaitable<void> run(std::shared_ptr<Running> running, hil::RunRequest request);

  boost::asio::any_io_executor executor_;
  store::StoreThread& store_;
  ChangeCounter& changes_;
  RunPlaces places_;
  std::map<std::string, std::shared_ptr<Running>> running_;  // shared with the run's own coroutine
};

}  // namespace lockstep::api
