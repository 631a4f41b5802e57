// A simulated node for tests, without wires: its flash is a test's board, and the test moves its clock.
#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "device/boot/test_board.hpp"
#include "device/sim/node.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::sim::testing {

struct TestNode {
  explicit TestNode(boot::Mode mode = boot::Mode::swap) : board(mode, 8) {}
  // In mode swap, with an image for each name.
  explicit TestNode(const std::vector<std::string>& names)
      : board(boot::Mode::swap, 8, 1024, static_cast<std::uint32_t>(names.size())), components(names) {}

  // Switches on; layouts, components and keys are the board's.
  void power_on(NodeOptions options) {
    options.layout = board.layout;
    options.component = components[0];
    for (std::size_t i = 1; i < components.size(); ++i) {
      options.more_components.push_back({components[i], board.layouts[i]});
    }
    options.keys = {boot::testing::signing_key().public_key().mcuboot()};
    node.emplace(counting, options, [this](const std::string& line) { log += line + "\n"; });
    node->power_on(now);
  }
  void pass(int ms) {
    now += Milliseconds(ms);
    node->tick(now);
  }
  // Nothing when it did not answer, or refused: then `error` says why.
  template <class Request>
  std::optional<typename Request::Reply> ask(const Request& request) {
    Buffer out(4096);
    const auto message = smp::encode_request(out, smp::Version::v2, 1, request);
    answer = to_buffer(node->handle(*message, now));
    error = {};
    if (answer.empty()) return std::nullopt;
    const auto decoded = smp::decode_message(answer);
    error = *smp::decode_server_error(decoded->body);
    if (error) return std::nullopt;
    const auto reply = Request::Reply::decode(decoded->body);
    return reply ? std::optional(*reply) : std::nullopt;
  }
  std::string version() {
    const auto state = ask(smp::ImageStateRequest{});
    return state && !state->images.empty() ? std::string(state->images[0].version) : "none";
  }
  // By SMP, until it answers again.
  void reset() {
    REQUIRE(ask(smp::ResetRequest{}));
    pass(50);
    pass(200);
  }

  boot::testing::Board board;
  std::vector<std::string> components{"app"};
  boot::MemoryFlash flash = board.flash();
  boot::CutFlash counting{flash};  // never cuts
  Time now{};
  std::string log;
  Buffer answer;
  smp::ServerError error{};
  std::optional<Node> node;
};

}  // namespace lockstep::sim::testing
