#include "host/session/smp_client.hpp"

#include <doctest/doctest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>

#include "host/session/fake_server.hpp"
#include "host/session/probe.hpp"
#include "host/session/service.hpp"

namespace lockstep::session {
namespace {

using namespace std::chrono_literals;
using namespace test;

const link::LinkUri console{
    .transport = link::Transport::unix_socket, .framing = link::Framing::console, .path = "/fake"};
const link::LinkUri udp{
    .transport = link::Transport::udp, .framing = link::Framing::datagram, .host = "fake"};

template <class T>
asio::awaitable<void> store(asio::awaitable<T> task, std::optional<T>& out) {
  T value = co_await std::move(task);
  out.emplace(std::move(value));
}

// Runs one coroutine to its end and gives its value.
template <class T>
T wait_for(asio::io_context& context, asio::awaitable<T> task) {
  std::optional<T> out;
  asio::co_spawn(context, store(std::move(task), out), [](std::exception_ptr e) {
    if (e) std::rethrow_exception(e);
  });
  context.restart();
  while (!out && context.run_one_for(20s) > 0) {
  }
  REQUIRE(out);
  return *std::move(out);
}

struct Bench {
  FakeServer server;
  asio::io_context context;
  std::vector<std::string> log;
  SmpClient client;
  explicit Bench(const link::LinkUri& uri = udp)
      : client(
            context.get_executor(), uri, [this](std::string_view line) { log.emplace_back(line); },
            opener_to(server)) {}
};

TEST_CASE("identity, health and inventory come as the device tells them") {
  for (const link::LinkUri& uri : {console, udp}) {
    Bench b(uri);
    b.server.chatter = "[inf] still here\r\n";
    const auto identity = wait_for(b.context, b.client.identity());
    REQUIRE(identity);
    CHECK(*identity == Identity{"node-m3", "1.2", "SN1", "thermostat"});
    const auto health = wait_for(b.context, b.client.health());
    REQUIRE(health);
    CHECK(health->healthy);
    CHECK(health->detail == "fine");
    const auto inventory = wait_for(b.context, b.client.inventory());
    REQUIRE(inventory);
    REQUIRE(inventory->running() != nullptr);
    CHECK(inventory->running()->hash == std::string(64, 'a'));
    REQUIRE(inventory->params);
    CHECK(inventory->params->buffer_size == 512);
    REQUIRE(inventory->bootloader);
    CHECK(inventory->bootloader->mode == 9);
    if (uri == console) CHECK(b.log.at(0) == "[inf] still here");
  }
}

TEST_CASE("an old or small peer leaves gaps in the inventory instead of failing") {
  Bench b;
  b.server.unknown = {params_key, boot_key};
  b.server.images.clear();
  auto inventory = wait_for(b.context, b.client.inventory());
  REQUIRE(inventory);
  CHECK(inventory->images.empty());
  CHECK(!inventory->params);
  CHECK(!inventory->bootloader);

  Bench silent;  // some builds do not even say that they lack a command
  silent.server.silent = {params_key};
  silent.server.images[0].version = "9.8.7.6";
  inventory = wait_for(silent.context, silent.client.inventory());
  REQUIRE(inventory);
  CHECK(!inventory->params);
  CHECK(inventory->bootloader);
  CHECK(inventory->running()->version == "9.8.7.6");
  const int requests = silent.server.requests;
  inventory = wait_for(silent.context, silent.client.inventory());
  CHECK(silent.server.requests == requests + 1);  // what is missing is not asked for again
}

TEST_CASE("a server that knows only SMP v1 is understood, and remembered as such") {
  Bench b;
  b.server.only_v1 = true;
  const auto identity = wait_for(b.context, b.client.identity());
  REQUIRE(identity);
  CHECK(b.client.legacy() == true);
  const int requests = b.server.requests;
  REQUIRE(wait_for(b.context, b.client.health()));
  CHECK(b.server.requests == requests + 1);
}

TEST_CASE("errors tell the link, the deed, and the device's own code in words") {
  Bench b;
  b.server.refuse[state_key] = smp::ServerError(smp::group::image, smp::image_rc::flash_read_failed);
  const auto images = wait_for(b.context, b.client.images());
  REQUIRE(!images);
  CHECK(images.error().kind == ErrorKind::device);
  CHECK(images.error().what.find("smp+udp://fake:1337: reading the image list: the device refused: ") == 0);
  CHECK(images.error().what.find("(group 1, code 11)") != std::string::npos);

  b.server.unknown = {health_key};
  const auto health = wait_for(b.context, b.client.health());
  REQUIRE(!health);
  CHECK(health.error().kind == ErrorKind::not_found);

  b.server.refuse[reset_key] = smp::ServerError(smp::Rc::busy);
  b.server.refuse.erase(state_key);
  REQUIRE(wait_for(b.context, b.client.inventory()));
  const auto reset = wait_for(b.context, b.client.reset());
  REQUIRE(!reset);
  CHECK(reset.error().kind == ErrorKind::refused);
}

TEST_CASE("an upload delivers every byte, follows the packet size, and goes on after a cut") {
  Bench b;
  Buffer image(5000);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::byte>(i * 7);
  REQUIRE(wait_for(b.context, b.client.inventory()));
  std::vector<std::uint64_t> seen;
  const auto stop_half_way = [&](std::uint64_t done, std::uint64_t total) {
    CHECK(total == 5000);
    seen.push_back(done);
    return done < 2500;
  };
  const auto stopped = wait_for(b.context, b.client.upload(image, 0, stop_half_way));
  REQUIRE(!stopped);
  CHECK(stopped.error().kind == ErrorKind::cancelled);
  const std::size_t had = b.server.upload.size();
  CHECK(had >= 2500);
  CHECK(std::ranges::is_sorted(seen));

  const auto report = wait_for(b.context, b.client.upload(image, 0, {}));
  REQUIRE(report);
  CHECK(b.server.upload == image);
  CHECK(report->resumed_at_bytes == had);
  CHECK(report->sent_bytes == 5000 - had);
  CHECK(b.server.longest_request <= 300);  // the link's largest packet
}

TEST_CASE("an upload says which of the device's images it is for, and in errors too") {
  Bench b;
  const Buffer image(1000, std::byte{0x42});
  REQUIRE(wait_for(b.context, b.client.inventory()));
  REQUIRE(wait_for(b.context, b.client.upload(image, 2, {})));
  CHECK(b.server.upload_image == 2);
  REQUIRE(wait_for(b.context, b.client.upload(image, 0, {})));
  CHECK(b.server.upload_image == 0);
  b.server.refuse[upload_key] = smp::ServerError(smp::group::image, smp::image_rc::no_free_slot);
  const auto refused = wait_for(b.context, b.client.upload(image, 7, {}));
  REQUIRE(!refused);
  CHECK(refused.error().what.find("uploading image 7 at byte 0") != std::string::npos);
}

TEST_CASE("which image runs is told for each image of a device") {
  Inventory inventory;
  CHECK(inventory.running(0) == nullptr);
  inventory.images = {{.image = 0, .version = "1.0.0", .active = true},
                      {.image = 0, .slot = 1, .version = "1.1.0"},
                      {.image = 1, .version = "4.0.0", .active = true}};
  CHECK(inventory.running() == &inventory.images[0]);
  CHECK(inventory.running(1) == &inventory.images[2]);
  CHECK(inventory.running(2) == nullptr);
}

TEST_CASE("an upload over a console keeps to the device's buffer and survives a lost chunk") {
  Bench b(console);
  b.server.buffer_size = 400;
  const Buffer image(3000, std::byte{0x42});
  REQUIRE(wait_for(b.context, b.client.inventory()));
  b.server.lose_request = b.server.requests + 5;
  const auto report = wait_for(b.context, b.client.upload(image, 0, {}));
  REQUIRE(report);
  CHECK(b.server.upload == image);
  CHECK(b.server.longest_request <= 396);  // 400 less length and checksum
}

TEST_CASE("marking and confirming name the image by its hash") {
  Bench b;
  const std::string fresh(64, 'b');
  b.server.images.push_back({"2.0.0", fresh});
  REQUIRE(wait_for(b.context, b.client.inventory()));
  REQUIRE(wait_for(b.context, b.client.mark_for_test(fresh)));
  CHECK(b.server.images[1].pending);
  REQUIRE(wait_for(b.context, b.client.confirm(std::string(64, 'a'))));
  const auto unknown = wait_for(b.context, b.client.mark_for_test(std::string(64, 'c')));
  REQUIRE(!unknown);
  CHECK(unknown.error().kind == ErrorKind::device);
  CHECK(!wait_for(b.context, b.client.mark_for_test("not hex")));
}

TEST_CASE("a device that does not let the host choose is said to be one") {
  Bench b;
  REQUIRE(wait_for(b.context, b.client.inventory()));
  b.server.unknown = {state_key};  // RAM-load builds answer rc 8
  const auto marked = wait_for(b.context, b.client.mark_for_test(std::string(64, 'a')));
  REQUIRE(!marked);
  CHECK(marked.error().kind == ErrorKind::refused);
  CHECK(marked.error().next.find("RAM") != std::string::npos);
}

TEST_CASE("nothing is written on a connection on which nobody was identified") {
  Bench b;
  const Buffer image(300);
  const std::string hash(64, 'a');
  CHECK(wait_for(b.context, b.client.upload(image, 0, {})).error().kind == ErrorKind::unreachable);
  CHECK(wait_for(b.context, b.client.mark_for_test(hash)).error().kind == ErrorKind::unreachable);
  CHECK(wait_for(b.context, b.client.confirm(hash)).error().kind == ErrorKind::unreachable);
  CHECK(wait_for(b.context, b.client.reset()).error().kind == ErrorKind::unreachable);
  CHECK(b.server.requests == 0);
  REQUIRE(wait_for(b.context, b.client.identity()));
  REQUIRE(wait_for(b.context, b.client.confirm(hash)));
  b.client.disconnect();
  CHECK(wait_for(b.context, b.client.confirm(hash)).error().kind == ErrorKind::unreachable);
}

TEST_CASE("a device that is gone before it answers the reset was told") {
  for (const bool vanishes : {false, true}) {
    Bench b;
    b.server.vanish_on_reset = vanishes;
    REQUIRE(wait_for(b.context, b.client.identity()));
    CHECK(wait_for(b.context, b.client.reset()));
    CHECK(b.server.resets == 1);
  }
}

TEST_CASE("the return of a device is seen through a vanished endpoint, boot noise and silence") {
  Bench b(console);
  REQUIRE(wait_for(b.context, b.client.identity()));
  b.server.vanish_on_reset = true;
  REQUIRE(wait_for(b.context, b.client.reset()));
  b.server.vanish_on_reset = false;
  b.server.closed_for_opens = 2;
  b.server.deaf_for_requests = 1;
  b.server.chatter = "*** Booting ***\n";
  const ReturnPolicy policy{.total = 10s, .quiet = 1ms, .between_tries = 5ms};
  const auto returned = wait_for(b.context, b.client.wait_for_return(policy));
  REQUIRE(returned);
  CHECK(returned->running() != nullptr);
  CHECK(b.server.opens >= 3);
  CHECK(!b.log.empty());
}

TEST_CASE("a device that knows no patches takes whole images, whether it says so or says nothing") {
  Bench refusing;
  auto limits = wait_for(refusing.context, refusing.client.patch_limits());
  REQUIRE(!limits);
  CHECK(limits.error().kind == ErrorKind::not_found);

  Bench silent;
  silent.server.silent = {patches_key};
  limits = wait_for(silent.context, silent.client.patch_limits());
  REQUIRE(!limits);
  CHECK(limits.error().kind == ErrorKind::not_found);
  CHECK(wait_for(silent.context, silent.client.health()));  // the link was kept

  Bench gone;
  gone.server.closed_for_opens = 1;
  limits = wait_for(gone.context, gone.client.patch_limits());
  REQUIRE(!limits);
  CHECK(limits.error().kind == ErrorKind::unreachable);
}

TEST_CASE("a device tells which component each of its images is, and one that does not has the app alone") {
  const std::vector<ImageComponent> only_app{{0, "app"}};
  Bench several;
  several.server.components = {{.image = 1, .name = "radio"}, {.image = 0, .name = "app"}};
  auto components = wait_for(several.context, several.client.components());
  REQUIRE(components);
  CHECK(*components == std::vector<ImageComponent>{{0, "app"}, {1, "radio"}});

  Bench old;
  components = wait_for(old.context, old.client.components());
  REQUIRE(components);
  CHECK(*components == only_app);

  Bench silent;
  silent.server.silent = {components_key};
  components = wait_for(silent.context, silent.client.components());
  REQUIRE(components);
  CHECK(*components == only_app);
  CHECK(wait_for(silent.context, silent.client.health()));  // the link was kept
}

TEST_CASE("which component an image is is not guessed when the device is away, fails or contradicts itself") {
  Bench gone;
  gone.server.closed_for_opens = 1;
  auto components = wait_for(gone.context, gone.client.components());
  REQUIRE(!components);
  CHECK(components.error().kind == ErrorKind::unreachable);

  Bench failing;
  failing.server.refuse[components_key] = smp::ServerError(smp::Rc::no_memory);
  components = wait_for(failing.context, failing.client.components());
  REQUIRE(!components);
  CHECK(components.error().kind == ErrorKind::device);
  CHECK(components.error().what.find("asking for the components") != std::string::npos);

  Bench twice;
  twice.server.components = {{.image = 1, .name = "radio"}, {.image = 1, .name = "fpga"}};
  components = wait_for(twice.context, twice.client.components());
  REQUIRE(!components);
  CHECK(components.error().kind == ErrorKind::device);
  twice.server.components = {{.image = 0, .name = ""}};
  CHECK(!wait_for(twice.context, twice.client.components()));
}

TEST_CASE("a device that never returns is unreachable after the total, and the last trouble is told") {
  Bench b;
  b.server.closed_for_opens = 1'000'000;
  const ReturnPolicy policy{.total = 500ms, .quiet = 1ms, .between_tries = 5ms};
  const auto returned = wait_for(b.context, b.client.wait_for_return(policy));
  REQUIRE(!returned);
  CHECK(returned.error().kind == ErrorKind::unreachable);
  CHECK(returned.error().what.find("within 500 ms") != std::string::npos);
  CHECK(returned.error().what.find("no such file") != std::string::npos);
}

TEST_CASE("requests on one client never share a sequence number with the one before") {
  Bench b;
  for (int i = 0; i < 5; ++i) REQUIRE(wait_for(b.context, b.client.health()));
  for (std::size_t i = 1; i < b.server.sequences.size(); ++i)
    CHECK(b.server.sequences[i] != b.server.sequences[i - 1]);
}

TEST_CASE("cancelling a client in the middle of a request ends it") {
  Bench b;
  b.server.silent = {identity_key};
  asio::cancellation_signal stop;
  std::optional<Outcome<Identity>> out;
  bool ended = false;
  asio::co_spawn(b.context, store(b.client.identity(), out),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { ended = true; }));
  b.context.run_for(30ms);
  CHECK(!ended);
  stop.emit(asio::cancellation_type::terminal);
  b.context.restart();
  b.context.run_for(60s);
  CHECK(ended);
  if (out) CHECK(out->error().kind == ErrorKind::cancelled);
}

TEST_CASE("a probe tells what there is and what there is not") {
  FakeServer server;
  server.unknown = {identity_key, health_key, boot_key};
  server.chatter = "uart log\n";
  asio::io_context context;
  const auto report = wait_for(context, probe(context.get_executor(), console, opener_to(server)));
  REQUIRE(report);
  CHECK(report->protocol == "SMP v2");
  REQUIRE(report->images);
  CHECK(report->images->size() == 1);
  CHECK(report->params);
  CHECK(!report->identity);
  CHECK(report->os_info == "Zephyr fake 3.4.0");
  CHECK(report->missing.size() == 3);
  CHECK(report->log.at(0) == "uart log");
  const boost::json::value json = to_json(*report);
  CHECK(json.at("images").at(0).at("active").as_bool());
  CHECK(json.at("identity").is_null());
  CHECK(json.at("params").at("buffer_size_bytes").to_number<int>() == 512);
  CHECK(json.at("round_trip_us").to_number<int>() >= 0);
}

TEST_CASE("a probe of a server without image group still succeeds; of silence it does not") {
  FakeServer server;
  server.unknown = {state_key};
  asio::io_context context;
  const auto report = wait_for(context, probe(context.get_executor(), udp, opener_to(server)));
  REQUIRE(report);
  CHECK(!report->images);

  FakeServer gone;
  gone.closed_for_opens = 1000;
  const auto none = wait_for(context, probe(context.get_executor(), udp, opener_to(gone)));
  REQUIRE(!none);
  CHECK(none.error().kind == ErrorKind::unreachable);
}

TEST_CASE("a device's log is downloaded whole, and anew when it was overtaken") {
  for (const link::LinkUri& uri : {console, udp}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100}, std::size_t{1234}}) {
      CAPTURE(size);
      Bench b(uri);
      b.server.log = std::string(size, 'x');
      b.server.overtaken = size > 100 ? 2 : 0;
      const auto log =
          wait_for(b.context, download_file(b.context.get_executor(), uri, "/log", opener_to(b.server)));
      REQUIRE(log);
      CHECK(*log == b.server.log);
    }
  }
}

