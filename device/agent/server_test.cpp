#include "device/agent/server.hpp"

#include <doctest/doctest.h>

#include "device/agent/test_node.hpp"
#include "host/base/text.hpp"

using namespace lockstep;
using namespace lockstep::agent;
using namespace lockstep::agent::testing;
using smp::Rc;
using smp::ServerError;

namespace {

struct Fresh {
  Board board;
  TestNode node{board};
};

// The answer to a message given in hex, in hex.
std::string exchange(Server& server, std::string_view request) { return to_hex(server.handle(*from_hex(request))); }

}  // namespace

// Bytes by hand from the SMP specification (header) and RFC 8949 (body): echo {"d": "hi"}, version 2, sequence 66.
TEST_CASE("an echo is answered byte for byte as the specification has it, with rc 0 beside it") {
  Fresh f;
  CHECK(exchange(f.node.server, "0a000006" "00004200" "a1616462" "6869" "ff").empty());  // one byte too many
  CHECK(exchange(f.node.server, "0a000006" "00004200" "a1616462" "6869") ==
        "0b00000b" "00004200" "bf" "627263" "00" "6172" "626869" "ff");
}

TEST_CASE("a client of version 1 is answered in version 1") {
  Fresh f;
  CHECK(exchange(f.node.server, "02000006" "00004200" "a1616462" "6869").substr(0, 2) == "03");
}

TEST_CASE("what is no whole request is not answered") {
  Fresh f;
  const Buffer request = *from_hex("0a00000600004200a16164626869");
  for (std::size_t size = 0; size < request.size(); ++size) {
    CAPTURE(size);
    const Buffer exact(request.begin(), request.begin() + static_cast<long>(size));
    CHECK(f.node.server.handle(exact).empty());
  }
  CHECK(exchange(f.node.server, "0b00000600004200a16164626869").empty());  // an answer
  CHECK(exchange(f.node.server, "0c00000600004200a16164626869").empty());  // an unknown operation
}

TEST_CASE("unknown groups, commands and operations are not supported") {
  Fresh f;
  for (const std::string_view request : {
           "0a000001" "00ff0101" "a0",  // group 255
           "0a000001" "00000104" "a0",  // date and time, which the Go client asks for
           "0a000001" "00010102" "a0",  // image, file
           "08000001" "00000105" "a0",  // reading a reset
           "0a000001" "00400100" "a0",  // writing the identity
       }) {
    CAPTURE(request);
    const auto decoded = smp::decode_message(f.node.server.handle(*from_hex(request)));
    REQUIRE(decoded);
    CHECK(smp::decode_server_error(decoded->body)->is(Rc::not_supported));
  }
}

TEST_CASE("a body that is no map is refused, an absent one is an empty map") {
  Fresh f;
  const auto refused = smp::decode_message(f.node.server.handle(*from_hex("0a000001" "00000100" "01")));
  REQUIRE(refused);
  CHECK(smp::decode_server_error(refused->body)->is(Rc::invalid));
  const auto answered = smp::decode_message(f.node.server.handle(*from_hex("08000000" "00000106")));
  REQUIRE(answered);
  CHECK(smp::ParametersReply::decode(answered->body)->buffer_size == 2048);
}

TEST_CASE("an echo too long for the answer is refused with message_size") {
  Fresh f;
  const std::string text(3000, 'x');
  CHECK(f.node.ask(smp::EchoRequest{.text = text}).error.is(Rc::message_size));
  CHECK(f.node.ask(smp::EchoRequest{.text = "short"}).reply->text == "short");
}

TEST_CASE("no answer is longer than the way back carries") {
  Fresh f;
  f.node.platform.limits_.longest_answer = 40;
  const std::string text(26, 'x');
  CHECK(f.node.ask(smp::EchoRequest{.text = text}).error.is(Rc::message_size));
  CHECK(f.node.ask(smp::EchoRequest{.text = "short"}).reply->text == "short");
  f.node.platform.limits_.longest_answer = 4096;
  CHECK(f.node.ask(smp::EchoRequest{.text = text}).reply->text == text);
}

TEST_CASE("parameters, identity and health are the platform's") {
  Fresh f;
  const auto parameters = f.node.ask(smp::ParametersRequest{});
  CHECK(parameters.reply->buffer_size == 2048);
  CHECK(parameters.reply->buffer_count == 3);
  const auto identity = f.node.ask(smp::NodeIdentityRequest{});
  CHECK(identity.reply->board == "node-m3");
  CHECK(identity.reply->revision == "1.2");
  CHECK(identity.reply->serial == "SN-7");
  CHECK(identity.reply->product == "thermostat");
  f.node.platform.health_ = {.healthy = false, .detail = "sensor missing"};
  const auto health = f.node.ask(smp::NodeHealthRequest{});
  CHECK_FALSE(health.reply->healthy);
  CHECK(health.reply->detail == "sensor missing");
}

TEST_CASE("a device says which patches it takes, if it can check any") {
  Fresh f;
  const auto patches = f.node.ask(smp::NodePatchesRequest{});
  REQUIRE(patches.reply);
  CHECK(patches.reply->delta_window == 3072);
  CHECK(patches.reply->target_window == 16384);
  f.node.platform.with_crypto_ = false;
  CHECK(f.node.ask(smp::NodePatchesRequest{}).error.rc == 8);
}

TEST_CASE("info gives the parts asked for, in their fixed order, and refuses unknown letters") {
  Fresh f;
  CHECK(f.node.ask(smp::InfoRequest{}).reply->output == "Lockstep");
  CHECK(f.node.ask(smp::InfoRequest{.format = "is"}).reply->output == "Lockstep node-m3@1.2");
  CHECK(f.node.ask(smp::InfoRequest{.format = "n"}).reply->output == "SN-7");
  CHECK(f.node.ask(smp::InfoRequest{.format = "a"}).reply->output.starts_with("Lockstep SN-7 "));
  CHECK(f.node.ask(smp::InfoRequest{.format = "sz"}).error == ServerError(smp::group::os, smp::os_rc::invalid_format));
}

TEST_CASE("the bootloader says its name and how it updates") {
  for (const auto& [mode, expected] : {std::pair(boot::Mode::swap, smp::BootMode::swap_offset),
                                       std::pair(boot::Mode::overwrite_only, smp::BootMode::overwrite_only),
                                       std::pair(boot::Mode::direct_xip, smp::BootMode::direct_xip_revert),
                                       std::pair(boot::Mode::ram_load, smp::BootMode::ram_load)}) {
    Board board(mode);
    TestNode node(board);
    CHECK(node.ask(smp::BootloaderInfoRequest{}).reply->bootloader == "MCUboot");
    CHECK(node.ask(smp::BootloaderInfoRequest{.query = "mode"}).reply->mode == expected);
    CHECK(node.ask(smp::BootloaderInfoRequest{.query = "colour"}).error ==
          ServerError(smp::group::os, smp::os_rc::query_yields_no_answer));
  }
}

TEST_CASE("a reset is answered first and asked of the platform once") {
  Fresh f;
  CHECK(f.node.ask(smp::ResetRequest{.force = true}).reply);
  CHECK(f.node.platform.resets_ == 1);
}
