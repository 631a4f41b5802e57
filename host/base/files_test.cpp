#include "host/base/files.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include "host/base/temp_dir.hpp"

namespace lockstep {
namespace {

namespace fs = std::filesystem;

unsigned mode_of(const fs::path& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777u;
}

std::size_t entries(const TempDir& dir) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()));
}

TEST_CASE("a file is read back as it was written") {
  TempDir dir;
  const std::string text(100'000, 'x');
  REQUIRE(write_file(dir / "f", text));
  CHECK(*read_text_file(dir / "f") == text);
  REQUIRE(write_file(dir / "f", ""));
  CHECK(read_file(dir / "f")->empty());
  CHECK(entries(dir) == 1);  // no temporary file stays
}

TEST_CASE("reading says what is wrong and where") {
  TempDir dir;
  CHECK(read_file(dir / "none").error().kind == ErrorKind::not_found);
  CHECK(read_file(dir / "none").error().what.find("/none: No such file") != std::string::npos);
  CHECK(read_file(dir.path()).error().kind == ErrorKind::invalid);
  REQUIRE(write_file(dir / "f", "12345"));
  CHECK(read_file(dir / "f", 5));
  CHECK(read_file(dir / "f", 4).error().what.find("larger than 4 bytes") != std::string::npos);
  CHECK(read_file("/dev/zero", 1000).error().kind == ErrorKind::invalid);  // endless
}

TEST_CASE("permissions are what was asked for, whatever the umask and an older file say") {
  TempDir dir;
  const mode_t before = ::umask(0077);
  REQUIRE(write_file(dir / "open", "x", {.mode = 0644}));
  ::umask(0);
  REQUIRE(write_file(dir / "secret", "x", {.mode = 0600}));
  REQUIRE(write_file(dir / "open", "secret now", {.mode = 0600}));
  ::umask(before);
  CHECK(mode_of(dir / "secret") == 0600);
  CHECK(mode_of(dir / "open") == 0600);
}

TEST_CASE("an existing file is kept when replacing was not allowed") {
  TempDir dir;
  REQUIRE(write_file(dir / "f", "old"));
  const auto outcome = write_file(dir / "f", "new", {.replace = false});
  REQUIRE(!outcome);
  CHECK(outcome.error().kind == ErrorKind::conflict);
  CHECK(*read_text_file(dir / "f") == "old");
  CHECK(entries(dir) == 1);
  REQUIRE(write_file(dir / "g", "new", {.replace = false}));
  CHECK(*read_text_file(dir / "g") == "new");
}

TEST_CASE("a failed write leaves the old file and nothing else") {
  TempDir dir;
  CHECK(write_file(dir / "no/such/folder", "x").error().kind == ErrorKind::not_found);
  REQUIRE(make_folders(dir / "taken/inside"));
  CHECK(!write_file(dir / "taken", "x"));
  CHECK(fs::is_directory(dir / "taken"));
  CHECK(entries(dir) == 1);
}

TEST_CASE("a link stays a link, and a device is written to, not replaced") {
  TempDir dir;
  REQUIRE(write_file(dir / "real", "old"));
  fs::create_symlink("real", dir / "link");
  REQUIRE(write_file(dir / "link", "new"));
  CHECK(fs::is_symlink(dir / "link"));
  CHECK(*read_text_file(dir / "real") == "new");
  REQUIRE(write_file("/dev/null", "x"));
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("a reader meanwhile sees the old file or the new one, never a part") {
  TempDir dir;
  const std::string a(300'000, 'a'), b(300'000, 'b');
  REQUIRE(write_file(dir / "f", a));
  const pid_t writer = ::fork();
  if (writer == 0) {
    for (int i = 0; i < 50; ++i)
      if (!write_file(dir / "f", i % 2 ? a : b)) ::_exit(1);
    ::_exit(0);
  }
  int status = 0, reads = 0;
  while (::waitpid(writer, &status, WNOHANG) == 0) {
    const auto text = read_text_file(dir / "f");
    REQUIRE(text);
    CHECK((*text == a || *text == b));
    ++reads;
  }
  CHECK(status == 0);
  CHECK(reads > 0);
}

// A child that replaces the file for ever, and dies of the first SIGINT or SIGTERM as a program does
// (doctest's own handlers, which a fork inherits, would go on).
pid_t start_writer(const fs::path& path, const std::string& a, const std::string& b) {
  sigset_t both, before;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &both, &before);
  const pid_t writer = ::fork();
  if (writer == 0) {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    ::pthread_sigmask(SIG_UNBLOCK, &both, nullptr);
    for (int i = 0;; ++i) (void)write_file(path, i % 2 ? a : b);
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return writer;
}

TEST_CASE("a process that is interrupted while it writes leaves whole files and no temporary ones") {
  TempDir dir;
  const std::string a(200'000, 'a'), b(200'000, 'b');
  REQUIRE(write_file(dir / "f", a));
  for (int round = 0; round < 20; ++round) {
    const pid_t writer = start_writer(dir / "f", a, b);
    ::usleep(static_cast<useconds_t>(2000 + round * 700));
    ::kill(writer, round % 2 ? SIGINT : SIGTERM);
    int status = 0;
    ::waitpid(writer, &status, 0);
    CHECK(WIFSIGNALED(status));
    const auto text = read_text_file(dir / "f");
    REQUIRE(text);
    CHECK((*text == a || *text == b));
    CHECK(entries(dir) == 1);
  }
}

TEST_CASE("folders are made with those above them, once") {
  TempDir dir;
  REQUIRE(make_folders(dir / "a/b/c", 0700));
  CHECK(mode_of(dir / "a/b/c") == 0700);
  REQUIRE(make_folders(dir / "a/b/c"));
  REQUIRE(write_file(dir / "file", "x"));
  CHECK(make_folders(dir / "file/sub").error().kind == ErrorKind::conflict);
}

TEST_CASE("a temporary folder goes away with all that is in it") {
  fs::path path;
  {
    TempDir dir;
    path = dir.path();
    CHECK(mode_of(path) == 0700);
    REQUIRE(make_folders(dir / "a/b"));
  }
  CHECK(!fs::exists(path));
}

}  // namespace
}  // namespace lockstep
