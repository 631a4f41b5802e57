// Asks a daemon over its Unix socket.
#pragma once

#include <filesystem>

#include "host/api/message.hpp"
#include "host/base/error.hpp"

namespace lockstep::api {

// Sends one request and waits for the whole answer.
// * unreachable - nobody serves on `socket`, or the daemon went away before it answered
Outcome<Response> http_request(const std::filesystem::path& socket, const Request& request);

}  // namespace lockstep::api
