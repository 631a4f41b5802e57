// The SMP server of a device: one request message in, one answer message out. It answers and refuses as a Zephyr
// device does (device/README.md, "What the agent answers").
#pragma once

#include "device/agent/platform.hpp"
#include "device/agent/upload.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::agent {

// Groups served: 0 OS (echo, reset, parameters, info, bootloader info), 1 image (state read and write, upload,
// erase, slot info), 64 node (identity, health). Holds the state of one upload; everything else is in the flash.
class Server {
 public:
  // `work` takes the answer and is borrowed for the server's life; min_work bytes or more, and as many as the
  // largest echo that should be answered.
  Server(Platform& platform, MutableBytes work) : platform_(&platform), upload_(platform), work_(work) {}
  static constexpr std::size_t min_work = 512;

  // Answers one message. The answer lies in `work` until the next call; it is empty when the message is not an
  // SMP request (too short, a response, trailing garbage in the length) and nothing should be sent.
  Bytes handle(Bytes request);

 private:
  Platform* platform_;
  Upload upload_;
  MutableBytes work_;
};

}  // namespace lockstep::agent
