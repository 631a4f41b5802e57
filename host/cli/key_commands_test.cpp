#include <sys/stat.h>

#include "host/base/crypto.hpp"
#include "host/cli/program_test.hpp"

namespace lockstep::cli {
namespace {

using namespace test;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777u;
}

TEST_CASE("key new makes a pair that belongs together, the private half for its owner only") {
  TempDir dir;
  const Run made = run(dir, {"key", "new", "lab", "--out", "keys/mine", "--json"});
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  CHECK(mode_of(dir / "keys/mine/lab.pem") == 0600);
  CHECK(mode_of(dir / "keys/mine/lab.pub.pem") == 0644);
  const auto secret = PrivateKey::load(dir / "keys/mine/lab.pem");
  const auto open = PublicKey::load(dir / "keys/mine/lab.pub.pem");
  REQUIRE(secret);
  REQUIRE(open);
  CHECK(secret->public_key() == *open);
  CHECK(made.text("id") == open->id().hex());
  CHECK(made.text("private_key") == "keys/mine/lab.pem");
}

TEST_CASE("key new keeps what is there unless told to replace it") {
  TempDir dir;
  REQUIRE(run(dir, {"key", "new", "lab"}).exit_code == 0);
  const std::string before = *read_text_file(dir / "lab.pem");
  const Run again = run(dir, {"key", "new", "lab"});
  CHECK(again.exit_code == 1);
  CHECK(again.says("lockstep: ./lab.pem exists already\n  next: choose another name, or pass --force"));
  CHECK(*read_text_file(dir / "lab.pem") == before);

  std::filesystem::remove(dir / "lab.pem");  // half of a pair is in the way, too
  CHECK(run(dir, {"key", "new", "lab"}).exit_code == 1);
  CHECK(!std::filesystem::exists(dir / "lab.pem"));

  CHECK(run(dir, {"key", "new", "lab", "--force"}).exit_code == 0);
  CHECK(*read_text_file(dir / "lab.pem") != before);
}

TEST_CASE("key new refuses names that are no file names") {
  TempDir dir;
  for (const char* name : {"", ".", "../evil", "a/b", "-", "a b"}) {
    CAPTURE(name);
    const Run refused = run(dir, {"key", "new", "--", name});
    CHECK(refused.exit_code == 2);
  }
}

TEST_CASE("key show tells the id of both halves, and what a file is not") {
  TempDir dir;
  const std::string id = run(dir, {"key", "new", "lab", "--json"}).text("id");
  CHECK(run(dir, {"key", "show", "lab.pem", "--json"}).text("id") == id);
  const Run open = run(dir, {"key", "show", "lab.pub.pem", "--json"});
  CHECK(open.text("id") == id);
  CHECK(*json_bool(open.document(), "private") == false);
  CHECK(run(dir, {"key", "show", "lab.pem"}).out.find("BEGIN PRIVATE") == std::string::npos);

  REQUIRE(write_file(dir / "note.txt", "hello"));
  const Run mess = run(dir, {"key", "show", "note.txt"});
  CHECK(mess.exit_code == 1);
  CHECK(mess.says("lockstep: note.txt: this is no public key in PEM form"));
}

}  // namespace
}  // namespace lockstep::cli
