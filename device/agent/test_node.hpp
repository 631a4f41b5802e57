// A device with agent for tests: a small board (device/boot/test_board.hpp), asked by typed messages.
#pragma once

#include <doctest/doctest.h>

#include "device/agent/server.hpp"
#include "device/boot/test_board.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::agent::testing {

using boot::testing::Board;
using boot::testing::hash_of;
using boot::testing::ImageSpec;
using boot::testing::make_image;

// Answers or refusals of the device, as a client sees them.
template <class Reply>
struct Reaction {
  std::optional<Reply> reply{};
  smp::ServerError error{};
};

class TestPlatform final : public Platform {
 public:
  using Platform::Platform;
  Identity identity() override { return {"node-m3", "1.2", "SN-7", "thermostat"}; }
  Health health() override { return health_; }
  Limits limits() override { return limits_; }
  mcuboot::Crypto* crypto() override { return with_crypto_ ? &boot::testing::crypto() : nullptr; }
  int active_slot() override { return active_slot_; }
  std::string_view component(int image) override { return image == 0 ? Platform::component(0) : "radio"; }
  SelfTest self_test() override { return self_test_; }
  std::uint32_t confirm_deadline_ms() override { return confirm_deadline_ms_; }
  std::uint64_t uptime_ms() override { return uptime_ms_; }
  LogRing* log_ring() override { return log_ring_; }
  void request_reset() override { ++resets_; }
  void settings_committed() override { ++commits_; }
  void before_erase() override { ++erases_; }

  Health health_{.healthy = true, .detail = "well"};
  bool with_crypto_ = true;
  int active_slot_ = 0;
  int resets_ = 0;
  int erases_ = 0;
  int commits_ = 0;
  Limits limits_{.buffer_size = 2048, .buffer_count = 3};
  SelfTest self_test_ = SelfTest::passed;
  std::uint32_t confirm_deadline_ms_ = 0;
  std::uint64_t uptime_ms_ = 0;
  LogRing* log_ring_ = nullptr;
};

// `flash` may be one that fails. Reads the board's memory, so a boot in between shows.
struct TestNode {
  explicit TestNode(Board& b) : board(b), memory_flash(b.flash()), platform(memory_flash, b.all_layouts()) {}
  TestNode(Board& b, boot::Flash& flash) : board(b), memory_flash(b.flash()), platform(flash, b.all_layouts()) {}

  template <class Request>
  Reaction<typename Request::Reply> ask(const Request& request, smp::Version version = smp::Version::v2) {
    const auto message = smp::encode_request(outgoing, version, ++sequence, request);
    REQUIRE(message);
    const Bytes answer = server.handle(*message);
    const auto decoded = smp::decode_message(answer);
    REQUIRE(decoded);
    REQUIRE(smp::answers(decoded->header, smp::decode_message(*message)->header));
    const auto error = smp::decode_server_error(decoded->body);
    REQUIRE(error);
    if (*error) return {.error = *error};
    const auto reply = Request::Reply::decode(decoded->body);
    REQUIRE(reply);
    return {.reply = *reply};
  }

  // Sends the whole image in chunks, following the device. The last answer.
  smp::ImageUploadReply upload(const Buffer& image, std::size_t chunk, Bytes sha = {}, std::uint32_t number = 0) {
    smp::ImageUploadReply last;
    for (std::size_t at = 0; at < image.size(); at = last.offset) {
      const auto n = std::min(chunk, image.size() - at);
      smp::ImageUploadRequest request{.offset = at, .data = Bytes(image).subspan(at, n)};
      if (at == 0) {
        request.image = number;
        request.length = image.size();
        request.sha = sha;
      }
      const auto reaction = ask(request);
      REQUIRE(reaction.reply);
      REQUIRE(reaction.reply->offset > at);
      last = *reaction.reply;
    }
    return last;
  }
  Buffer slot1_image(std::size_t size) const {
    const auto offset = board.layout.slot1.offset + boot::upgrade_offset(board.layout, board.geometry);
    const Bytes bytes = Bytes(board.memory).subspan(offset, size);
    return Buffer(bytes.begin(), bytes.end());
  }

  Board& board;
  boot::MemoryFlash memory_flash;
  TestPlatform platform;
  Buffer work = Buffer(2048);
  Buffer outgoing = Buffer(8192);
  Server server{platform, work};
  std::uint8_t sequence = 0;
};

}  // namespace lockstep::agent::testing
