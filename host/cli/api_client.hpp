// How commands reach the engine: a running daemon by its socket, else the same engine in this process, under the state
// directory's lock.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "host/api/message.hpp"
#include "host/base/error.hpp"
#include "host/base/json.hpp"

namespace lockstep::cli {

enum class Work {
  none,  // questions and records: unfinished jobs stay as they are
  runs,  // jobs, rollouts and hardware tests: what is unfinished goes on
};

class ApiClient {
 public:
  // * conflict    - no daemon answers, and another process holds the state directory
  // * unreachable - a socket is there and its daemon hangs
  static Outcome<std::unique_ptr<ApiClient>> connect(const std::filesystem::path& state, Work work);
  virtual ~ApiClient() = default;

  using Query = std::map<std::string, std::string>;
  Outcome<json::object> get(const std::string& path, const Query& query = {});
  Outcome<json::object> post(const std::string& path, const json::object& body = {});
  // A body of plain bytes or text.
  Outcome<json::object> post_bytes(const std::string& path, const Query& query, std::string bytes);

  // Calls get(path) again and again, each time when something has changed, until `look` says stop (true).
  // * cancelled - Ctrl-C; what runs in this process is interrupted at a safe point when the client is destroyed
  template <class Look>
  Outcome<json::object> watch(const std::string& path, Query query, Look look) {
    while (true) {
      LOCKSTEP_TRY(answer, get(path, query));
      if (look(answer)) return answer;
      LOCKSTEP_TRY(change, json_unsigned(answer, "change"));
      query["after"] = std::to_string(change);
      query["wait_ms"] = "5000";
    }
  }

  // `error`, and when it is an interruption of work that happens in this process: what to do to go on with that work.
  Error interrupted(Error error, std::string next) const {
    if (error.kind == ErrorKind::cancelled && in_process()) error.next = std::move(next);
    return error;
  }

  // True when the work happens in this process and ends with it.
  virtual bool in_process() const = 0;

 protected:
  virtual Outcome<api::Response> send(const api::Request& request) = 0;

 private:
  Outcome<json::object> ask(api::Request request);
};

}  // namespace lockstep::cli
