// The real board: boot code and firmware on a Cortex-M3 in QEMU, updated over UART0 as in the field.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <thread>

#include "device/qemu/host/qemu.hpp"
#include "device/qemu/host/test_board.hpp"
#include "device/qemu/pages/flash_map.hpp"
#include "host/base/files.hpp"
#include "host/delta/patch.hpp"
#include "protocols/smp/file_group.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"
#include "protocols/smp/settings_group.hpp"

namespace lockstep::board {
namespace {

using testing::Board;

TEST_CASE("the board boots a signed firmware, which says who it is and that it is well") {
  Board board;
  board.start_with_version_1();
  CHECK(board.log().starts_with("boot: lockstep on mps2-an385, mode="));
  CHECK(board.log().find("action=none confirmed=yes") != std::string::npos);

  const auto identity = board.ask(smp::NodeIdentityRequest{});
  REQUIRE(identity);
  CHECK(identity->board == "node-m3");
  CHECK(identity->serial == "SN-RIG");
  const auto health = board.ask(smp::NodeHealthRequest{});
  REQUIRE(health);
  CHECK(health->healthy);
  const auto echo = board.ask(smp::EchoRequest{.text = "are you there"});
  REQUIRE(echo);
  CHECK(echo->text == "are you there");
  CHECK(board.wait_for_log("temp="));
  CHECK(board.wait_for_log(" C heater="));
}

TEST_CASE("an update is uploaded, tested and confirmed, and stays") {
  Board board;
  board.start_with_version_1();
  board.update_to_version_2();

  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("action=none confirmed=yes"));
  CHECK(board.wait_for_log("app: thermostat 2.0.0 slot=0 ready"));
}

TEST_CASE("a patch makes the new image on the board, which runs as if it had been sent whole") {
  Board board;
  const Buffer old_image = board.image("thermostat-1.0", "1.0.0");
  const Buffer new_image = board.image("thermostat-2.0", "2.0.0");
  board.make(old_image);
  board.power_on();
  REQUIRE_MESSAGE(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"), board.log());
  const auto limits = board.ask(smp::NodePatchesRequest{});
  REQUIRE(limits);
  const Buffer patch = delta::make_patch(old_image, new_image, {limits->target_window, limits->delta_window});
  REQUIRE(patch.size() < new_image.size() / 4);
  board.stage(patch);
  mcuboot::MemorySource source(new_image);
  CHECK(board.hash == to_buffer(Bytes(mcuboot::inspect(source)->image_hash)));
  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("action=tested confirmed=no"));
  CHECK(board.wait_for_log("app: thermostat 2.0.0 slot=0 ready"));
}

TEST_CASE("the port to a second board, a Cortex-M7 with its flash elsewhere, updates and reverts like the first") {
  Board board(an500);
  board.start_with_version_1();
  CHECK(board.log().starts_with("boot: lockstep on mps2-an500, mode=swap"));
  board.stage(board.image("thermostat-2.0", "2.0.0"));
  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("action=tested confirmed=no"));
  REQUIRE(board.wait_for_log("app: thermostat 2.0.0 slot=0 ready"));
  board.power_cut();
  board.power_on();
  REQUIRE(board.wait_for_log("action=reverted"));
  CHECK(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"));
}

TEST_CASE("an update that is not confirmed is reverted by the next reset") {
  Board board;
  board.start_with_version_1();
  board.stage(board.image("thermostat-2.0", "2.0.0"));
  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("app: thermostat 2.0.0 slot=0 ready"));
  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("action=reverted"));
  CHECK(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"));
}

TEST_CASE("a firmware that hangs is reset by the watchdog and reverted, and the old one answers again") {
  Board board;
  board.start_with_version_1();
  board.stage(board.image("thermostat-2.1-hang", "2.1.0"));
  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("app: thermostat 2.1.0 slot=0 serial=SN-RIG starting"));
  REQUIRE(board.wait_for_log("watchdog: no kick in time"));
  REQUIRE(board.wait_for_log("action=reverted"));
  REQUIRE(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"));

  const auto state = board.ask(smp::ImageStateRequest{});
  REQUIRE(state);
  const smp::ImageState* running = Board::in_slot(*state, 0);
  REQUIRE(running != nullptr);
  CHECK(running->version == "1.0.0");
  CHECK(running->confirmed);
}

