// A board that is a process: starting it is power on, SIGKILL is a power cut.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/hil/drivers.hpp"

namespace lockstep::hil {

class ProcessPower final : public PowerDriver {
 public:
  // What the process prints goes to `log_file`. The process dies with us, and with its group when it is switched off.
  ProcessPower(asio::any_io_executor executor, std::vector<std::string> command, std::string log_file);
  ~ProcessPower() override;

  asio::awaitable<Outcome<void>> on() override;
  asio::awaitable<Outcome<void>> off() override;
  bool is_on() const override { return pid_ > 0; }
  std::optional<Error> trouble() const override;

 private:
  Outcome<void> start();
  void kill_group() const;
  void reap();
  std::string last_words() const;

  std::vector<std::string> command_;
  std::string log_file_;
  int pid_ = 0;
  asio::posix::stream_descriptor exited_;  // a pidfd: readable when the process has ended
};

}  // namespace lockstep::hil
