#include "host/api/router.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace lockstep::api {
namespace {

struct KindRow {
  ErrorKind kind;
  std::string_view name;
  unsigned status;
};
constexpr std::array<KindRow, 9> kinds{{
    {ErrorKind::invalid, "invalid", 400},
    {ErrorKind::refused, "refused", 403},
    {ErrorKind::not_found, "not-found", 404},
    {ErrorKind::conflict, "conflict", 409},
    {ErrorKind::unreachable, "unreachable", 504},
    {ErrorKind::device, "device", 502},
    {ErrorKind::io, "io", 500},
    {ErrorKind::cancelled, "cancelled", 503},
    {ErrorKind::internal, "internal", 500},
}};

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  std::size_t start = 1;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    segments.emplace_back(path.substr(start, end - start));
    start = end + 1;
  }
  return segments;
}

std::optional<Parameters> match(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  Parameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].starts_with(':')) {
      parameters[pattern[i].substr(1)] = path[i];
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return parameters;
}

}  // namespace

void Router::add(std::string method, std::string pattern, RouteHandler handler) {
  routes_.push_back({std::move(method), split(pattern), std::move(handler)});
}

boost::asio::awaitable<Response> Router::route(Request request) const {
  const std::vector<std::string> path = split(request.path);
  bool path_known = false;
  for (const Route& route : routes_) {
    std::optional<Parameters> parameters = match(route.segments, path);
    if (!parameters) continue;
    path_known = true;
    if (route.method != request.method) continue;
    const Outcome<boost::json::value> answer = co_await route.handler(std::move(request), std::move(*parameters));
    if (!answer) co_return error_response(answer.error());
    Response response;
    response.body = boost::json::serialize(*answer);
    co_return response;
  }
  Response response =
      error_response(Error{ErrorKind::not_found, "there is no " + request.method + " " + request.path + " in this API"});
  if (path_known) response.status = 405;
  co_return response;
}

Response error_response(const Error& error) {
  Response response;
  for (const KindRow& row : kinds) {
    if (row.kind != error.kind) continue;
    response.status = row.status;
    boost::json::object body{{"kind", row.name}, {"what", error.what}, {"next", error.next}};
    response.body = boost::json::serialize(boost::json::object{{"error", std::move(body)}});
  }
  return response;
}

Outcome<boost::json::value> parse_answer(const Response& response) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(response.body, error);
  if (error) return fail(ErrorKind::internal, "the daemon answered with something that is not JSON");
  if (response.status < 300) return value;
  const boost::json::object* body = nullptr;
  if (value.is_object() && value.as_object().contains("error")) body = value.as_object()["error"].if_object();
  if (body == nullptr) return fail(ErrorKind::internal, "the daemon answered with status " + std::to_string(response.status));
  const auto text = [&](std::string_view key) {
    const boost::json::value* member = body->if_contains(key);
    return member != nullptr && member->is_string() ? std::string(member->as_string()) : std::string();
  };
  Error carried{ErrorKind::internal, text("what"), text("next")};
  for (const KindRow& row : kinds) {
    if (row.name == text("kind")) carried.kind = row.kind;
  }
  return Fail(std::move(carried));
}

}  // namespace lockstep::api