TEST_CASE("an image on test that nobody confirms in time is reverted by the board itself, and the log tells so") {
  Board board;
  board.start_with_version_1();
  REQUIRE(board.ask(smp::SettingWriteRequest{.name = "trial/confirm-ms", .value = as_bytes("3000")}));
  REQUIRE(board.ask(smp::SettingsSaveRequest{}));
  board.stage(board.image("thermostat-2.0", "2.0.0"));
  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("app: thermostat 2.0.0 slot=0 ready"));
  const auto trial = board.ask(smp::NodeTrialRequest{});
  REQUIRE(trial);
  CHECK(trial->on_test);
  CHECK(trial->deadline_ms == 3000);
  const auto health = board.ask(smp::NodeHealthRequest{});
  REQUIRE(health);
  CHECK(health->self_test == "passed");
  REQUIRE(board.wait_for_log("action=reverted"));
  REQUIRE(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"));
  const auto log = board.ask(smp::FileDownloadRequest{.name = "/log"});
  REQUIRE(log);
  CHECK(as_text(log->data).find("app: thermostat 2.0.0 slot=0 ready") != std::string_view::npos);
}

TEST_CASE("what a firmware said before the watchdog reset it can be downloaded from the one that came back") {
  Board board;
  board.start_with_version_1();
  board.stage(board.image("thermostat-2.1-hang", "2.1.0"));
  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("action=reverted"));
  REQUIRE(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"));
  const auto log = board.ask(smp::FileDownloadRequest{.name = "/log"});
  REQUIRE(log);
  const std::string_view text = as_text(log->data);
  CHECK(text.find("app: thermostat 2.1.0 slot=0 serial=SN-RIG starting") != std::string_view::npos);
  CHECK(text.find("watchdog: no kick in time") != std::string_view::npos);
}

