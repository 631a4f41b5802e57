#include "host/api/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url.hpp>

#include <fmt/format.h>

#include <csignal>
#include <functional>

namespace lockstep::api {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

std::string target_of(const Request& request) {
  boost::urls::url url;
  url.set_path(request.path);
  // Every reserved character is escaped: a plus sign, as in MCUboot's 1.2.3+4, would be read as a blank.
  const auto escaped = [](const std::string& text) { return boost::urls::encode(text, boost::urls::unreserved_chars); };
  for (const auto& [key, value] : request.query) {
    const std::string name = escaped(key), text = escaped(value);
    url.encoded_params().append(boost::urls::param_pct_view(name, text));
  }
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

// One request and its answer, on a loop of its own: Beast keeps time for asynchronous operations only, and Ctrl-C must
// be seen while nothing comes.
class Exchange {
 public:
  explicit Exchange(std::chrono::milliseconds limit) : limit_(limit) {
    signals_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      interrupted_ = true;
      stream_.cancel();
    });
  }

  boost::system::error_code run(const std::filesystem::path& socket, const Request& request, Parser& parser) {
    boost::system::error_code error;
    stream_.socket().connect(asio::local::stream_protocol::endpoint(socket.string()), error);
    if (error) return error;
    const auto message = message_of(request);
    stream_.expires_after(limit_);
    http::async_write(stream_, message, keep_);
    if (wait()) return error_;
    boost::beast::flat_buffer buffer;
    stream_.expires_after(limit_);
    http::async_read(stream_, buffer, parser, keep_);
    wait();
    return error_;
  }

  bool interrupted() const { return interrupted_; }

 private:
  bool wait() {
    done_ = false;
    while (!done_) context_.run_one();
    return static_cast<bool>(error_);
  }

  std::chrono::milliseconds limit_;
  asio::io_context context_{1};
  Stream stream_{context_};
  asio::signal_set signals_{context_, SIGINT, SIGTERM};
  boost::system::error_code error_;
  bool done_ = false, interrupted_ = false;
  std::function<void(const boost::system::error_code&, std::size_t)> keep_ = [this](const boost::system::error_code& result, std::size_t) {
    error_ = result;
    done_ = true;
  };
};

}  // namespace

Outcome<Response> http_request(const std::filesystem::path& socket, const Request& request,
                               std::chrono::milliseconds limit) {
  if (socket.native().size() > longest_socket_path) {
    return fail(ErrorKind::invalid, "the path of the daemon's socket is too long: " + socket.string(), "use a state folder with a shorter path");
  }
  Parser parser;
  parser.body_limit(256u << 20);
  Exchange exchange(limit);
  const boost::system::error_code error = exchange.run(socket, request, parser);
  if (exchange.interrupted()) {
    return fail(ErrorKind::cancelled, "interrupted", "the daemon goes on with what was begun; the status and list commands show it");
  }
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
