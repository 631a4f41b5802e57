#include "device/agent/files.hpp"

#include <doctest/doctest.h>

#include <string>

#include "device/agent/test_node.hpp"
#include "host/base/text.hpp"
#include "protocols/smp/file_group.hpp"

using namespace lockstep;
using namespace lockstep::agent;
using namespace lockstep::agent::testing;
using smp::Rc;
using smp::ServerError;

namespace {

struct Fresh {
  explicit Fresh(std::size_t log_size = 4096) : memory(log_size) { node.platform.log_ring_ = &log; }

  // Follows the device until the end; `between` runs before each further chunk.
  template <class Between>
  ServerError download(std::string_view name, std::string& text, Between between) {
    text.clear();
    std::uint64_t length = 1;
    while (text.size() < length) {
      const auto chunk = node.ask(smp::FileDownloadRequest{.offset = text.size(), .name = name});
      if (!chunk.reply) return chunk.error;
      CHECK(chunk.reply->offset == text.size());
      CHECK(chunk.reply->length.has_value() == text.empty());
      if (text.empty()) length = *chunk.reply->length;
      REQUIRE_FALSE((chunk.reply->data.empty() && length > 0));
      text += as_text(chunk.reply->data);
      between();
    }
    return {};
  }
  ServerError download(std::string_view name, std::string& text) {
    return download(name, text, [] {});
  }

  Board board;
  TestNode node{board};
  Buffer memory;
  LogRing log{memory};
};

ServerError file_error(std::int32_t rc) { return {smp::group::file, rc}; }

}  // namespace

// Bytes by hand from Zephyr's "File management" and RFC 8949: "/log", which holds "hi\n".
TEST_CASE("a file is downloaded byte for byte as the specification has it") {
  Fresh f;
  f.log.line("hi");
  const auto exchange = [&](std::string_view request) { return to_hex(f.node.server.handle(*from_hex(request))); };
  CHECK(exchange("08000010" "00080100" "a2636f6666" "00" "646e616d65" "642f6c6f67") ==
        "09000019" "00080100" "bf62726300" "636f666600" "6464617461" "4368690a" "636c656e03" "ff");
  CHECK(exchange("0800000b" "00080201" "a1646e616d65" "642f6c6f67") == "0900000b" "00080201" "bf62726300" "636c656e03" "ff");
  CHECK(exchange("0a000001" "00080304" "a0") == "0b000006" "00080304" "bf62726300ff");
}

TEST_CASE("a log of many chunks arrives whole, as it was when the download began") {
  Fresh f;
  std::string expected;
  for (int i = 0; i < 150; ++i) {
    f.log.line("line " + std::to_string(i));
    expected += "line " + std::to_string(i) + "\n";
  }
  f.node.platform.limits_.buffer_size = 120;
  std::string text;
  CHECK_FALSE(f.download("/log", text, [&] { f.log.line("meanwhile"); }));
  CHECK(text == expected);
  CHECK_FALSE(f.download("/log", text));
  CHECK(text == expected + [] {
    std::string more;
    for (int i = 0; i < 22; ++i) more += "meanwhile\n";
    return more;
  }().substr(0, text.size() - expected.size()));
}

TEST_CASE("a download that the log overtakes is refused as changed, and can be begun anew") {
  Fresh f(600);
  for (int i = 0; i < 100; ++i) f.log.line("line " + std::to_string(i));
  f.node.platform.limits_.buffer_size = 100;
  std::string text;
  CHECK(f.download("/log", text, [&] { f.log.line(std::string(200, 'x')); }) == file_error(11));
  CHECK_FALSE(f.download("/log", text));
  CHECK(text.ends_with("x\n"));
}

TEST_CASE("a download that a reset interrupted begins anew, instead of mixing two files") {
  Fresh f;
  f.log.line("before the reset");
  CHECK(f.node.ask(smp::FileDownloadRequest{.offset = 5, .name = "/log"}).error == file_error(11));
  REQUIRE(f.node.ask(smp::FileDownloadRequest{.offset = 0, .name = "/log"}).reply);
  CHECK(f.node.ask(smp::FileDownloadRequest{.offset = 5, .name = "/health"}).error == file_error(11));
  CHECK(as_text(f.node.ask(smp::FileDownloadRequest{.offset = 7, .name = "/log"}).reply->data) == "the reset\n");
  REQUIRE(f.node.ask(smp::FileCloseRequest{}).reply);
  CHECK(f.node.ask(smp::FileDownloadRequest{.offset = 7, .name = "/log"}).error == file_error(11));
}