TEST_CASE("a feature is switched by a setting, which outlives a power cut and an update") {
  Board board;
  board.start_with_version_1();
  REQUIRE(board.wait_for_log("heater=100 %"));  // the room is below its set point
  REQUIRE(board.ask(smp::SettingWriteRequest{.name = "feature/eco", .value = as_bytes("on")}));
  REQUIRE(board.wait_for_log("heater=0 %"));
  REQUIRE(board.ask(smp::SettingsSaveRequest{}));
  board.power_cut();
  board.power_on();
  REQUIRE(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"));
  board.stage(board.image("thermostat-2.0", "2.0.0"));
  REQUIRE(board.ask(smp::ResetRequest{}));
  REQUIRE(board.wait_for_log("app: thermostat 2.0.0 slot=0 ready"));
  const auto eco = board.ask(smp::SettingReadRequest{.name = "feature/eco"});
  REQUIRE(eco);
  CHECK(as_text(eco->value) == "on");
}

TEST_CASE("an image signed by somebody else is never run") {
  Board board;
  board.start_with_version_1();
  const PrivateKey stranger = *PrivateKey::generate();
  board.stage(board.image("thermostat-2.0", "2.0.0", &stranger));
  REQUIRE(board.ask(smp::ResetRequest{}));
  CHECK(board.wait_for_log("boot: image refused: signed by an unknown key"));
  CHECK(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"));
}

TEST_CASE("a board without a key or an image stays in the boot code and says why") {
  Board board;
  REQUIRE(FlashFile().save(board.flash()));
  board.power_on();
  CHECK(board.wait_for_log("boot: halted: no valid key page"));
}

TEST_CASE("a power cut between two firmwares' work loses nothing that was confirmed") {
  Board board;
  board.start_with_version_1();
  board.power_cut();
  board.power_on();
  CHECK(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"));
  CHECK(board.ask(smp::EchoRequest{.text = "back"}));
}

std::uint64_t stores_counted(const std::filesystem::path& file) {
  const auto bytes = read_file(file);
  REQUIRE(bytes);
  ByteReader reader(*bytes);
  return reader.u64le();
}

TEST_CASE("power cut at stores all through a swap: the next boot finishes it, and the old image is there to revert to") {
  Board board;
  board.start_with_version_1();
  board.stage(board.image("thermostat-2.0", "2.0.0"));
  board.power_cut();
  const auto staged = read_file(board.flash());
  REQUIRE(staged);

  const std::string plugin = fmt::format("{}/../lib/libpower_cut.so,base={},size={},count={}", LOCKSTEP_BIN_DIR,
                                         an385.flash_base, flash_geometry.size, (board.folder() / "count").string());
  board.power_on({"-plugin", plugin});
  REQUIRE(board.wait_for_log("app: thermostat 2.0.0 slot=0 ready"));
  board.power_cut();
  const std::uint64_t stores = stores_counted(board.folder() / "count");
  REQUIRE(stores > 10'000);  // two images of more than 32 KiB changed places

  // The first and last stores are those of the trailers, where every one counts; between them a sample.
  std::vector<std::uint64_t> cuts{1, 2, stores - 2, stores - 1, stores};
  for (std::uint64_t part = 1; part < 8; part += 2) cuts.push_back(stores * part / 8 + part);
  for (const std::uint64_t cut : cuts) {
    CAPTURE(cut);
    CAPTURE(stores);
    REQUIRE(write_file(board.flash(), *staged));
    board.power_on({"-plugin", fmt::format("{},cut={}", plugin, cut)});
    REQUIRE(board.wait_for_power_loss(std::chrono::seconds(60)));
    board.power_on();
    // The last store of all says that the test boot is done; a reset behind it reverts, as any without confirmation.
    if (cut < stores) {
      if (cut > stores / 8) REQUIRE_MESSAGE(board.wait_for_log("boot: finished a swap that a power cut"), board.log());
      REQUIRE_MESSAGE(board.wait_for_log("app: thermostat 2.0.0 slot=0 ready"), board.log());
      REQUIRE(board.ask(smp::ResetRequest{}));
    }
    REQUIRE_MESSAGE(board.wait_for_log("action=reverted"), board.log());
    REQUIRE_MESSAGE(board.wait_for_log("app: thermostat 1.0.0 slot=0 ready"), board.log());
    board.power_cut();
  }
}

TEST_CASE("a second board on the same flash is refused while the first one runs") {
  Board board;
  board.start_with_version_1();
  const auto locked = lock_flash(board.flash());
  REQUIRE(!locked);
  CHECK(locked.error().kind == ErrorKind::conflict);
  board.power_cut();
  const auto free = lock_flash(board.flash());
  REQUIRE(free);
  ::close(*free);
}

TEST_CASE("a board goes with the process that started it") {
  Board board;
  board.make(board.image("thermostat-1.0", "1.0.0"));
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t parent = ::fork();
  REQUIRE(parent >= 0);
  if (parent == 0) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(pipe_ends[0]);
      ::close(pipe_ends[1]);
      ::execl(LOCKSTEP_BIN_DIR "/lockstep-board", "lockstep-board", "start", "--flash", board.flash().c_str(), "--uart0",
              (board.folder() / "orphan").c_str(), "--boot", LOCKSTEP_CORTEX_M_DIR "/bin/boot.elf", nullptr);
      ::_exit(127);
    }
    (void)!::write(pipe_ends[1], &child, sizeof child);
    ::pause();
    ::_exit(0);
  }
  pid_t child = -1;
  REQUIRE(::read(pipe_ends[0], &child, sizeof child) == sizeof child);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
  const auto socket = board.folder() / "orphan";
  for (int tries = 0; tries < 6000 && !std::filesystem::exists(socket); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  REQUIRE(std::filesystem::exists(socket));

  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  // Its flash is free again only when it is gone.
  const auto free = lock_flash(board.flash());
  CHECK(free);
  if (free) ::close(*free);
}

}  // namespace
}  // namespace lockstep::board
