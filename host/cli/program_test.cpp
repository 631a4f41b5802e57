// What all commands have in common.
#include "host/cli/program_test.hpp"

#include <algorithm>
#include <cstdlib>

#include "host/cli/program.hpp"
#include "host/cli/progress.hpp"

namespace lockstep::cli {
namespace {

using namespace test;

TEST_CASE("help and version are answers") {
  TempDir dir;
  const Run help = run(dir, {"--help"});
  CHECK(help.exit_code == 0);
  CHECK(help.out.find("image") != std::string::npos);
  CHECK(help.err.empty());
  CHECK(run(dir, {"image", "sign", "--help"}).out.find("--security-counter") != std::string::npos);
  CHECK(run(dir, {"--version"}).out.starts_with("lockstep "));
}

TEST_CASE("wrong usage is exit code 2, and a mistyped word finds its meaning") {
  TempDir dir;
  const auto error = [&](const std::vector<std::string>& words) {
    const Run refused = run(dir, words);
    CHECK(refused.exit_code == 2);
    CHECK(refused.out.empty());
    return refused.err;
  };
  CHECK(error({}) == "lockstep: a command is missing\n  next: lockstep --help\n");
  CHECK(error({"image"}) == "lockstep: image: a command is missing\n  next: lockstep image --help\n");
  CHECK(error({"imgae", "show", "x"}) ==
        "lockstep: unknown command \"imgae\", did you mean image?\n  next: lockstep --help\n");
  CHECK(error({"image", "vefiry", "x"}).find("did you mean verify?") != std::string::npos);
  CHECK(error({"image", "verify", "x", "--kee", "y"}).find("unknown option \"--kee\", did you mean --key?") !=
        std::string::npos);
  CHECK(error({"image", "show"}).find("image show: file is required") != std::string::npos);
  CHECK(error({"image", "show", "a", "b"}).find("unexpected argument \"b\"") != std::string::npos);
}

TEST_CASE("wrong usage with --json is a document, wherever the flag stands") {
  TempDir dir;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"--json", "nonsense"},
                                                {"nonsense", "--json"},
                                                {"image", "show", "--json"}}) {
    const Run refused = run(dir, words);
    CHECK(refused.exit_code == 2);
    CHECK(json_object(refused.document(), "error"));
  }
}

TEST_CASE("an answer that cannot be written is a failure") {
  TempDir dir;
  REQUIRE(run(dir, {"key", "new", "lab"}).exit_code == 0);
  const std::string command =
      std::string(LOCKSTEP_BIN_DIR "/lockstep key show ") + (dir / "lab.pem").string();
  CHECK(WEXITSTATUS(std::system((command + " > /dev/full 2> " + (dir / "err").string()).c_str())) == 1);
  CHECK(read_text_file(dir / "err")->find("could not be written to stdout") != std::string::npos);
}

// A terminal whose streams are files.
struct Captured {
  Captured() : out(std::tmpfile()), err(std::tmpfile()), terminal(out, err) {}
  ~Captured() {
    std::fclose(out);
    std::fclose(err);
  }
  static std::string text(std::FILE* file) {
    std::fflush(file);
    std::rewind(file);
    std::string all(1 << 16, '\0');
    all.resize(std::fread(all.data(), 1, all.size(), file));
    return all;
  }
  std::FILE* out;
  std::FILE* err;
  Terminal terminal;
};

TEST_CASE("columns are as wide as their widest cell, by what is seen") {
  Table table({"NAME", "STATE"});
  table.row({"gr\xc3\xbc\xc3\x9f", "ok"});
  table.row({"longer-name"});
  table.row({"bad\x1b[0m", "x"});
  CHECK(table.text() ==
        "NAME         STATE\n"
        "gr\xc3\xbc\xc3\x9f         ok\n"
        "longer-name\n"
        "bad\\x1b[0m   x\n");
}

TEST_CASE("in a pipe progress is a line for every tenth") {
  Captured c;
  {
    Progress progress(c.terminal, "upload", 1000);
    for (std::uint64_t done = 0; done <= 1000; done += 5) progress.update(done);
    progress.say("resetting");
  }
  const std::string text = Captured::text(c.err);
  CHECK(text.find("upload: 10% (100 B of 1000 B)\n") == 0);
  CHECK(text.find("upload: 100% (1000 B of 1000 B)\nupload: resetting\n") != std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 11);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(Captured::text(c.out).empty());
}

// What was written to a terminal whose last writer has closed it. The kernel hands it over in pieces, when it likes.
std::string drained(int master) {
  std::string all;
  char piece[4096];
  for (ssize_t n = ::read(master, piece, sizeof piece); n > 0; n = ::read(master, piece, sizeof piece))
    all.append(piece, static_cast<std::size_t>(n));
  return all;
}

TEST_CASE("on a terminal progress is one line with a bar") {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(master >= 0);
  REQUIRE(::grantpt(master) == 0);
  REQUIRE(::unlockpt(master) == 0);
  std::FILE* err = ::fdopen(::open(::ptsname(master), O_RDWR | O_NOCTTY), "r+");
  REQUIRE(err);
  {
    Terminal terminal(stdout, err);
    REQUIRE(terminal.has_bar());
    Progress progress(terminal, "upload", 1000);
    for (std::uint64_t done = 0; done <= 1000; ++done) progress.update(done);
  }
  std::fclose(err);  // what was written stays to be read; then reading fails
  const std::string text = drained(master);
  ::close(master);
  CHECK(text.find("\r\x1b[Kupload [                              ] 0% (0 B of 1000 B)") == 0);
  CHECK(text.ends_with("upload [##############################] 100% (1000 B of 1000 B)\r\n"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);
  CHECK(text.size() < 2000);  // it does not draw a thousand times
}

TEST_CASE("--quiet drops progress and notes, not errors") {
  Captured c;
  c.terminal.set_quiet(true);
  {
    Progress progress(c.terminal, "upload", 10);
    progress.update(10);
    progress.say("done");
  }
  c.terminal.note("by the way");
  c.terminal.fail({ErrorKind::io, "it broke", "mend it"});
  CHECK(Captured::text(c.err) == "lockstep: it broke\n  next: mend it\n");
}

TEST_CASE("an unreachable device is exit code 3") {
  CHECK(exit_code(Error{ErrorKind::unreachable, "", ""}) == 3);
  CHECK(exit_code(Error{ErrorKind::refused, "", ""}) == 1);
}

}  // namespace
}  // namespace lockstep::cli
