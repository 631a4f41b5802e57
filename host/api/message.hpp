// The API's requests and answers as plain values: the same handlers serve HTTP, tests, and a CLI without a daemon.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace lockstep::api {

// What fits into a sockaddr_un, without its terminating zero.
constexpr std::size_t longest_socket_path = 107;

struct Request {
  std::string method;                        // "GET", "POST"
  std::string path;                          // "/v1/devices/board-1", without the query
  std::map<std::string, std::string> query;  // decoded; of a name that is there several times, a value a line
  std::string body;                          // JSON or raw bytes
};

struct Response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "application/json";
};

}  // namespace lockstep::api
