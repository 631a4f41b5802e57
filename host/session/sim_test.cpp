// The SMP client against lockstep-sim, a real process with two images.
#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <algorithm>

#include "device/boot/test_board.hpp"
#include "device/sim/test_process.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/base/text.hpp"
#include "host/session/device_client.hpp"

namespace lockstep::session {
namespace {

using namespace std::chrono_literals;
using boot::testing::hash_of;
using boot::testing::make_image;

Buffer image(std::uint8_t major, std::size_t size) {
  return make_image({.version = {major, 0, 0, 0}, .payload_size = size});
}
const Buffer& app(std::uint8_t major) {
  static const Buffer images[] = {image(1, 9000), image(2, 11000)};
  return images[major - 1];
}
const Buffer& radio(std::uint8_t major) {
  static const Buffer images[] = {image(1, 7000), image(2, 8000)};
  return images[major - 1];
}

std::string hash_text(const Buffer& file) { return to_hex(hash_of(file)); }

template <class T>
asio::awaitable<void> store(asio::awaitable<T> task, std::optional<T>& out) {
  T value = co_await std::move(task);
  out.emplace(std::move(value));
}

struct Bench {
  Bench() {
    REQUIRE(write_file(dir / "key.pub.pem", boot::testing::signing_key().public_key().pem()));
    REQUIRE(write_file(dir / "app.bin", Bytes(app(1))));
    REQUIRE(write_file(dir / "radio.bin", Bytes(radio(1))));
    process.emplace(sim::testing::Words{LOCKSTEP_BIN_DIR "/lockstep-sim", "--flash", dir / "flash.img", "--key",
                                        dir / "key.pub.pem", "--unix", dir / "sock", "--slot-kib", "32",
                                        "--boot-ms", "30", "--components", "app,radio", "--seed-image",
                                        dir / "app.bin", "--seed-image", "radio=" + (dir / "radio.bin").string()});
    const std::string ready = process->ready();
    REQUIRE(ready.starts_with("ready "));
    const auto uri = link::parse_link_uri(ready.substr(6, ready.find(" serial=") - 6));
    REQUIRE(uri);
    client = smp_clients(context.get_executor())(*uri, [](std::string_view) {});
  }

  template <class T>
  T wait_for(asio::awaitable<T> task) {
    std::optional<T> out;
    asio::co_spawn(context, store(std::move(task), out), [](std::exception_ptr e) {
      if (e) std::rethrow_exception(e);
    });
    context.restart();
    while (!out && context.run_one_for(60s) > 0) {
    }
    REQUIRE(out);
    return *std::move(out);
  }
  Inventory after_reset() {
    REQUIRE(wait_for(client->identity()));
    REQUIRE(wait_for(client->reset()));
    auto back = wait_for(client->wait_for_return({.total = 60s, .between_tries = 20ms}));
    REQUIRE(back);
    return *std::move(back);
  }

  TempDir dir;
  std::optional<sim::testing::Process> process;
  asio::io_context context;
  std::unique_ptr<DeviceClient> client;
};

TEST_CASE("a device of two images says so, takes an image for each, tries both and keeps what is confirmed") {
  Bench b;
  const auto components = b.wait_for(b.client->components());
  REQUIRE(components);
  CHECK(*components == std::vector<ImageComponent>{{0, "app"}, {1, "radio"}});
  const auto before = b.wait_for(b.client->inventory());
  REQUIRE(before);
  REQUIRE(before->running(1) != nullptr);
  CHECK(before->running(0)->hash == hash_text(app(1)));
  CHECK(before->running(1)->hash == hash_text(radio(1)));

  const auto sent = b.wait_for(b.client->upload(radio(2), 1, {}));
  REQUIRE(sent);
  CHECK(sent->sent_bytes == radio(2).size());
  REQUIRE(b.wait_for(b.client->upload(app(2), 0, {})));
  REQUIRE(b.wait_for(b.client->mark_for_test(hash_text(radio(2)))));
  REQUIRE(b.wait_for(b.client->mark_for_test(hash_text(app(2)))));
  const Inventory tried = b.after_reset();
  CHECK(tried.running(0)->hash == hash_text(app(2)));
  CHECK(tried.running(1)->hash == hash_text(radio(2)));
  CHECK_FALSE(tried.running(1)->confirmed);

  REQUIRE(b.wait_for(b.client->identity()));
  REQUIRE(b.wait_for(b.client->confirm(hash_text(radio(2)))));
  const Inventory kept = b.after_reset();
  CHECK(kept.running(0)->hash == hash_text(app(1)));
  CHECK(kept.running(1)->hash == hash_text(radio(2)));
  CHECK(kept.running(1)->confirmed);
}

TEST_CASE("an upload for an image that the device does not have is refused by the device") {
  Bench b;
  REQUIRE(b.wait_for(b.client->identity()));
  const auto refused = b.wait_for(b.client->upload(radio(2), 2, {}));
  REQUIRE(!refused);
  CHECK(refused.error().kind == ErrorKind::device);
  CHECK(refused.error().what.find("uploading image 2 at byte 0") != std::string::npos);
}

}  // namespace
}  // namespace lockstep::session
