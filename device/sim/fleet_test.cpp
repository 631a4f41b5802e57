// Drives a fleet, lockstep-sim --fleet, over both of its wires.
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <thread>

#include "device/boot/test_board.hpp"
#include "device/sim/test_client.hpp"
#include "device/sim/test_images.hpp"
#include "device/sim/test_process.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"

using namespace lockstep;
using boot::testing::hash_of;
using sim::testing::Client;
using sim::testing::image1;
using sim::testing::image2;
using sim::testing::Process;
using sim::testing::Words;

namespace {

enum class Wire { unix_socket, udp };
constexpr std::array wires{Wire::unix_socket, Wire::udp};

// A fleet in a folder of its own. `groups` is what stands inside <fleet>.
struct Bench {
  explicit Bench(Wire w, const std::string& groups, const std::string& attributes = "seed=\"1\"") : wire(w) {
    REQUIRE(write_file(dir / "key.pub.pem", boot::testing::signing_key().public_key().pem()));
    REQUIRE(write_file(dir / "seed.bin", Bytes(image1())));
    REQUIRE(write_file(dir / "fleet.xml", "<fleet xmlns=\"urn:lockstep:fleet:1\" " + attributes + ">" + groups + "</fleet>"));
  }
  std::string at(std::string_view name) const { return (dir / name).string(); }

  Words words(const Words& more = {}) const {
    Words all{LOCKSTEP_BIN_DIR "/lockstep-sim", "--fleet", at("fleet.xml"), "--key", at("key.pub.pem")};
    if (wire == Wire::udp) all.insert(all.end(), {"--udp-base", "0"});
    else all.insert(all.end(), {"--socket-dir", at("sockets")});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void start(const Words& more = {}) {
    process.emplace(words(more), "fleet ");
    REQUIRE_FALSE(process->lines().empty());
    REQUIRE(process->lines().back().starts_with("fleet "));
  }
  std::string link(std::string_view serial) const {
    for (const std::string& line : process->lines()) {
      if (line.ends_with(" serial=" + std::string(serial))) return line.substr(6, line.find(" serial=") - 6);
    }
    return {};
  }
  // A client of the device; null when it cannot be connected to.
  std::unique_ptr<Client> connect(std::string_view serial) const {
    const std::string uri = link(serial);
    REQUIRE_FALSE(uri.empty());
    const bool udp = wire == Wire::udp;
    const int file = ::socket(udp ? AF_INET : AF_UNIX, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    auto client = std::make_unique<Client>(file, udp ? Client::Framing::packets : Client::Framing::console);
    sockaddr_un local{.sun_family = AF_UNIX, .sun_path = {}};
    sockaddr_in remote{};
    if (udp) {
      remote.sin_family = AF_INET;
      remote.sin_port = htons(static_cast<std::uint16_t>(std::stoi(uri.substr(uri.rfind(':') + 1))));
      remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    } else {
      const std::string path = uri.substr(std::string_view("smp+unix://").size());
      std::copy(path.begin(), path.end(), local.sun_path);
    }
    const auto* address = udp ? reinterpret_cast<sockaddr*>(&remote) : reinterpret_cast<sockaddr*>(&local);
    return ::connect(file, address, udp ? sizeof remote : sizeof local) == 0 ? std::move(client) : nullptr;
  }
  // Whether the device answers within a while.
  bool answers(std::string_view serial, int tries = 60) const {
    const auto client = connect(serial);
    return client && client->ask(smp::NodeIdentityRequest{}, 100, tries).has_value();
  }

  Wire wire;
  TempDir dir;
  std::optional<Process> process;
};

std::string group(const std::string& name, int count, const std::string& inside = "", const std::string& attributes = "") {
  return "<group name=\"" + name + "\" count=\"" + std::to_string(count) + "\" serial=\"" + name +
         "-{n}\" slot-size=\"64 KiB\" boot-time=\"20 ms\" " + attributes + "><image file=\"seed.bin\"/>" + inside + "</group>";
}

std::string running(Client& client) {
  const auto state = client.ask(smp::ImageStateRequest{});
  if (!state || state->images.empty()) return "nothing";
  return std::string(state->images[0].version) + (state->images[0].confirmed ? " confirmed" : "");
}

std::string wait_for(Client& client, std::string_view expected) {
  std::string last;
  for (int i = 0; i < 300 && last != expected; ++i) {
    last = running(client);
    if (last != expected) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return last;
}

smp::Errc upload(Client& client, const Buffer& image) {
  Buffer buffer(4096);
  const Sha256 sha = Sha256::of(image);
  smp::UploadSession session(image, buffer, {.sha = sha.bytes(), .first_timeout_ms = 2000, .timeout_ms = 200, .retries = 40});
  client.drive(session);
  return session.error();
}

void mark_and_reset(Client& client, const Buffer& image) {
  const mcuboot::Digest hash = hash_of(image);
  REQUIRE(client.ask(smp::ImageStateWriteRequest{.hash = hash}));
  REQUIRE(client.ask(smp::ResetRequest{}));
}

}  // namespace

TEST_CASE("every device of a fleet answers as itself, over each wire") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire, group("a", 3, "", "revision=\"2.0\"") + group("b", 2, "", "mode=\"direct-xip\" product=\"lamp\""));
    b.start();
    CHECK(b.process->lines().size() == 6);
    CHECK(b.process->lines().back() == "fleet devices=5 seed=1");
    for (const char* serial : {"a-1", "a-2", "a-3", "b-1", "b-2"}) {
      const auto client = b.connect(serial);
      REQUIRE(client);
      const auto identity = client->ask(smp::NodeIdentityRequest{});
      REQUIRE(identity);
      CHECK(identity->serial == serial);
      CHECK(identity->revision == (serial[0] == 'a' ? "2.0" : "1.0"));
      CHECK(identity->product == (serial[0] == 'a' ? "thermostat" : "lamp"));
      CHECK(running(*client).starts_with("1.0.0"));
    }
  }
}

