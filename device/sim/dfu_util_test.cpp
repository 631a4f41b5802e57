// The real dfu-util against the program lockstep-sim: libusb, usbfs by umockdev (usbip-mock), USB/IP, the node.
#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdio>
#include <thread>

#include "device/boot/test_board.hpp"
#include "device/sim/test_client.hpp"
#include "device/sim/test_images.hpp"
#include "device/sim/test_process.hpp"
#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "protocols/dfu/suffix.hpp"
#include "protocols/smp/image_group.hpp"

using namespace lockstep;
using sim::testing::Client;
using sim::testing::image1;
using sim::testing::image2;
using sim::testing::Process;
using sim::testing::Words;
using boot::testing::hash_of;

namespace {

// As `dfu-suffix` makes it.
Buffer dfu_file(const Buffer& payload, std::uint16_t vendor = 0x1209) {
  Buffer file(payload.size() + dfu::Suffix::size);
  ByteWriter w(file);
  w.bytes(payload);
  dfu::write_suffix(w, {.product = 0x0001, .vendor = vendor}, payload);
  return file;
}

struct Ended {
  int code = -1;
  std::string output{};
  bool says(std::string_view words) const { return output.find(words) != std::string::npos; }
};

struct Bench {
  explicit Bench(const Words& more = {}) {
    REQUIRE(write_file(dir / "key.pub.pem", boot::testing::signing_key().public_key().pem()));
    REQUIRE(write_file(dir / "seed.bin", Bytes(image1())));
    Words words{LOCKSTEP_BIN_DIR "/lockstep-sim", "--unix", at("smp"), "--usbip-socket", at("usb"), "--flash", at("flash"),
                "--key", at("key.pub.pem"), "--seed-image", at("seed.bin"), "--serial", "SN-42", "--boot-ms", "30"};
    words.insert(words.end(), more.begin(), more.end());
    process.emplace(words);
    REQUIRE_FALSE(process->ready().empty());
  }
  std::string at(std::string_view name) const { return (dir / name).string(); }

  // A run of dfu-util: a second's pause after the detach, for which it waits in any case.
  Ended dfu_util(const std::string& arguments) const {
    const std::string command = LOCKSTEP_BIN_DIR "/../tests/usbip-mock " + at("usb") +
                                " timeout 60 dfu-util -d 1209:0001 -E 1 " + arguments + " 2>&1";
    FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    Ended outcome;
    char piece[512];
    for (std::size_t n = 0; (n = std::fread(piece, 1, sizeof piece, pipe)) > 0;) outcome.output.append(piece, n);
    const int status = ::pclose(pipe);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome;
  }
  // What the image list says of slot 0, asked over SMP: "2.0.0 on test". Waits for the device.
  std::string running(const mcuboot::Digest& hash) const {
    const int file = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    at("smp").copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    Client client(file, Client::Framing::console);
    std::string last = "nothing";
    for (int i = 0; i < 50; ++i) {
      const auto state = client.ask(smp::ImageStateRequest{});
      if (state && !state->images.empty()) {
        const smp::ImageState& image = state->images[0];
        last = std::string(image.version) + (image.confirmed ? " confirmed" : " on test");
        if (std::equal(hash.begin(), hash.end(), image.hash.begin(), image.hash.end())) return last;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return last + ", another hash";
  }

  TempDir dir;
  std::optional<Process> process;
};

}  // namespace

TEST_CASE("dfu-util updates the simulated node: it boots the image on test and tells its hash") {
  for (const bool tolerant : {false, true}) {
    CAPTURE(tolerant);
    Bench b(tolerant ? Words{"--dfu-tolerant"} : Words{});
    REQUIRE(write_file(b.dir / "new.dfu", Bytes(dfu_file(image2()))));
    const Ended run = b.dfu_util((tolerant ? "-R -D " : "-D ") + b.at("new.dfu"));
    CAPTURE(run.output);
    CHECK(run.code == 0);
    CHECK(run.says("send DFU detach request"));
    CHECK(run.says(tolerant ? "DFU state(2) = dfuIDLE" : "DFU state(8) = dfuMANIFEST-WAIT-RESET"));
    CHECK(run.says("Done!"));
    CHECK(b.running(hash_of(image2())) == "2.0.0 on test");
  }
}

TEST_CASE("dfu-util reads the running image back, byte for byte") {
  Bench b;
  const Ended run = b.dfu_util("-U " + b.at("read.bin"));
  CAPTURE(run.output);
  CHECK(run.code == 0);
  const auto read = read_file(b.dir / "read.bin");
  REQUIRE(read);
  CHECK((*read == image1()));
}

TEST_CASE("dfu-util is told that a file is no image, and the node goes on as it was") {
  Bench b;
  REQUIRE(write_file(b.dir / "text.dfu", Bytes(dfu_file(Buffer(5000, std::byte{'x'})))));
  const Ended run = b.dfu_util("-D " + b.at("text.dfu"));
  CAPTURE(run.output);
  CHECK(run.code != 0);
  CHECK(b.running(hash_of(image1())) == "1.0.0 confirmed");
  REQUIRE(write_file(b.dir / "other.dfu", Bytes(dfu_file(image2(), 0x1234))));
  CHECK(b.dfu_util("-D " + b.at("other.dfu")).code != 0);  // its suffix is for another vendor's device
}

TEST_CASE("a second program is told that the USB socket is in use") {
  Bench b;
  const Words words{LOCKSTEP_BIN_DIR "/lockstep-sim", "--unix", b.at("smp2"), "--usbip-socket", b.at("usb"), "--flash",
                    b.at("flash2"), "--key", b.at("key.pub.pem")};
  Process second(words);
  CHECK(second.ready().empty());
  CHECK(second.wait() != 0);
}