TEST_CASE("the health is a file for people") {
  Fresh f;
  std::string text;
  CHECK_FALSE(f.download("/health", text));
  CHECK(text == "healthy: yes\nself-test: passed\ndetail: well\n");
  const std::string detail(500, 'd');
  f.node.platform.health_ = {.healthy = false, .detail = detail};
  CHECK_FALSE(f.download("/health", text));
  CHECK(text.starts_with("healthy: no\nself-test: passed\ndetail: dddd"));
  CHECK(text.ends_with("d\n"));
}

TEST_CASE("the hash is that of the download under way, or of a part of the file") {
  Fresh f;
  f.log.line("hello");
  std::string text;
  CHECK_FALSE(f.download("/log", text));
  f.log.line("later");
  const auto whole = f.node.ask(smp::FileHashRequest{.name = "/log"});
  REQUIRE(whole.reply);
  CHECK(whole.reply->type == "sha256");
  CHECK(whole.reply->length == 6);
  CHECK(to_buffer(whole.reply->output) == to_buffer(Sha256::of(as_bytes(text)).bytes()));
  const auto part = f.node.ask(smp::FileHashRequest{.name = "/log", .type = "sha256", .offset = 1, .length = 3});
  REQUIRE(part.reply);
  CHECK(part.reply->offset == 1);
  CHECK(part.reply->length == 3);
  CHECK(to_buffer(part.reply->output) == to_buffer(Sha256::of(as_bytes("ell")).bytes()));
  REQUIRE(f.node.ask(smp::FileCloseRequest{}).reply);
  CHECK(f.node.ask(smp::FileHashRequest{.name = "/log"}).reply->length == 12);
  CHECK(f.node.ask(smp::FileStatusRequest{.name = "/log"}).reply->length == 12);
}

TEST_CASE("each refusal of the files has its code") {
  Fresh f;
  const auto get = [&](std::string_view name, std::uint64_t offset = 0) {
    return f.node.ask(smp::FileDownloadRequest{.offset = offset, .name = name}).error;
  };
  CHECK(get("") == file_error(2));
  CHECK(get("log") == file_error(2));
  CHECK(get("/" + std::string(31, 'x')) == file_error(2));
  CHECK(get("/passwords") == file_error(3));
  CHECK_FALSE(get("/log"));
  CHECK(get("/log", 1) == file_error(12));
  CHECK(get("/log", ~std::uint64_t{0}) == file_error(12));
  CHECK(f.node.ask(smp::FileStatusRequest{.name = "/x"}).error == file_error(3));
  CHECK(f.node.ask(smp::FileHashRequest{.name = "/x"}).error == file_error(3));
  CHECK(f.node.ask(smp::FileHashRequest{.name = "/log"}).error == file_error(16));
  f.log.line("text");
  REQUIRE(f.node.ask(smp::FileCloseRequest{}).reply);
  CHECK(f.node.ask(smp::FileHashRequest{.name = "/log", .type = "crc32"}).error == file_error(13));
  CHECK(f.node.ask(smp::FileHashRequest{.name = "/log", .offset = 5}).error == file_error(12));
  f.node.platform.with_crypto_ = false;
  CHECK(f.node.ask(smp::FileHashRequest{.name = "/log"}).error == file_error(13));
  // An upload of Zephyr's clients: {"off": 0, "data": h'00', "name": "/log", "len": 1}
  const auto refused = smp::decode_message(
      f.node.server.handle(*from_hex("0a00001c" "00080000" "a4636f666600" "64646174614100" "646e616d65642f6c6f67" "636c656e01")));
  REQUIRE(refused);
  CHECK(*smp::decode_server_error(refused->body) == file_error(15));
  // In version 1.
  CHECK(f.node.ask(smp::FileStatusRequest{.name = "/x"}, smp::Version::v1).error.is(Rc::no_entry));
}

TEST_CASE("a device that keeps no log has no such file") {
  Fresh f;
  f.node.platform.log_ring_ = nullptr;
  CHECK(f.node.ask(smp::FileDownloadRequest{.name = "/log"}).error == file_error(3));
  CHECK(f.node.ask(smp::FileDownloadRequest{.name = "/health"}).reply);
}
