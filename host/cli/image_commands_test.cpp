#include "host/base/crypto.hpp"
#include "host/cli/program_test.hpp"
#include "host/delta/patch.hpp"

namespace lockstep::cli {
namespace {

using namespace test;

const std::string vectors = LOCKSTEP_SOURCE_DIR "/protocols/mcuboot/vectors/";

// A folder with a key pair and a payload.
struct Desk {
  Desk() {
    REQUIRE(run(dir, {"key", "new", "lab"}).exit_code == 0);
    REQUIRE(write_file(dir / "app.bin", std::string(3000, 'p')));
  }
  Run sign(std::vector<std::string> more = {}) {
    std::vector<std::string> words{"image",     "sign",  "app.bin", "--key",         "lab.pem",
                                   "--version", "1.2.3", "-o",      "app.signed.bin"};
    words.insert(words.end(), more.begin(), more.end());
    return run(dir, words);
  }
  TempDir dir;
};

TEST_CASE("what image sign writes, image verify believes and image show explains") {
  Desk desk;
  const Run made = desk.sign({"--security-counter", "7", "--vendor", "example.com", "--class", "thermostat",
                              "--depends", "1:2.0.0+9", "--json"});
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  CHECK(made.text("sha256") == sha256_file(desk.dir / "app.signed.bin")->hex());

  const Run verified = run(desk.dir, {"image", "verify", "app.signed.bin", "--key", "lab.pub.pem", "--json"});
  CHECK(verified.exit_code == 0);
  CHECK(verified.text("image_hash") == made.text("image_hash"));
  CHECK(verified.text("key_file") == "lab.pub.pem");
  CHECK(verified.text("signed_by") == run(desk.dir, {"key", "show", "lab.pem", "--json"}).text("id"));

  const Run shown = run(desk.dir, {"image", "show", "app.signed.bin", "--json"});
  CHECK(shown.exit_code == 0);
  CHECK(shown.text("version") == "1.2.3");
  CHECK(*json_integer(shown.document(), "security_counter") == 7);
  CHECK(*json_integer(shown.document(), "header_size") == 512);
  CHECK(*json_integer(shown.document(), "payload_size") == 3000);
  CHECK(shown.text("vendor_id") == "cfbff0d1-9375-5685-968c-48ce8b15ae17");  // as imgtool --vid example.com
  const Run for_people = run(desk.dir, {"image", "show", "app.signed.bin"});
  CHECK(for_people.out.find("version           1.2.3\n") != std::string::npos);
  CHECK(for_people.out.find("image 1 of at least 2.0.0+9") != std::string::npos);
  CHECK(for_people.says("hash and signature were not checked"));
}

TEST_CASE("an image can revoke another key, never the one that signs it") {
  Desk desk;
  REQUIRE(run(desk.dir, {"key", "new", "old"}).exit_code == 0);
  const Run made = desk.sign({"--revoke", "old.pub.pem"});
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  const std::string id = run(desk.dir, {"key", "show", "old.pem", "--json"}).text("id");
  CHECK(run(desk.dir, {"image", "show", "app.signed.bin", "--json"}).text("revoked_key") == id);
  CHECK(run(desk.dir, {"image", "show", "app.signed.bin"}).out.find("revokes key") != std::string::npos);

  const Run own = desk.sign({"--revoke", "lab.pub.pem", "--force"});
  CHECK(own.exit_code == 1);
  CHECK(own.says("lab.pub.pem is the key that signs this image"));
  CHECK(run(desk.dir, {"image", "show", "app.signed.bin", "--json"}).text("revoked_key") == id);
}

TEST_CASE("images by imgtool are believed under its key, among several keys") {
  Desk desk;
  const Run verified = run(desk.dir, {"image", "verify", vectors + "full.bin", "--key", "lab.pub.pem",
                                      "--key", vectors + "imgtool.pub.pem", "--json"});
  CHECK(verified.exit_code == 0);
  CHECK(verified.text("key_file") == vectors + "imgtool.pub.pem");
  const Run other = run(desk.dir, {"image", "verify", vectors + "full.bin", "-k", "lab.pub.pem"});
  CHECK(other.exit_code == 1);
  CHECK(other.says("full.bin: the image is not signed by any of the given keys\n  next: compare the key id"));
}

TEST_CASE("a damaged, cut or padded image is a no that says why") {
  Desk desk;
  REQUIRE(desk.sign().exit_code == 0);
  const Buffer good = *read_file(desk.dir / "app.signed.bin");
  const auto verdict = [&](const Buffer& image) {
    REQUIRE(write_file(desk.dir / "x.bin", image));
    const Run verified = run(desk.dir, {"image", "verify", "x.bin", "--key", "lab.pub.pem"});
    CHECK(verified.exit_code == 1);
    CHECK(verified.out.empty());
    return verified.err;
  };
  Buffer changed = good;
  changed[1000] ^= std::byte{1};
  CHECK(verdict(changed).find("lockstep: x.bin: the hash in the image is not the hash of its bytes") == 0);
  changed = good;
  changed.back() ^= std::byte{1};
  CHECK(verdict(changed).find("the signature is wrong") != std::string::npos);
  changed = good;
  changed.resize(good.size() - 1);
  CHECK(verdict(changed).find("the file ends before the image does") != std::string::npos);
  changed = good;
  changed.resize(good.size() + 5, std::byte{0xff});
  CHECK(verdict(changed).find("5 bytes follow the end of the image") != std::string::npos);
  CHECK(verdict({}).find("the file ends before the image does") != std::string::npos);
  CHECK(verdict(Buffer(100)).find("this is no MCUboot image") != std::string::npos);
}

TEST_CASE("with --json a no is one document, too") {
  Desk desk;
  const Run verified = run(desk.dir, {"image", "verify", "app.bin", "--key", "lab.pub.pem", "--json"});
  CHECK(verified.exit_code == 1);
  const json::object document = verified.document();
  const auto error = json_object(document, "error");
  REQUIRE(error);
  CHECK(*json_text(**error, "kind") == "refused");
  CHECK(json_text(**error, "what")->starts_with("app.bin: "));
  CHECK(json_text(**error, "next"));
}

TEST_CASE("image sign keeps what is there, and signs nothing twice") {
  Desk desk;
  REQUIRE(desk.sign().exit_code == 0);
  const auto before = *sha256_file(desk.dir / "app.signed.bin");
  const Run again = desk.sign({"--security-counter", "1"});
  CHECK(again.exit_code == 1);
  CHECK(again.says("app.signed.bin exists already"));
  CHECK(*sha256_file(desk.dir / "app.signed.bin") == before);
  CHECK(desk.sign({"--security-counter", "1", "--force"}).exit_code == 0);
  CHECK(*sha256_file(desk.dir / "app.signed.bin") != before);

  const Run twice =
      run(desk.dir, {"image", "sign", "app.signed.bin", "--key", "lab.pem", "--version", "1", "-o", "b.bin"});
  CHECK(twice.exit_code == 1);
  CHECK(twice.says("is an MCUboot image already (version 1.2.3)"));
  CHECK(!std::filesystem::exists(desk.dir / "b.bin"));
}

TEST_CASE("signing gives the same bytes every time") {
  Desk desk;
  REQUIRE(desk.sign().exit_code == 0);
  const auto first = *sha256_file(desk.dir / "app.signed.bin");
  REQUIRE(desk.sign({"--force"}).exit_code == 0);
  CHECK(*sha256_file(desk.dir / "app.signed.bin") == first);
}

TEST_CASE("wrong values are wrong usage and leave no file") {
  Desk desk;
  const std::vector<std::vector<std::string>> wrong{{"--header-size", "30"},
                                                    {"--header-size", "513"},
                                                    {"--header-size", "x"},
                                                    {"--header-size", "65536"},
                                                    {"--depends", "1"},
                                                    {"--depends", "1.2:1.0"},
                                                    {"--depends", "256:1"},
                                                    {"--security-counter", "-1"},
                                                    {"--security-counter", "4294967296"},
                                                    {"--version", "1.2.3.4"},
                                                    {"--nonsense"}};
  for (const auto& words : wrong) {
    CAPTURE(words.back());
    const Run refused = desk.sign(words);
    CHECK(refused.exit_code == 2);
    CHECK(refused.says("  next: lockstep image sign --help"));
    CHECK(!std::filesystem::exists(desk.dir / "app.signed.bin"));
  }
  const Run no_vendor = desk.sign({"--class", "thermostat"});
  CHECK(no_vendor.exit_code == 1);
  CHECK(no_vendor.says("pass --vendor"));
}

TEST_CASE("missing and wrong files are named") {
  Desk desk;
  const Run no_key =
      run(desk.dir, {"image", "sign", "app.bin", "--key", "none.pem", "--version", "1", "-o", "b.bin"});
  CHECK(no_key.exit_code == 1);
  CHECK(no_key.says("cannot read none.pem: No such file"));
  const Run public_key =
      run(desk.dir, {"image", "sign", "app.bin", "--key", "lab.pub.pem", "--version", "1", "-o", "b.bin"});
  CHECK(public_key.says("lab.pub.pem: this is a public key where a private key is wanted"));
  const Run private_key = run(desk.dir, {"image", "verify", "app.bin", "--key", "lab.pem"});
  CHECK(private_key.says("lab.pem: this is a private key where a public key is wanted"));
  const Run no_folder =
      run(desk.dir, {"image", "sign", "app.bin", "--key", "lab.pem", "--version", "1", "-o", "no/b.bin"});
  CHECK(no_folder.exit_code == 1);
  CHECK(no_folder.says("cannot write no/b.bin: No such file or directory"));
}

TEST_CASE("a file name cannot steer the terminal") {
  Desk desk;
  const Run shown = run(desk.dir, {"image", "show", "\x1b[2J"});
  CHECK(shown.exit_code == 1);
  CHECK(shown.err.find('\x1b') == std::string::npos);
}

TEST_CASE("image delta makes a patch that is applied as a whole or not at all") {
  Desk desk;
  REQUIRE(desk.sign().exit_code == 0);
  REQUIRE(write_file(desk.dir / "app.bin", std::string(2900, 'p') + std::string(300, 'q')));
  REQUIRE(run(desk.dir, {"image", "sign", "app.bin", "--key", "lab.pem", "--version", "1.3.0", "-o", "new.bin"})
              .exit_code == 0);
  const Run made = run(desk.dir, {"image", "delta", "app.signed.bin", "new.bin", "-o", "p.vcdiff", "--json"});
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  CHECK(made.text("sha256") == sha256_file(desk.dir / "p.vcdiff")->hex());
  const Buffer base = *read_file(desk.dir / "app.signed.bin"), patch = *read_file(desk.dir / "p.vcdiff");
  CHECK(*json_integer(made.document(), "size") == static_cast<std::int64_t>(patch.size()));
  CHECK(patch.size() < 500);
  const auto applied = delta::apply_patch(base, patch);
  REQUIRE(applied);
  CHECK(*applied == *read_file(desk.dir / "new.bin"));

  const Run again = run(desk.dir, {"image", "delta", "app.signed.bin", "new.bin", "-o", "p.vcdiff"});
  CHECK(again.exit_code == 1);
  CHECK(again.says("--force"));
  const Run bare = run(desk.dir, {"image", "delta", "app.bin", "new.bin", "-o", "q.vcdiff"});
  CHECK(bare.exit_code == 1);
  CHECK(bare.says("app.bin: "));
  CHECK(run(desk.dir, {"image", "delta", "app.signed.bin", "-o", "q.vcdiff"}).exit_code == 2);
}

}  // namespace
}  // namespace lockstep::cli
