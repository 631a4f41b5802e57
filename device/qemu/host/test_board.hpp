// A board for the tests of this folder, which is brought to where they begin.
#pragma once

#include <doctest/doctest.h>

#include "device/qemu/host/rig/board_rig.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::board::testing {

struct Board : BoardRig {
  explicit Board(const Machine& machine = an385) : BoardRig(LOCKSTEP_BIN_DIR, LOCKSTEP_CORTEX_M_DIR, machine) {}

  void start_with_version_1() {
    make(image("thermostat-1.0", "1.0.0"));
    power_on();
    REQUIRE_MESSAGE(wait_for_log("app: thermostat 1.0.0 slot=0 ready"), log());
  }

  // Uploads the image, or a patch that makes it, and asks for a test boot; its hash stays in `hash`.
  void stage(const Buffer& file) {
    REQUIRE(upload(file) == smp::Errc::none);
    const auto state = ask(smp::ImageStateRequest{});
    REQUIRE(state);
    const smp::ImageState* uploaded = in_slot(*state, 1);
    REQUIRE(uploaded != nullptr);
    hash = to_buffer(uploaded->hash);
    REQUIRE(ask(smp::ImageStateWriteRequest{.hash = hash}));
  }

  // From the first byte of the upload to the confirmation of version 2.
  void update_to_version_2() {
    stage(image("thermostat-2.0", "2.0.0"));
    REQUIRE(ask(smp::ResetRequest{}));
    REQUIRE(wait_for_log("action=tested confirmed=no"));
    REQUIRE(wait_for_log("app: thermostat 2.0.0 slot=0 ready"));
    const auto confirmed = ask(smp::ImageStateWriteRequest{.confirm = true});
    REQUIRE(confirmed);
    const smp::ImageState* running = in_slot(*confirmed, 0);
    REQUIRE(running != nullptr);
    CHECK(running->confirmed);
    CHECK(to_buffer(running->hash) == hash);
  }

  static const smp::ImageState* in_slot(const smp::ImageStateReply& reply, std::uint32_t slot) {
    for (const smp::ImageState& image : reply.images) {
      if (image.slot == slot) return &image;
    }
    return nullptr;
  }

  Buffer hash;
};

}  // namespace lockstep::board::testing
