#include "host/store/artefacts.hpp"

#include <fstream>

#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/store/store_test_support.hpp"

using namespace lockstep;
using namespace lockstep::store;
using namespace lockstep::store::testing;

namespace fs = std::filesystem;

namespace {

// SHA-256 of "abc": FIPS 180-4, example of one block.
const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

}  // namespace

TEST_CASE("an artefact is found by the digest of its bytes, at a place that a person can find") {
  TempDir dir;
  Artefacts artefacts(dir.path());
  const Artefact kept = must(artefacts.put(as_bytes("abc")));
  CHECK(kept.digest == abc);
  CHECK(kept.size == 3);
  CHECK(must(artefacts.get_text(abc)) == "abc");
  CHECK(fs::is_regular_file(dir.path() / "sha256" / abc.substr(0, 2) / abc.substr(2)));
  CHECK(must(artefacts.verified_path(abc)) == dir.path() / "sha256" / "ba" / abc.substr(2));
  CHECK(artefacts.contains(abc));

  must(write_file(dir / "file", "abc"));
  CHECK(must(artefacts.put_file(dir / "file")).digest == abc);
  CHECK(must(artefacts.put({})).size == 0);
}

TEST_CASE("one flipped bit in an artefact is refused by every read and found by the audit; putting it again cures it") {
  TempDir dir;
  Artefacts artefacts(dir.path());
  must(artefacts.put(as_bytes("abc")));
  must(artefacts.put(as_bytes("other")));
  CHECK(must(artefacts.damaged()).empty());
  const fs::path path = must(artefacts.verified_path(abc));
  fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
  std::ofstream(path) << "abb";

  const auto read = artefacts.get(abc);
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == ErrorKind::invalid);
  CHECK(read.error().what.starts_with("artefact " + abc + " is damaged"));
  CHECK_FALSE(artefacts.verified_path(abc));
  CHECK(must(artefacts.damaged()) == std::vector<std::string>{abc});

  must(artefacts.put(as_bytes("abc")));
  CHECK(must(artefacts.get_text(abc)) == "abc");
  CHECK(must(artefacts.damaged()).empty());
}

TEST_CASE("what is missing, too large or no digest is refused") {
  TempDir dir;
  Artefacts artefacts(dir.path());
  must(artefacts.put(as_bytes("abc")));
  CHECK(artefacts.get(digest_of('0')).error().kind == ErrorKind::not_found);
  CHECK(artefacts.verified_path(digest_of('0')).error().kind == ErrorKind::not_found);
  CHECK(artefacts.get(abc, 2).error().kind == ErrorKind::invalid);
  CHECK(artefacts.put_file(dir / "nothing").error().kind == ErrorKind::not_found);
  for (const std::string& wrong : {std::string(), std::string("../../etc/passwd"), std::string(64, '/'), std::string(64, 'A')}) {
    CAPTURE(wrong);
    CHECK(artefacts.get(wrong).error().kind == ErrorKind::invalid);
    CHECK_FALSE(artefacts.contains(wrong));
  }
}

TEST_CASE("the unfinished copy of a killed process is no artefact") {
  TempDir dir;
  Artefacts artefacts(dir.path());
  must(artefacts.put(as_bytes("abc")));
  std::ofstream(dir.path() / "sha256" / "ba" / ".7816.tmp") << "ab";
  CHECK(must(artefacts.damaged()).empty());
}
