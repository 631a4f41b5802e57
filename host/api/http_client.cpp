#include "host/api/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/url.hpp>

#include <fmt/format.h>

namespace lockstep::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::string target_of(const Request& request) {
  boost::urls::url url;
  url.set_path(request.path);
  for (const auto& [key, value] : request.query) url.params().append({key, value});
  return std::string(url.encoded_target());
}

using Stream = boost::beast::basic_stream<asio::local::stream_protocol>;
using Parser = http::response_parser<http::string_body>;

http::request<http::string_body> message_of(const Request& request) {
  http::request<http::string_body> message(http::string_to_verb(request.method), target_of(request), 11);
  message.set(http::field::host, "localhost");
  message.keep_alive(false);
  message.body() = request.body;
  message.prepare_payload();
  return message;
}

// Writes the request, reads the answer into `parser`; each within `limit`. Beast keeps time for asynchronous
// operations only, so this runs a loop of its own.
boost::system::error_code exchange(asio::io_context& context, Stream& stream, const Request& request, Parser& parser,
                                   std::chrono::milliseconds limit) {
  boost::system::error_code error;
  const auto keep = [&error](const boost::system::error_code& result, std::size_t) { error = result; };
  const auto message = message_of(request);
  stream.expires_after(limit);
  http::async_write(stream, message, keep);
  context.run();
  if (error) return error;
  boost::beast::flat_buffer buffer;
  stream.expires_after(limit);
  http::async_read(stream, buffer, parser, keep);
  context.restart();
  context.run();
  return error;
}

}  // namespace

Outcome<Response> http_request(const std::filesystem::path& socket, const Request& request,
                               std::chrono::milliseconds limit) {
  asio::io_context context;
  Stream stream(context);
  boost::system::error_code error;
  stream.socket().connect(asio::local::stream_protocol::endpoint(socket.string()), error);
  Parser parser;
  parser.body_limit(256u << 20);
  if (!error) error = exchange(context, stream, request, parser, limit);
  if (error == boost::beast::error::timeout) {
    return fail(ErrorKind::unreachable,
                fmt::format("the daemon at {} is there but did not answer {} {} within {} s", socket.string(), request.method,
                            request.path, std::chrono::duration<double>(limit).count()),
                "see its log; if it hangs, stop it (also kill -9 loses nothing) and start it again");
  }
  if (error) {
    return fail(ErrorKind::unreachable, "the daemon at " + socket.string() + " does not answer: " + error.message(),
                "start it with `lockstepd --state DIR`, or stop it to let the command work on the state itself");
  }
  Response response;
  response.status = parser.get().result_int();
  response.content_type = std::string(parser.get()[http::field::content_type]);
  response.body = std::move(parser.get().body());
  return response;
}

}  // namespace lockstep::api
