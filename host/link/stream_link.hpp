// The part that all Asio-backed links share. Private to host/link.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

#include "host/link/link.hpp"

namespace lockstep::link {

// Asio's code as our error: `name: doing: reason`.
inline Error link_error(const std::string& name, std::string_view doing,
                        const boost::system::error_code& code) {
  ErrorKind kind = ErrorKind::unreachable;
  if (code == asio::error::operation_aborted)
    kind = ErrorKind::cancelled;
  else if (code == boost::system::errc::permission_denied)
    kind = ErrorKind::io;
  std::string reason = code == asio::error::eof ? "the other end hung up" : code.message();
  return Error{kind, name + ": " + std::string(doing) + ": " + reason};
}

// A link over an Asio stream (serial port, stream socket).
template <class Stream>
class StreamLink final : public Link {
 public:
  StreamLink(Stream stream, std::string name) : stream_(std::move(stream)), name_(std::move(name)) {}

  asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes into) override;
  asio::awaitable<Outcome<void>> write_all(Bytes bytes) override;
  void close() override {
    boost::system::error_code ignored;  // a link that is going away may fail to close; nothing is left to do
    stream_.close(ignored);
  }

  const std::string& name() const override { return name_; }

 private:
  Stream stream_;
  std::string name_;
};

template <class Stream>
asio::awaitable<Outcome<std::size_t>> StreamLink<Stream>::read_some(MutableBytes into) {
  const auto buffer = asio::buffer(into.data(), into.size());
  auto [code, count] = co_await stream_.async_read_some(buffer, asio::as_tuple(asio::use_awaitable));
  if (code) co_return Fail(link_error(name_, "reading", code));
  if (count == 0) co_return Fail(link_error(name_, "reading", asio::error::eof));
  co_return count;
}

template <class Stream>
asio::awaitable<Outcome<void>> StreamLink<Stream>::write_all(Bytes bytes) {
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  auto [code, count] = co_await asio::async_write(stream_, buffer, asio::as_tuple(asio::use_awaitable));
  if (code) co_return Fail(link_error(name_, "writing", code));
  co_return Outcome<void>();
}

asio::awaitable<Outcome<std::unique_ptr<Link>>> open_serial(asio::any_io_executor executor, LinkUri uri);
asio::awaitable<Outcome<std::unique_ptr<Link>>> open_unix(asio::any_io_executor executor, LinkUri uri);
asio::awaitable<Outcome<std::unique_ptr<Link>>> open_udp(asio::any_io_executor executor, LinkUri uri);

}  // namespace lockstep::link
