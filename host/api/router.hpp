// Finds the handler of a request, and gives every answer the same JSON shape.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/api/message.hpp"
#include "host/base/error.hpp"

namespace lockstep::api {

using Parameters = std::map<std::string, std::string>;  // what the `:name` parts of the pattern matched
using Answer = boost::asio::awaitable<Outcome<boost::json::value>>;
using RouteHandler = std::function<Answer(Request, Parameters)>;

class Router {
 public:
  // `pattern`: "/v1/devices/:name"; a `:part` matches one path segment.
  void add(std::string method, std::string pattern, RouteHandler handler);

  // Answers with the handler's JSON (200), or with {"error": {...}}: 404 for an unknown path, 405 for a known path
  // with another method, else the status of the error's kind.
  boost::asio::awaitable<Response> route(Request request) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> segments;
    RouteHandler handler;
  };
  std::vector<Route> routes_;
};

// {"error": {"kind": ..., "what": ..., "next": ...}} with the HTTP status of the kind.
Response error_response(const Error& error);

// What an answer says: its JSON, or the error it carries. Inverse of the above, for clients.
Outcome<boost::json::value> parse_answer(const Response& response);

}  // namespace lockstep::api
