// A job as people see it: what it does now, and how it ended.
#pragma once

#include <optional>
#include <string>

#include "host/base/json.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/progress.hpp"

namespace lockstep::cli {

// Shows a job as it moves: a bar while an image goes over, a line for every other state.
class JobView {
 public:
  explicit JobView(Terminal& terminal) : terminal_(terminal) {}  // borrowed for its life

  void show(const json::object& job);

 private:
  void show_step(const std::string& device, const json::object& facts);

  Terminal& terminal_;
  std::string doing_;
  std::string last_;
  std::optional<Progress> bar_;
};

// "uploading 41 %", "walking", or the outcome of a job that has ended.
std::string state_text(const json::object& job);
Details job_details(const json::object& job);

// Follows the job until it has ended. Errors: as ApiClient::watch.
Outcome<json::object> follow_job(Terminal& terminal, ApiClient& client, const std::string& job);

// The end of a command that waited for the job: success only when it has succeeded.
Outcome<> judge_job(const json::object& job);

}  // namespace lockstep::cli
