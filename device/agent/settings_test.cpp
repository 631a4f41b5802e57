#include "device/agent/settings.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

#include "device/agent/test_node.hpp"
#include "host/base/text.hpp"
#include "protocols/smp/settings_group.hpp"

using namespace lockstep;
using namespace lockstep::agent;
using namespace lockstep::agent::testing;
using boot::CutFlash;
using boot::FlashErrc;
using boot::MemoryFlash;
using smp::Rc;
using smp::ServerError;

namespace {

struct Fresh {
  Board board;
  TestNode node{board};
};

Settings settings_on(boot::Flash& flash, const Board& board) {
  return Settings(boot::settings_area(flash, board.layout));
}

std::string value_of(Settings& settings, std::string_view name) {
  const auto value = settings.get(name);
  return value ? std::string(as_text(*value)) : "none";
}

// What a device finds after a reset.
std::string kept(Board& board, std::string_view name) {
  MemoryFlash flash = board.flash();
  Settings settings = settings_on(flash, board);
  return value_of(settings, name);
}

void put(Settings& settings, std::string_view name, std::string_view value) {
  REQUIRE(settings.set(name, as_bytes(value)));
  REQUIRE(settings.save());
}

ServerError settings_error(std::int32_t rc) { return {smp::group::settings, rc}; }

}  // namespace

// Bytes by hand from Zephyr's "Settings (Config) Management Group" and RFC 8949: name "a/b", value 31.
TEST_CASE("a setting is written, read and deleted byte for byte as the specification has it") {
  Fresh f;
  const auto exchange = [&](std::string_view request) { return to_hex(f.node.server.handle(*from_hex(request))); };
  CHECK(exchange("0a000010" "00030100" "a2646e616d6563612f626376616c4131") == "0b000006" "00030100" "bf62726300ff");
  CHECK(exchange("0800000a" "00030200" "a1646e616d6563612f62") == "0900000c" "00030200" "bf627263006376616c4131ff");
  CHECK(exchange("0a000001" "00030302" "a0") == "0b000006" "00030302" "bf62726300ff");
  CHECK(exchange("0a000001" "00030403" "a0") == "0b000006" "00030403" "bf62726300ff");
  CHECK(exchange("08000001" "00030503" "a0") == "09000006" "00030503" "bf62726300ff");
  CHECK(exchange("0a00000a" "00030601" "a1646e616d6563612f62") == "0b000006" "00030601" "bf62726300ff");
  CHECK(exchange("0800000a" "00030700" "a1646e616d6563612f62") ==
        "09000011" "00030700" "a163657272a26567726f75700362726303");  // err {group 3, rc 3: not found}
}

TEST_CASE("a write is in use at once, and is kept only by a save") {
  Fresh f;
  REQUIRE(f.node.ask(smp::SettingWriteRequest{.name = "room/name", .value = as_bytes("bath")}).reply);
  CHECK(as_text(f.node.ask(smp::SettingReadRequest{.name = "room/name"}).reply->value) == "bath");
  CHECK(kept(f.board, "room/name") == "none");
  REQUIRE(f.node.ask(smp::SettingsSaveRequest{}).reply);
  CHECK(kept(f.board, "room/name") == "bath");
}

TEST_CASE("a load goes back to what is kept") {
  Fresh f;
  REQUIRE(f.node.ask(smp::SettingWriteRequest{.name = "a", .value = as_bytes("1")}).reply);
  REQUIRE(f.node.ask(smp::SettingsSaveRequest{}).reply);
  REQUIRE(f.node.ask(smp::SettingWriteRequest{.name = "a", .value = as_bytes("2")}).reply);
  REQUIRE(f.node.ask(smp::SettingWriteRequest{.name = "b", .value = as_bytes("2")}).reply);
  REQUIRE(f.node.ask(smp::SettingsLoadRequest{}).reply);
  CHECK(as_text(f.node.ask(smp::SettingReadRequest{.name = "a"}).reply->value) == "1");
  CHECK(f.node.ask(smp::SettingReadRequest{.name = "b"}).error == settings_error(3));
}

TEST_CASE("a save of one group keeps that group alone, also when the log has to be rewritten") {
  Board board;
  MemoryFlash flash = board.flash();
  Settings settings = settings_on(flash, board);
  put(settings, "b", "old");
  for (int i = 0; i < 300; ++i) {  // more than one half holds
    REQUIRE(settings.set("a/x", as_bytes(std::to_string(i))));
    REQUIRE(settings.set("ab", as_bytes("never saved")));
    REQUIRE(settings.set("b", as_bytes("new")));
    REQUIRE(settings.save("a"));
    REQUIRE(kept(board, "a/x") == std::to_string(i));
    REQUIRE(kept(board, "ab") == "none");
    REQUIRE(kept(board, "b") == "old");
  }
  CHECK(value_of(settings, "ab") == "never saved");
}