TEST_CASE("the same scenario gives the same list of devices, and it can be read by lockstep device add") {
  Bench b(Wire::unix_socket, group("a", 40, "<software component=\"mobile-app\" version=\"5.3.0\" percent=\"50\"/>"));
  Process(b.words({"--list", b.at("one")}), "fleet ").end(SIGTERM);
  Process(b.words({"--list", b.at("two")}), "fleet ").end(SIGTERM);
  const std::string list = *read_text_file(b.at("one"));
  CHECK(list == *read_text_file(b.at("two")));
  CHECK(std::count(list.begin(), list.end(), '\n') == 40);
  CHECK(list.starts_with("a-1 --link smp+unix://" + b.at("sockets/a-1.sock") + " --serial a-1 --board node-m3 --revision 1.0"));
  std::size_t with_app = 0;
  for (std::size_t at = list.find("mobile-app=5.3.0"); at != list.npos; at = list.find("mobile-app=5.3.0", at + 1)) ++with_app;
  CHECK(with_app == 20);
}

TEST_CASE("whole updates of several devices of a fleet, over each wire, leave the others alone") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire, group("a", 4) + group("over", 1, "", "mode=\"overwrite\""));
    b.start();
    for (const char* serial : {"a-1", "a-3", "over-1"}) {
      const auto client = b.connect(serial);
      CHECK(upload(*client, image2()) == smp::Errc::none);
      mark_and_reset(*client, image2());
      CHECK(wait_for(*client, serial[0] == 'a' ? "2.0.0" : "2.0.0 confirmed").starts_with("2.0.0"));
      REQUIRE(client->ask(smp::ImageStateWriteRequest{.confirm = true}));
      CHECK(running(*client) == "2.0.0 confirmed");
    }
    CHECK(running(*b.connect("a-2")) == "1.0.0 confirmed");
    CHECK(running(*b.connect("a-4")) == "1.0.0 confirmed");
  }
}

TEST_CASE("a device out of contact is silent while others answer, over each wire") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire, group("office", 2, "<contact weekend=\"off\"/>") + group("home", 1), "seed=\"1\" begins=\"sat 12:00\"");
    b.start();
    CHECK(b.answers("home-1"));
    CHECK_FALSE(b.answers("office-1", 3));
    CHECK_FALSE(b.answers("office-2", 3));
    CHECK(std::filesystem::exists(b.at("sockets/home-1.sock")) == (wire == Wire::unix_socket));
    CHECK_FALSE(std::filesystem::exists(b.at("sockets/office-1.sock")));
  }
}

TEST_CASE("with the time going faster the weekend ends, and begins again, over each wire") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    // A week takes four seconds, a weekend a little more than one.
    Bench b(wire, group("office", 1, "<contact weekend=\"off\"/>"), "seed=\"1\" begins=\"sun 12:00\"");
    b.start({"--time-scale", "150000"});
    const auto becomes = [&b](bool wanted) {
      for (int i = 0; i < 600; ++i) {
        if (b.answers("office-1", 1) == wanted) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
      return false;
    };
    CHECK(becomes(true));
    CHECK(becomes(false));
    CHECK(becomes(true));
  }
}

