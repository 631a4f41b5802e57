// The HTTP face over a real socket, driven by the client that the CLI uses.
#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <sys/stat.h>
#include <thread>

#include "host/api/http_client.hpp"
#include "host/api/http_server.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"

namespace lockstep::api {
namespace {

boost::asio::awaitable<Response> echo(Request request) {
  Response response;
  response.body = request.method + " " + request.path + " " + request.query["q"] + " " + std::to_string(request.body.size());
  co_return response;
}

void must_write(const std::filesystem::path& file) { REQUIRE(write_file(file, std::string_view("mine"))); }

// A server on a loop of its own thread.
struct Served {
  TempDir folder;
  std::filesystem::path socket = folder / "api.sock";
  boost::asio::io_context context{1};
  Outcome<std::unique_ptr<HttpServer>> server = HttpServer::bind(context.get_executor(), socket, echo);
  std::thread thread{[this] { context.run(); }};
  ~Served() {
    boost::asio::post(context, [this] { (*server)->stop(); });
    thread.join();
  }
};

TEST_CASE("a request arrives whole: method, decoded path and query, body of megabytes") {
  Served served;
  const auto answer = http_request(served.socket, {"POST", "/v1/a b", {{"q", "x&y=1"}}, std::string(3 << 20, 'x')});
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "POST /v1/a b x&y=1 3145728");
  const std::string hold = "app=2.4.0+7:50% & more #1 + ünï";
  CHECK(http_request(served.socket, {"GET", "/p", {{"q", hold}}, ""})->body == "GET /p " + hold + " 0");
}

TEST_CASE("a query parameter that is there several times arrives a value a line, as the client sends lines") {
  Served served;
  CHECK(http_request(served.socket, {"GET", "/p", {{"q", "app=^2.0.0\nradio=1.x || >3"}}, ""})->body == "GET /p app=^2.0.0\nradio=1.x || >3 0");
  boost::asio::io_context context;
  boost::asio::local::stream_protocol::socket raw(context);
  raw.connect(boost::asio::local::stream_protocol::endpoint(served.socket.string()));
  boost::asio::write(raw, boost::asio::buffer(std::string("GET /p?q=a&q=b%20c&x=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")));
  std::string answer;
  boost::system::error_code end;
  boost::asio::read(raw, boost::asio::dynamic_buffer(answer), end);
  CHECK(answer.ends_with("GET /p a\nb c 0"));
}

TEST_CASE("an escaped slash makes no other path of a name, and a path that is no text is refused") {
  Served served;
  for (const char* path : {"/v1/devices/a%2Fsoftware", "/v1/devices/a%2fsoftware", "/v1/devices/%FF"}) {
    CAPTURE(path);
    boost::asio::io_context context;
    boost::asio::local::stream_protocol::socket raw(context);
    raw.connect(boost::asio::local::stream_protocol::endpoint(served.socket.string()));
    boost::asio::write(raw, boost::asio::buffer("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
    std::string answer;
    boost::system::error_code end;
    boost::asio::read(raw, boost::asio::dynamic_buffer(answer), end);
    CHECK(answer.starts_with("HTTP/1.1 400"));
  }
}

TEST_CASE("only the owner may open the socket") {
  Served served;
  struct stat info {};
  REQUIRE(::stat(served.socket.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("a second server on the same socket is refused, and a dead one's socket is taken over") {
  TempDir folder;
  const std::filesystem::path left_behind = folder / "api.sock";
  {
    Served served;
    boost::asio::io_context context;
    const auto second = HttpServer::bind(context.get_executor(), served.socket, echo);
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::conflict);
  }
  boost::asio::io_context context;
  boost::asio::local::stream_protocol::acceptor dead(context, left_behind.string());
  dead.close();
  CHECK(HttpServer::bind(context.get_executor(), left_behind, echo));
}

TEST_CASE("a file that is no socket is left alone") {
  TempDir folder;
  must_write(folder / "notes.txt");
  boost::asio::io_context context;
  const auto server = HttpServer::bind(context.get_executor(), folder / "notes.txt", echo);
  REQUIRE_FALSE(server);
  CHECK(server.error().kind == ErrorKind::conflict);
  CHECK(std::filesystem::is_regular_file(folder / "notes.txt"));
}

TEST_CASE("no server means unreachable, with what to do") {
  TempDir folder;
  const auto answer = http_request(folder / "none.sock", {"GET", "/v1/status", {}, {}});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unreachable);
  CHECK_FALSE(answer.error().next.empty());
}

TEST_CASE("a server that takes the request and never answers is unreachable after the limit, and said to hang") {
  TempDir folder;
  boost::asio::io_context context;
  const boost::asio::local::stream_protocol::acceptor deaf(context, (folder / "api.sock").string());
  const auto answer = http_request(folder / "api.sock", {"GET", "/v1/status", {}, {}}, std::chrono::milliseconds(200));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::unreachable);
  CHECK(answer.error().what.find("did not answer GET /v1/status within 0.2 s") != std::string::npos);
}

}  // namespace
}  // namespace lockstep::api
