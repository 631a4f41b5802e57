#include "host/api/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/url.hpp>

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

}  // namespace

Outcome<Response> http_request(const std::filesystem::path& socket, const Request& request) {
  const auto gone = [&](const boost::system::error_code& error) {
    return fail(ErrorKind::unreachable, "the daemon at " + socket.string() + " does not answer: " + error.message(),
                "start it with `lockstepd --state DIR`, or stop it to let the command work on the state itself");
  };
  asio::io_context context;
  asio::local::stream_protocol::socket stream(context);
  boost::system::error_code error;
  stream.connect(asio::local::stream_protocol::endpoint(socket.string()), error);
  if (error) return gone(error);

  http::request<http::string_body> message(http::string_to_verb(request.method), target_of(request), 11);
  message.set(http::field::host, "localhost");
  message.keep_alive(false);
  message.body() = request.body;
  message.prepare_payload();
  http::write(stream, message, error);
  if (error) return gone(error);

  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(256u << 20);
  http::read(stream, buffer, parser, error);
  if (error) return gone(error);
  Response response;
  response.status = parser.get().result_int();
  response.content_type = std::string(parser.get()[http::field::content_type]);
  response.body = std::move(parser.get().body());
  return response;
}

}  // namespace lockstep::api