TEST_CASE("a download that cannot be had says why") {
  Bench b;
  const auto executor = b.context.get_executor();
  b.server.log = std::string(300, 'x');
  const auto none = wait_for(b.context, download_file(executor, udp, "/none", opener_to(b.server)));
  REQUIRE(!none);
  CHECK(none.error().kind == ErrorKind::device);
  CHECK(none.error().what.find("there is no such file (group 8, code 3)") != std::string::npos);
  b.server.overtaken = 3;
  const auto busy = wait_for(b.context, download_file(executor, udp, "/log", opener_to(b.server)));
  REQUIRE(!busy);
  CHECK(busy.error().what.find("the file has changed since") != std::string::npos);
  b.server.unknown = {file_key};
  const auto old = wait_for(b.context, download_file(executor, udp, "/log", opener_to(b.server)));
  REQUIRE(!old);
  CHECK(old.error().kind == ErrorKind::not_found);
}

TEST_CASE("a setting is written so that it is kept, read and deleted") {
  Bench b;
  const auto executor = b.context.get_executor();
  const auto opener = opener_to(b.server);
  REQUIRE(wait_for(b.context, write_setting(executor, udp, "feature/eco", "on", opener)));
  CHECK(b.server.saved_settings.at("feature/eco") == "on");
  CHECK(b.server.commits == 1);
  const auto value = wait_for(b.context, read_setting(executor, udp, "feature/eco", opener));
  REQUIRE(value);
  CHECK(*value == "on");
  REQUIRE(wait_for(b.context, delete_setting(executor, udp, "feature/eco", opener)));
  const auto gone = wait_for(b.context, read_setting(executor, udp, "feature/eco", opener));
  REQUIRE(!gone);
  CHECK(gone.error().what.find("there is no such setting (group 3, code 3)") != std::string::npos);
}

TEST_CASE("a setting that is refused at any step is said to be so") {
  for (const Key& step : {setting_key, save_key, commit_key}) {
    CAPTURE(step.second);
    Bench b;
    b.server.refuse[step] = smp::ServerError(smp::Rc::no_memory);
    const auto done =
        wait_for(b.context, write_setting(b.context.get_executor(), udp, "a", "1", opener_to(b.server)));
    REQUIRE(!done);
    CHECK(done.error().what.find("writing the setting a") != std::string::npos);
    CHECK(done.error().what.find("out of memory") != std::string::npos);
  }
}

}  // namespace
}  // namespace lockstep::session
