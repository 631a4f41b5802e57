// One life of a simulated device, from power-on to the next reset: the boot, then the application with its agent, asked
// by a host that wants an update. All of it is the code that ships; only the crypto is a toy.
#pragma once

#include <optional>

#include "device/agent/server.hpp"
#include "device/boot/boot.hpp"
#include "device/boot/toy_crypto.hpp"
#include "device/sweep/images.hpp"
#include "protocols/smp/message.hpp"

namespace lockstep::sweep {

// One boot of the flash with the sweep's crypto.
Result<boot::BootReport, boot::Errc> boot_once(boot::Flash& flash, const boot::Layout& layout);

// The running application, as a host talks to it. Every function is one or more SMP requests; false: refused, or
// the flash failed.
class Application final : private agent::Platform {
 public:
  // Borrows flash and layout. `active_slot` as the boot reported it.
  Application(boot::Flash& flash, const boot::Layout& layout, int active_slot);

  bool upload(const Image& image) { return upload_file(image.file); }
  bool upload_file(const Buffer& file);  // an image, or a patch of the running one
  bool mark_for_test(const Image& image);
  bool mark_for_good(const Image& image);
  bool confirm();
  bool erase_free_slot();

 private:
  template <class Request>
  std::optional<typename Request::Reply> ask(const Request& request);
  bool write_state(const Image& image, bool confirm);

  agent::Limits limits() override { return {.buffer_size = 4096, .buffer_count = 1}; }
  mcuboot::Crypto* crypto() override { return &crypto_; }
  int active_slot() override { return active_slot_; }

  boot::testing::ToyCrypto crypto_;
  int active_slot_;
  Buffer request_ = Buffer(8192);
  Buffer work_ = Buffer(1024);
  agent::Server server_;
  std::uint8_t sequence_ = 0;
};

}  // namespace lockstep::sweep
