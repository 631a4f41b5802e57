// The board's network: SMP over UDP as in the field, and frames that no network should bring.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "device/net/responder.hpp"
#include "device/qemu/host/qemu.hpp"
#include "device/qemu/host/test_board.hpp"
#include "host/base/files.hpp"
#include "protocols/cbor/test_bytes.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::board {
namespace {

using testing::Board;

constexpr std::uint32_t largest_datagram = net::max_payload_size;

std::chrono::milliseconds time_of(const auto& what) {
  const auto start = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
}

TEST_CASE("over UDP the board says who it is, what it takes and what it runs, and is updated for good") {
  Board board;
  board.use_udp();
  board.start_with_version_1();
  const auto identity = board.ask(smp::NodeIdentityRequest{});
  REQUIRE(identity);
  CHECK(identity->serial == "SN-RIG");
  const auto parameters = board.ask(smp::ParametersRequest{});
  REQUIRE(parameters);
  CHECK(parameters->buffer_size == largest_datagram);
  const auto state = board.ask(smp::ImageStateRequest{});
  REQUIRE(state);
  REQUIRE(Board::in_slot(*state, 0) != nullptr);
  CHECK(Board::in_slot(*state, 0)->version == "1.0.0");

  MESSAGE("update over UDP: " << time_of([&] { board.update_to_version_2(); }).count() << " ms");
  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("action=none confirmed=yes"));
  REQUIRE(board.wait_for_log("app: thermostat 2.0.0 slot=0 ready"));
  CHECK(board.ask(smp::EchoRequest{.text = "still there"}));
}

TEST_CASE("an update over UDP survives requests and answers that are lost on their way") {
  Board board;
  board.use_udp();
  board.start_with_version_1();
  board.lose_datagrams({3, 10, 25});
  board.update_to_version_2();
}

TEST_CASE("the same update over UART0, to compare") {
  Board board;
  board.start_with_version_1();
  const auto parameters = board.ask(smp::ParametersRequest{});
  REQUIRE(parameters);
  CHECK(parameters->buffer_size == 2048);
  MESSAGE("update over UART0: " << time_of([&] { board.update_to_version_2(); }).count() << " ms");
}

TEST_CASE("an answer that no datagram carries is refused with the reason, the longest that does is given") {
  Board board;
  board.use_udp();
  board.start_with_version_1();
  std::string text(largest_datagram - 8 - 6, 'x');  // header; a map, the key "d" and the text's head
  CHECK(!board.ask(smp::EchoRequest{.text = text}));
  CHECK(board.last_refusal == smp::ServerError(smp::Rc::message_size));
  text.resize(text.size() - 5);  // the answer has "rc": 0 as well, and an end of its map
  const auto echo = board.ask(smp::EchoRequest{.text = text});
  REQUIRE(echo);
  CHECK(echo->text == text);
}

TEST_CASE("the second board has the same network") {
  Board board(an500);
  board.use_udp();
  board.start_with_version_1();
  const auto identity = board.ask(smp::NodeIdentityRequest{});
  REQUIRE(identity);
  CHECK(identity->serial == "SN-RIG");
}

// One end of a cable to the board: each datagram between the two ports is an Ethernet frame.
class Cable {
 public:
  Cable() {
    for (int* end : {&socket_, &reserved_}) {
      *end = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      sockaddr_in any = address(0);
      REQUIRE(::bind(*end, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0);
    }
    boards_port_ = port_of(reserved_);
    ::close(reserved_);
  }
  ~Cable() { ::close(socket_); }
  Cable(const Cable&) = delete;
  Cable& operator=(const Cable&) = delete;

  std::vector<std::string> qemu_arguments() const {
    return {"-nic", fmt::format("socket,model=lan9118,udp=127.0.0.1:{},localaddr=127.0.0.1:{}", port_of(socket_),
                                boards_port_)};
  }
  void send(Bytes frame) const {
    const sockaddr_in board = address(boards_port_);
    (void)::sendto(socket_, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&board), sizeof board);
  }
  // The next frame, or nothing within half a second.
  std::string receive() const {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    std::array<std::byte, 2048> frame{};
    if (::poll(&waiting, 1, 500) <= 0) return "nothing";
    const ssize_t n = ::recv(socket_, frame.data(), frame.size(), 0);
    return n < 0 ? "nothing" : hex(Bytes(frame).first(static_cast<std::size_t>(n)));
  }
  void empty() const {
    while (receive() != "nothing") {
    }
  }