TEST_CASE("a request that was sent to a sleeper is lost, not answered when it wakes") {
  Bench b(Wire::udp, group("office", 1, "<contact weekend=\"off\"/>"), "seed=\"1\" begins=\"sun 12:00\"");
  b.start({"--time-scale", "43200"});  // Monday begins after a second
  const auto client = b.connect("office-1");
  Buffer bytes(256);
  client->send(*smp::encode_request(bytes, smp::Version::v2, 77, smp::EchoRequest{.text = "too early"}));
  REQUIRE(client->ask(smp::NodeIdentityRequest{}, 100, 60));
  while (const auto late = client->receive(100)) CHECK(smp::decode_message(*late)->header.sequence != 77);
}

TEST_CASE("the devices with faults misbehave as asked, and the others do not, over each wire") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire, group("a", 6, R"(<fault kind="silent" devices="1"/><fault kind="unhealthy" devices="2"/>
        <fault kind="drop" n="1" devices="3"/><fault kind="no-reset-answer" devices="4"/>)"));
    b.start();
    CHECK_FALSE(b.answers("a-1", 3));
    CHECK_FALSE(b.answers("a-3", 3));
    for (const char* serial : {"a-2", "a-4", "a-5", "a-6"}) {
      CAPTURE(serial);
      const auto client = b.connect(serial);
      const auto health = client->ask(smp::NodeHealthRequest{});
      REQUIRE(health);
      CHECK(health->healthy == (std::string_view(serial) != "a-2"));
      CHECK(client->ask(smp::ResetRequest{}, 100, 0).has_value() == (std::string_view(serial) != "a-4"));
      CHECK(wait_for(*client, "1.0.0 confirmed") == "1.0.0 confirmed");
    }
  }
}

TEST_CASE("a power cut takes one device for a while, wherever it strikes, and the update still gets through") {
  for (const char* kind : {"cut-at", "tear-at"}) {
    for (const int n : {1, 3, 20, 26, 45}) {
      CAPTURE(kind);
      CAPTURE(n);
      Bench b(Wire::udp, group("a", 2, "<fault kind=\"" + std::string(kind) + "\" n=\"" + std::to_string(n) +
                                           "\" off=\"300 ms\" devices=\"1\"/>"));
      b.start();
      const auto cut = b.connect("a-1"), other = b.connect("a-2");
      CHECK(upload(*cut, image2()) == smp::Errc::none);
      CHECK(running(*other) == "1.0.0 confirmed");
      const mcuboot::Digest hash = hash_of(image2());
      if (!cut->ask(smp::ImageStateWriteRequest{.hash = hash})) CHECK(wait_for(*cut, "2.0.0") == "2.0.0");
      (void)cut->ask(smp::ResetRequest{});
      CHECK(wait_for(*cut, "2.0.0") == "2.0.0");
      CHECK(running(*other) == "1.0.0 confirmed");
    }
  }
}

TEST_CASE("over a bad link an upload takes longer and gets through, over each wire") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    // Over UDP nothing would notice a wrong bit before the image's own check.
    const std::string corrupt = wire == Wire::udp ? "0" : "5";
    Bench b(wire, group("a", 1, "<link loss-percent=\"10\" duplicate-percent=\"10\" delay=\"2 ms\" jitter=\"5 ms\" "
                                "corrupt-percent=\"" + corrupt + "\"/>"));
    b.start();
    const auto client = b.connect("a-1");
    Buffer buffer(4096);
    const Sha256 sha = Sha256::of(image2());
    smp::UploadSession session(image2(), buffer, {.sha = sha.bytes(), .max_message = 512, .first_timeout_ms = 2000, .timeout_ms = 100, .retries = 40});
    client->drive(session);
    CHECK(session.error() == smp::Errc::none);
    CHECK(session.resent_chunks() > 3);
    mark_and_reset(*client, image2());
    CHECK(wait_for(*client, "2.0.0") == "2.0.0");
  }
}

TEST_CASE("wrong bits over UDP reach the other end, as the scenario asks") {
  Bench b(Wire::udp, group("bad", 1, "<link corrupt-percent=\"100\"/>") + group("good", 1));
  b.start();
  REQUIRE(b.answers("good-1"));
  Buffer bytes(256);
  const auto request = smp::encode_request(bytes, smp::Version::v2, 1, smp::EchoRequest{.text = "a text that is long enough"});
  const auto good = b.connect("good-1"), bad = b.connect("bad-1");
  good->send(*request);
  const auto right = good->receive(1000);
  REQUIRE(right);
  int answered = 0;
  for (int i = 0; i < 50; ++i) {
    bad->send(*request);
    const auto reply = bad->receive(20);
    if (!reply) continue;
    ++answered;
    CHECK_FALSE(std::equal(reply->begin(), reply->end(), right->begin(), right->end()));
  }
  CHECK(answered > 0);
}