TEST_CASE("a delete is for good, whether the value was saved, changed since, or never saved") {
  Board board;
  MemoryFlash flash = board.flash();
  Settings settings = settings_on(flash, board);
  put(settings, "saved", "1");
  put(settings, "changed", "1");
  REQUIRE(settings.set("changed", as_bytes("2")));
  REQUIRE(settings.set("never", as_bytes("1")));
  for (const std::string_view name : {"saved", "changed", "never"}) {
    CAPTURE(name);
    REQUIRE(settings.remove(name));
    CHECK(value_of(settings, name) == "none");
    CHECK(kept(board, name) == "none");
    CHECK(settings.remove(name).error() == SettingsErrc::not_found);
  }
}

TEST_CASE("sixteen settings of the greatest size fit, the seventeenth is refused") {
  for (const std::uint32_t align : {1u, 4u, 8u, 32u}) {
    CAPTURE(align);
    Board board(boot::Mode::swap, align);
    MemoryFlash flash = board.flash();
    Settings settings = settings_on(flash, board);
    const auto name = [](std::size_t i) { return std::string(29, 'n') + (i < 10 ? "0" : "") + std::to_string(i); };
    for (std::size_t round = 0; round < 5; ++round) {  // each rewrites the log
      for (std::size_t i = 0; i < Settings::max_settings; ++i) {
        REQUIRE(settings.set(name(i), as_bytes(std::string(32, char('a' + i + round)))));
      }
      CHECK(settings.set("one more", as_bytes("1")).error() == SettingsErrc::bad_name);  // a blank
      CHECK(settings.set("one-more", as_bytes("1")).error() == SettingsErrc::full);
      REQUIRE(settings.save());
      for (std::size_t i = 0; i < Settings::max_settings; ++i) {
        REQUIRE(kept(board, name(i)) == std::string(32, char('a' + i + round)));
      }
    }
  }
}

TEST_CASE("each refusal has its code") {
  Fresh f;
  const auto write = [&](std::string_view name, std::string_view value) {
    return f.node.ask(smp::SettingWriteRequest{.name = name, .value = as_bytes(value)}).error;
  };
  CHECK(write("", "1").is(Rc::invalid));
  CHECK(write("two words", "1").is(Rc::invalid));
  CHECK(write("line\n", "1").is(Rc::invalid));
  CHECK(write(std::string(32, 'x'), "1") == settings_error(2));
  CHECK(write("a", std::string(33, 'x')).is(Rc::message_size));
  CHECK(f.node.ask(smp::SettingReadRequest{.name = "a"}).error == settings_error(3));
  CHECK(f.node.ask(smp::SettingDeleteRequest{.name = "a"}).error == settings_error(3));
  CHECK(f.node.ask(smp::SettingsSaveRequest{.name = "a"}).error == settings_error(3));
  for (int i = 0; i < 16; ++i) CHECK_FALSE(write("s" + std::to_string(i), ""));
  CHECK(write("s16", "").is(Rc::no_memory));
  // In version 1, which has no groups.
  CHECK(f.node.ask(smp::SettingReadRequest{.name = "a"}, smp::Version::v1).error.is(Rc::no_entry));
  for (const std::string_view nothing_named : {"08000001" "00030000" "a0", "0a000001" "00030001" "a0"}) {
    const auto refused = smp::decode_message(f.node.server.handle(*from_hex(nothing_named)));
    CHECK(smp::decode_server_error(refused->body)->is(Rc::invalid));
  }
}

TEST_CASE("a client may ask for fewer bytes than the value has, and is told when it asks for more than is ever kept") {
  Fresh f;
  REQUIRE(f.node.ask(smp::SettingWriteRequest{.name = "a", .value = as_bytes("12345")}).reply);
  const auto few = f.node.ask(smp::SettingReadRequest{.name = "a", .max_size = 2});
  CHECK(as_text(few.reply->value) == "12");
  CHECK_FALSE(few.reply->max_size);
  const auto many = f.node.ask(smp::SettingReadRequest{.name = "a", .max_size = 1000});
  CHECK(as_text(many.reply->value) == "12345");
  CHECK(many.reply->max_size == 32);
}

TEST_CASE("a device without a place for settings supports none of the commands") {
  Board board;
  board.layout.settings = {};
  TestNode node(board);
  CHECK(node.ask(smp::SettingReadRequest{.name = "a"}).error.is(Rc::not_supported));
  CHECK(node.ask(smp::SettingWriteRequest{.name = "a"}).error.is(Rc::not_supported));
  CHECK(node.ask(smp::SettingDeleteRequest{.name = "a"}).error.is(Rc::not_supported));
  CHECK(node.ask(smp::SettingsCommitRequest{}).error.is(Rc::not_supported));
  CHECK(node.ask(smp::SettingsLoadRequest{}).error.is(Rc::not_supported));
  CHECK(node.ask(smp::SettingsSaveRequest{}).error.is(Rc::not_supported));
  CHECK_FALSE(node.server.settings().feature("eco"));
}

TEST_CASE("a commit reaches the application") {
  Fresh f;
  REQUIRE(f.node.ask(smp::SettingsCommitRequest{}).reply);
  CHECK(f.node.platform.commits_ == 1);
}

