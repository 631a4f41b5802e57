// The update step's updater: host/update, the very code that updates the fleet, so that it is under test too.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>
#include <vector>

#include "host/base/crypto.hpp"
#include "host/hil/drivers.hpp"
#include "host/hil/smp_port.hpp"
#include "host/link/uri.hpp"
#include "host/session/channel.hpp"

namespace lockstep::hil {

class FleetUpdater final : public Updater {
 public:
  struct Settings {
    std::string journal_file;  // one JSON line per state, as the fleet's journal would have it
    std::string job_id;
    link::LinkUri uri;
    LinkMaker maker;
    Dut dut;                                 // who must answer
    std::vector<std::string> image_keys_pem;  // who must have signed
    session::LineSink log;
  };
  FleetUpdater(asio::any_io_executor executor, Settings settings)
      : executor_(std::move(executor)), settings_(std::move(settings)) {}

  asio::awaitable<UpdateReport> update(Artifact image, Progress progress) override;

 private:
  asio::any_io_executor executor_;
  Settings settings_;
  int count_ = 0;
};

}  // namespace lockstep::hil