TEST_CASE("after kill -9 a fleet with flash files goes on where each device was") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire, group("a", 3));
    const Words keep{"--flash-dir", b.at("flash")};
    b.start(keep);
    {
      const auto confirmed = b.connect("a-1");
      CHECK(upload(*confirmed, image2()) == smp::Errc::none);
      mark_and_reset(*confirmed, image2());
      CHECK(wait_for(*confirmed, "2.0.0") == "2.0.0");
      REQUIRE(confirmed->ask(smp::ImageStateWriteRequest{.confirm = true}));
      const auto marked = b.connect("a-2");
      CHECK(upload(*marked, image2()) == smp::Errc::none);
      const mcuboot::Digest hash = hash_of(image2());
      REQUIRE(marked->ask(smp::ImageStateWriteRequest{.hash = hash}));
    }
    CHECK(b.process->end(SIGKILL) == 128 + SIGKILL);
    b.start(keep);
    CHECK(running(*b.connect("a-1")) == "2.0.0 confirmed");
    CHECK(running(*b.connect("a-2")) == "2.0.0");  // the power cut was its reset
    CHECK(running(*b.connect("a-3")) == "1.0.0 confirmed");
  }
}

TEST_CASE("SIGTERM ends a fleet cleanly and takes its sockets away") {
  Bench b(Wire::unix_socket, group("a", 3));
  b.start();
  const auto client = b.connect("a-1");
  CHECK(running(*client) == "1.0.0 confirmed");
  CHECK(b.process->end(SIGTERM) == 0);
  CHECK(std::filesystem::is_empty(b.dir / "sockets"));
}

TEST_CASE("an idle fleet costs no processor time") {
  for (const Wire wire : wires) {
    CAPTURE(static_cast<int>(wire));
    Bench b(wire, group("a", 200, "<contact every=\"2 h\" for=\"1 min\"/>"));
    b.start();
    long ticks = 100;  // of a hundred in a second
    for (int second = 0; second < 20 && ticks > 5; ++second) {  // two hundred boots take a while on a slow machine
      const long before = b.process->ticks();
      std::this_thread::sleep_for(std::chrono::seconds(1));
      ticks = b.process->ticks() - before;
    }
    CHECK(ticks <= 5);
  }
}

TEST_CASE("a fleet that cannot be is refused with a reason: 1 for what the files say, 2 for wrong usage") {
  Bench b(Wire::udp, group("a", 2));
  const auto ends_with = [](const Words& words) { return Process(words, "fleet ").wait(); };
  CHECK(ends_with(b.words({"--socket-dir", b.at("sockets")})) == 2);  // two wires
  CHECK(ends_with(b.words({"--serial", "X"})) == 2);
  CHECK(ends_with(b.words({"--time-scale", "0"})) == 2);
  CHECK(ends_with({LOCKSTEP_BIN_DIR "/lockstep-sim", "--fleet", b.at("fleet.xml"), "--key", b.at("key.pub.pem")}) == 2);
  CHECK(ends_with({LOCKSTEP_BIN_DIR "/lockstep-sim", "--unix", b.at("s"), "--key", b.at("key.pub.pem"), "--flash", b.at("f"),
                   "--flash-dir", b.at("d")}) == 2);
  CHECK(ends_with({LOCKSTEP_BIN_DIR "/lockstep-sim", "--fleet", b.at("none.xml"), "--key", b.at("key.pub.pem"), "--udp-base", "0"}) == 1);
  CHECK(ends_with({LOCKSTEP_BIN_DIR "/lockstep-sim", "--fleet", b.at("fleet.xml"), "--key", b.at("key.pub.pem"), "--udp-base", "65535"}) == 1);
  CHECK(ends_with(Bench(Wire::udp, group("a", 0)).words()) == 1);
  CHECK(ends_with(Bench(Wire::udp, group("a", 1, "<image file=\"missing.bin\" percent=\"50\"/>")).words()) == 1);
  Bench small(Wire::udp, "<group name=\"a\" count=\"1\" serial=\"S\" slot-size=\"16 KiB\"><image file=\"seed.bin\"/></group>");
  CHECK(ends_with(small.words()) == 1);
  b.start({"--flash-dir", b.at("flash")});
  CHECK(ends_with(b.words({"--flash-dir", b.at("flash")})) == 1);  // in use
  CHECK(Process({LOCKSTEP_BIN_DIR "/lockstep-sim", "--fleet-schema"}).ready().starts_with("<?xml"));
}
