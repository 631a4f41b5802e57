#include "host/api/http_server.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <system_error>
#include <unordered_set>

#include "host/base/supervise.hpp"
#include "host/base/text.hpp"

namespace lockstep::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Socket = asio::local::stream_protocol::socket;

constexpr auto awaitable_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint64_t body_limit_bytes = 256u << 20;  // the largest artefact that one upload carries

std::optional<Request> to_request(http::request<http::string_body> message) {
  const std::string target(message.target());
  const auto url = boost::urls::parse_origin_form(target);
  if (!url) return std::nullopt;
  Request request;
  request.method = std::string(message.method_string());
  // A slash that was escaped is part of a name, and no name has one; a path that is no text could not be named in an answer.
  if (url->encoded_path().find("%2F") != std::string_view::npos || url->encoded_path().find("%2f") != std::string_view::npos) return std::nullopt;
  request.path = url->path();
  if (!is_utf8(request.path)) return std::nullopt;
  for (const auto& parameter : url->params()) {
    const auto [place, is_new] = request.query.emplace(parameter.key, parameter.value);
    if (!is_new) place->second += '\n' + parameter.value;
  }
  request.body = std::move(message.body());
  return request;
}

http::response<http::string_body> to_message(Response response, unsigned version, bool keep_alive) {
  http::response<http::string_body> message(http::int_to_status(response.status), version);
  message.set(http::field::content_type, response.content_type);
  message.keep_alive(keep_alive);
  message.body() = std::move(response.body);
  message.prepare_payload();
  return message;
}

bool somebody_answers(const std::filesystem::path& path) {
  asio::io_context context;
  Socket probe(context);
  boost::system::error_code error;
  probe.connect(asio::local::stream_protocol::endpoint(path.string()), error);
  return !error;
}

}  // namespace

struct HttpServer::Impl {
  asio::any_io_executor executor;
  asio::local::stream_protocol::acceptor acceptor;
  std::filesystem::path path;
  Handler handler;
  std::unordered_set<Socket*> open = {};
  bool stopping = false;
};

namespace {

template <class Impl>
asio::awaitable<void> serve_connection(std::shared_ptr<Impl> impl, Socket socket) {
  impl->open.insert(&socket);
  boost::beast::flat_buffer buffer;
  bool keep_alive = true;
  while (keep_alive && !impl->stopping) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(body_limit_bytes);
    auto [read_error, read_bytes] = co_await http::async_read(socket, buffer, parser, awaitable_tuple);
    if (read_error) break;
    const unsigned version = parser.get().version();
    keep_alive = parser.get().keep_alive();
    std::optional<Request> request = to_request(parser.release());
    Response response;
    response.status = 400;
    response.body = R"({"error":{"kind":"invalid","what":"the request target is not a valid URL path"}})";
    if (request) response = co_await impl->handler(std::move(*request));
    auto message = to_message(std::move(response), version, keep_alive);
    auto [write_error, written] = co_await http::async_write(socket, message, awaitable_tuple);
    if (write_error) break;
  }
  impl->open.erase(&socket);
}

template <class Impl>
asio::awaitable<void> accept_connections(std::shared_ptr<Impl> impl) {
  while (!impl->stopping) {
    auto [error, socket] = co_await impl->acceptor.async_accept(awaitable_tuple);
    if (error == asio::error::operation_aborted) break;
    if (error) {  // out of descriptors: wait for some to be closed instead of spinning
      asio::steady_timer pause(impl->executor, std::chrono::milliseconds(100));
      co_await pause.async_wait(awaitable_tuple);
      continue;
    }
    supervise(impl->executor, "http connection", serve_connection(impl, std::move(socket)));
  }
}

}  // namespace

Outcome<std::unique_ptr<HttpServer>> HttpServer::bind(asio::any_io_executor executor,
                                                      const std::filesystem::path& socket, Handler handler) {
  if (socket.native().size() > longest_socket_path) {
    return fail(ErrorKind::invalid, "the path of the socket is too long: " + socket.string(), "give a shorter one with --socket");
  }
  const asio::local::stream_protocol::endpoint endpoint(socket.string());
  const auto there = std::filesystem::symlink_status(socket);
  if (std::filesystem::exists(there)) {
    if (!std::filesystem::is_socket(there)) {
      return fail(ErrorKind::conflict, socket.string() + " exists and is no socket", "give another path with --socket");
    }
    if (somebody_answers(socket)) {
      return fail(ErrorKind::conflict, socket.string() + " is already served by another process",
                  "use the running daemon, or stop it first");
    }
    ::unlink(socket.c_str());
  }
  std::shared_ptr<Impl> impl(
      new Impl{executor, asio::local::stream_protocol::acceptor(executor), socket, std::move(handler)});
  boost::system::error_code error;
  impl->acceptor.open(endpoint.protocol(), error);
  const mode_t old_mask = ::umask(0177);
  if (!error) impl->acceptor.bind(endpoint, error);
  ::umask(old_mask);
  if (!error) impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(ErrorKind::io, "cannot listen on " + socket.string() + ": " + error.message());
  supervise(executor, "http accept", accept_connections(impl));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

void HttpServer::stop() {
  if (impl_->stopping) return;
  impl_->stopping = true;
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  for (Socket* socket : impl_->open) socket->close(ignored);
  ::unlink(impl_->path.c_str());
}

HttpServer::~HttpServer() { stop(); }

}  // namespace lockstep::api
