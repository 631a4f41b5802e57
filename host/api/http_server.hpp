// HTTP/1.1 on a Unix socket. The only rooms that know Beast are the http_* files here.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <memory>

#include "host/api/message.hpp"
#include "host/base/error.hpp"

namespace lockstep::api {

using Handler = std::function<boost::asio::awaitable<Response>(Request)>;

// Accepts connections until it is destroyed or stop() is called; requests of one connection are answered in order.
class HttpServer {
 public:
  // Binds `socket` (mode 0600: whoever can open it may drive devices). A socket file that nobody answers on is
  // replaced.
  // * conflict - another process serves on it
  // * io       - the path cannot be bound
  static Outcome<std::unique_ptr<HttpServer>> bind(boost::asio::any_io_executor executor,
                                                   const std::filesystem::path& socket, Handler handler);
  ~HttpServer();
  void stop();

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;  // shared with the connections that are still being answered
};

}  // namespace lockstep::api