 private:
  static sockaddr_in address(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static std::uint16_t port_of(int socket) {
    sockaddr_in own{};
    socklen_t size = sizeof own;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size);
    return ntohs(own.sin_port);
  }

  int socket_ = -1;
  int reserved_ = -1;
  std::uint16_t boards_port_ = 0;
};

// As a host 10.0.2.2 (52:55:0a:00:02:02) sends them.
const std::string who_has =
    "ffffffffffff52550a00020208060001080006040001"
    "52550a0002020a0002020000000000000a00020f";
const std::string ping_behind_mac =
    "52550a000202080045000025123400003f0151940a0002020a00020f"
    "08002dc6007700036c6f636b7374657021";

TEST_CASE("the board answers who-has and ping with the MAC address of its serial number") {
  Board board;
  Cable cable;
  board.make(board.image("thermostat-1.0", "1.0.0"));
  board.power_on(cable.qemu_arguments());
  REQUIRE(board.wait_for_log("net: link, smp+udp://10.0.2.15:1337 mac=02:4c:"));
  REQUIRE(board.wait_for_log("ready"));
  cable.send(unhex(who_has));
  const std::string is_at = cable.receive();
  REQUIRE(is_at.size() == net::min_frame_size * 2);
  const std::string mac = is_at.substr(12, 12);
  CHECK(mac.starts_with("024c"));
  CHECK(is_at.find("0002" + mac + "0a00020f") != std::string::npos);
  cable.send(unhex(mac + ping_behind_mac));
  CHECK(cable.receive().find("0000" "35c6" "00770003" "6c6f636b7374657021") != std::string::npos);

  Board other;
  Cable other_cable;
  const std::vector keys{other.key()};
  FlashFile flash;
  REQUIRE(flash.set_keys(keys));
  REQUIRE(flash.set_identity({.board = "node-m3", .revision = "1.0", .serial = "SN-RIH", .product = "thermostat"}));
  REQUIRE(flash.set_image(other.image("thermostat-1.0", "1.0.0"), keys));
  REQUIRE(flash.save(other.flash()));
  other.power_on(other_cable.qemu_arguments());
  REQUIRE(other.wait_for_log("ready"));
  other_cable.send(unhex(who_has));
  const std::string elsewhere = other_cable.receive();
  REQUIRE(elsewhere.size() == is_at.size());
  CHECK(elsewhere.substr(12, 12) != mac);
}

TEST_CASE("a flood of frames, runts, giants and nonsense do not stop the board, which then answers as before") {
  Board board;
  Cable cable;
  board.make(board.image("thermostat-1.0", "1.0.0"));
  board.power_on(cable.qemu_arguments());
  REQUIRE(board.wait_for_log("ready"));
  cable.send(unhex(who_has));
  const std::string mac = cable.receive().substr(12, 12);
  const auto ping = unhex(mac + ping_behind_mac);
  for (const std::size_t size : {1u, 13u, 14u, 59u, 1514u, 1515u, 1518u, 2000u, 2047u, 2048u, 9000u}) {
    auto frame = ping;
    frame.resize(size, std::byte{0x5a});
    cable.send(frame);
  }
  cable.empty();
  CHECK(board.wait_for_log("net: lost frames: 4 damaged, "));  // 1515 to 2047 bytes; QEMU takes no longer ones
  auto longest = ping;
  longest.resize(net::max_frame_size, std::byte{0x5a});
  for (int i = 0; i < 500; ++i) cable.send(longest);  // more than its FIFO of 10 KiB holds at once
  cable.empty();
  cable.send(ping);
  CHECK(cable.receive().find("6c6f636b7374657021") != std::string::npos);
  const auto echo = board.ask(smp::EchoRequest{.text = "and the UART"});
  REQUIRE(echo);
  CHECK(echo->text == "and the UART");
}

