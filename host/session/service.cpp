#include "host/session/service.hpp"

#include "host/session/smp_client.hpp"

namespace lockstep::session {

asio::awaitable<Outcome<std::string>> download_file(asio::any_io_executor executor, link::LinkUri uri, std::string name,
                                                    link::LinkOpener opener) {
  SmpClient client(executor, uri, LineSink(), opener);
  auto file = co_await client.download(name);
  co_return file;
}

asio::awaitable<Outcome<std::string>> read_setting(asio::any_io_executor executor, link::LinkUri uri, std::string name,
                                                   link::LinkOpener opener) {
  SmpClient client(executor, uri, LineSink(), opener);
  auto value = co_await client.setting(name);
  co_return value;
}

asio::awaitable<Outcome<void>> write_setting(asio::any_io_executor executor, link::LinkUri uri, std::string name,
                                             std::string value, link::LinkOpener opener) {
  SmpClient client(executor, uri, LineSink(), opener);
  auto done = co_await client.keep_setting(name, value);
  co_return done;
}

asio::awaitable<Outcome<void>> delete_setting(asio::any_io_executor executor, link::LinkUri uri, std::string name,
                                              link::LinkOpener opener) {
  SmpClient client(executor, uri, LineSink(), opener);
  auto done = co_await client.delete_setting(name);
  co_return done;
}

}  // namespace lockstep::session
