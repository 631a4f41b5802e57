// Asks a daemon over its Unix socket.
#pragma once

#include <chrono>
#include <filesystem>

#include "host/api/message.hpp"
#include "host/base/error.hpp"

namespace lockstep::api {

// Longer than anything the daemon does within one request: long work is a job or a run, and is asked about.
constexpr std::chrono::milliseconds answer_limit = std::chrono::minutes(2);
// For GET /v1/status, which takes next to nothing: one that hangs should be noticed while the user still looks.
constexpr std::chrono::milliseconds status_limit = std::chrono::seconds(10);

// Sends one request and waits for the whole answer; `limit` bounds the sending and the waiting, each.
// * unreachable - nobody serves on `socket`, the daemon went away before it answered, or it hangs
// * cancelled   - SIGINT or SIGTERM came meanwhile
Outcome<Response> http_request(const std::filesystem::path& socket, const Request& request,
                               std::chrono::milliseconds limit = answer_limit);

}  // namespace lockstep::api