TEST_CASE("a feature is on when its setting says so, a number is one when it is written so") {
  Fresh f;
  Settings& settings = f.node.server.settings();
  CHECK_FALSE(settings.feature("eco"));
  for (const std::string_view on : {"1", "on", "true", "\x01"}) {
    REQUIRE(settings.set("feature/eco", as_bytes(on)));
    CHECK(settings.feature("eco"));
  }
  for (const std::string_view off : {"0", "off", "", "On", "11"}) {
    REQUIRE(settings.set("feature/eco", as_bytes(off)));
    CHECK_FALSE(settings.feature("eco"));
  }
  CHECK_FALSE(settings.feature(std::string(100, 'x')));
  CHECK_FALSE(settings.number("n"));
  for (const auto& [written, number] : std::map<std::string_view, std::optional<std::uint32_t>>{
           {"0", 0}, {"5000", 5000}, {"999999999", 999999999}, {"4294967296", {}}, {"", {}}, {"-1", {}}, {"1s", {}}}) {
    const std::string_view text = written;
    CAPTURE(text);
    REQUIRE(settings.set("n", as_bytes(text)));
    CHECK(settings.number("n") == number);
  }
}

// One update of two settings after many others, so that every kind of work happens: appends, a rewrite with its erase.
TEST_CASE("a power cut at any flash operation leaves of each setting the old value or the new one") {
  for (const std::uint32_t align : {1u, 4u, 32u}) {
    for (const auto last : {CutFlash::Last::skipped, CutFlash::Last::torn, CutFlash::Last::torn_late}) {
      CAPTURE(align);
      CAPTURE(static_cast<int>(last));
      Board board(boot::Mode::swap, align);
      std::map<std::string, std::string> expected{{"a", "0"}, {"b/c", "0"}, {"stays", "here"}};
      {
        MemoryFlash flash = board.flash();
        Settings settings = settings_on(flash, board);
        for (const auto& [name, value] : expected) put(settings, name, value);
      }
      int rewrites = 0;
      for (int round = 1; round < 120; ++round) {
        CAPTURE(round);
        const std::string next = std::to_string(round) + std::string(20, '.');
        const Buffer before = board.memory;
        for (std::uint32_t at = 1;; ++at) {
          CAPTURE(at);
          board.memory = before;
          MemoryFlash memory = board.flash();
          CutFlash cut(memory, at, last);
          Settings dying = settings_on(cut, board);
          REQUIRE(dying.set("a", as_bytes(next)));
          REQUIRE(dying.set("b/c", as_bytes(next)));
          const bool done = bool(dying.save());
          const std::string a = kept(board, "a"), c = kept(board, "b/c");
          REQUIRE((a == next || (!done && a == expected["a"])));
          REQUIRE((c == next || (!done && c == expected["b/c"])));
          REQUIRE(kept(board, "stays") == "here");
          if (done) {
            if (cut.operations() > 4) ++rewrites;  // appending two records takes no more
            break;
          }
          // The recovery: what was cut can be said again.
          MemoryFlash again = board.flash();
          Settings recovered = settings_on(again, board);
          put(recovered, "a", "again");
          REQUIRE(kept(board, "a") == "again");
          REQUIRE(kept(board, "stays") == "here");
        }
        expected["a"] = expected["b/c"] = next;
      }
      CHECK(rewrites > 1);
    }
  }
}

TEST_CASE("a power cut while a setting is deleted leaves it or not, and the others") {
  for (const auto last : {CutFlash::Last::skipped, CutFlash::Last::torn, CutFlash::Last::torn_late}) {
    Board board;
    for (int round = 0; round < 100; ++round) {
      MemoryFlash memory = board.flash();
      Settings settings = settings_on(memory, board);
      put(settings, "gone", std::to_string(round));
      put(settings, "stays", "here");
      CutFlash cut(memory, 1 + static_cast<std::uint32_t>(round) % 3, last);
      Settings dying = settings_on(cut, board);
      const bool done = bool(dying.remove("gone"));
      const std::string after = kept(board, "gone");
      REQUIRE((after == "none" || (!done && after == std::to_string(round))));
      REQUIRE(kept(board, "stays") == "here");
    }
  }
}

TEST_CASE("a flash that fails is said, and what was kept is kept") {
  Board board;
  MemoryFlash memory = board.flash();
  Settings before = settings_on(memory, board);
  put(before, "a", "old");
  CutFlash dead(memory, 1);
  TestNode node(board, dead);
  REQUIRE(node.ask(smp::SettingWriteRequest{.name = "a", .value = as_bytes("new")}).reply);
  CHECK(node.ask(smp::SettingsSaveRequest{}).error == settings_error(1));
  CHECK(kept(board, "a") == "old");
}

TEST_CASE("a damaged record loses its setting and no other") {
  Board board;
  MemoryFlash flash = board.flash();
  Settings settings = settings_on(flash, board);
  for (const std::string_view name : {"a", "b", "c"}) put(settings, name, "value");
  const auto at = std::search(board.memory.begin(), board.memory.end(), as_bytes("bvalue").begin(), as_bytes("bvalue").end());
  REQUIRE(at != board.memory.end());
  at[3] ^= std::byte{4};
  CHECK(kept(board, "a") == "value");
  CHECK(kept(board, "b") == "none");
  CHECK(kept(board, "c") == "value");
}