// A line for QEMU's monitor, by which somebody pulls the cable.
void tell_monitor(const std::filesystem::path& path, std::string_view line) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  std::copy(text.begin(), text.end(), std::begin(address.sun_path));
  const int monitor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(::connect(monitor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const std::string command = fmt::format("{}\n", line);
  REQUIRE(::send(monitor, command.data(), command.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(command.size()));
  // QEMU drops what it has not read when the other end hangs up: wait for the next prompt.
  std::string said;
  std::array<char, 256> some{};
  const auto prompts = [&said] {
    std::size_t count = 0;
    for (auto at = said.find("(qemu)"); at != std::string::npos; at = said.find("(qemu)", at + 1)) ++count;
    return count;
  };
  while (prompts() < 2) {
    const ssize_t n = ::recv(monitor, some.data(), some.size(), 0);
    REQUIRE(n > 0);
    said.append(some.data(), static_cast<std::size_t>(n));
  }
  ::close(monitor);
}

TEST_CASE("a cable that is pulled is noticed, and the board answers again when it is back") {
  Board board;
  board.use_udp();
  board.make(board.image("thermostat-1.0", "1.0.0"));
  const auto monitor = board.folder() / "monitor";
  board.power_on({"-monitor", fmt::format("unix:{},server=on,wait=off", monitor.string())});
  REQUIRE(board.wait_for_log("ready"));
  tell_monitor(monitor, "set_link lan9118.0 off");
  REQUIRE(board.wait_for_log("net: no link"));
  tell_monitor(monitor, "set_link lan9118.0 on");
  REQUIRE(board.wait_for_log("net: link"));
  CHECK(board.ask(smp::EchoRequest{.text = "back"}));
}

TEST_CASE("without a port for it the board's command line has no network") {
  PowerOn power{.flash = "flash", .boot_elf = "boot.elf", .uart0 = "uart0"};
  CHECK(std::ranges::count(*qemu_command(power), "-nic") == 0);
  power.udp = 1337;
  CHECK(std::ranges::count(*qemu_command(power), "-nic") == 1);
}

// What the program says, and its exit status.
std::pair<std::string, int> start_with_udp(const Board& board, std::string_view port) {
  const auto said = board.folder() / "said";
  const std::string command =
      fmt::format("{}/lockstep-board start --flash {} --uart0 {} --boot {}/bin/boot.elf --udp {} >{} 2>&1",
                  LOCKSTEP_BIN_DIR, board.flash().string(), (board.folder() / "other").string(),
                  LOCKSTEP_CORTEX_M_DIR, port, said.string());
  const int status = std::system(command.c_str());
  return {std::string(as_text(*read_file(said))), WEXITSTATUS(status)};
}

TEST_CASE("a UDP port that is none, or in use, is refused with the reason") {
  Board board;
  board.make(board.image("thermostat-1.0", "1.0.0"));
  for (const std::string_view bad : {"0", "65536", "-1", "http"}) {
    CAPTURE(bad);
    const auto [said, status] = start_with_udp(board, bad);
    CHECK(status == 2);
    CHECK(said.find("--udp") != std::string::npos);
  }
  Board first;
  first.use_udp();
  first.start_with_version_1();
  const auto [output, status] = start_with_udp(board, std::to_string(first.udp_port()));
  const std::string said = output;
  CHECK(status == 1);
  const auto expected = fmt::format("lockstep-board: cannot take the UDP port {}: Address already in use", first.udp_port());
  CHECK_MESSAGE(said.starts_with(expected), said);
}

}  // namespace
}  // namespace lockstep::board
