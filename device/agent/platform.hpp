// What the agent needs from the board it runs on. A board or simulator derives from it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "device/agent/log_ring.hpp"
#include "device/boot/layout.hpp"
#include "protocols/mcuboot/crypto.hpp"

namespace lockstep::agent {

// Texts live as long as the platform.
struct Identity {
  std::string_view board;
  std::string_view revision;
  std::string_view serial;
  std::string_view product;
};

struct Health {
  bool healthy = true;
  std::string_view detail;  // one short sentence; may be empty
};

// Whether the device works with the image that runs. Until it has passed, an image on test is not confirmed.
enum class SelfTest : std::uint8_t { passed, running, failed };

// How requests reach the agent, and answers the host. Asked anew for each request: another way may have other limits.
struct Limits {
  std::uint32_t buffer_size = 1024;  // bytes of the largest request message that is taken, header included
  std::uint32_t buffer_count = 1;
  std::uint32_t longest_answer = 0xffff'ffff;  // bytes that can be sent back, where that is less than `work` holds
};

class Platform {
 public:
  // Borrows the flash and the layout for its life. Derive from it so for the usual device, which has one image.
  Platform(boot::Flash& flash, const boot::Layout& layout) : flash_(&flash), layouts_(&layout, 1) {}
  // A device of several images, each with slots and trailers of its own, in the order of their numbers: max_images at
  // most, and more than one only in modes that run slot 0 (swap and overwrite). The settings are those of image 0.
  Platform(boot::Flash& flash, std::span<const boot::Layout> layouts) : flash_(&flash), layouts_(layouts) {}
  static constexpr int max_images = 4;  // a list of images has eight slots

  boot::Flash& flash() { return *flash_; }
  int images() const { return static_cast<int>(layouts_.size()); }
  const boot::Layout& layout(int image = 0) const { return layouts_[static_cast<std::size_t>(image)]; }

  // The slots that do not run have one writer at a time. Whoever begins an upload takes it, whatever way it comes; the
  // one who had it before finds his number stale, and must not write any more.
  std::uint32_t take_upload_slot() { return ++upload_owner_; }
  bool has_upload_slot(std::uint32_t number) const { return number == upload_owner_; }

  // The slot whose image runs (BootReport::slot); 0 except in direct_xip and ram_load. Of image 0: of the others it is 0.
  virtual int active_slot() { return 0; }
  // What the release manifest calls the component that this image is; lives as long as the platform.
  virtual std::string_view component(int) { return {"app", 3}; }
  virtual Identity identity() { return {}; }
  virtual Health health() { return {}; }
  virtual SelfTest self_test() { return SelfTest::passed; }
  // How long after its start an image on test waits to be confirmed, then the device resets itself. 0: for ever.
  virtual std::uint32_t confirm_deadline_ms() { return 0; }
  // Since the start of the running image. Only needed for the deadline.
  virtual std::uint64_t uptime_ms() { return 0; }
  // What is to be downloaded as /log; null: there is no such file.
  virtual LogRing* log_ring() { return nullptr; }
  virtual Limits limits() { return {}; }
  // For the check of a finished upload against its SHA-256. Null: the check is left out.
  virtual mcuboot::Crypto* crypto() { return nullptr; }
  // Asked to restart. Must return: the answer still has to leave; restart soon after it was sent.
  virtual void request_reset() {}
  // The client has written all settings that it wanted: derive anew what depends on them.
  virtual void settings_committed() {}
  // Called before sectors are erased, which may take long: feed a watchdog here.
  virtual void before_erase() {}

 protected:
  ~Platform() = default;

 private:
  boot::Flash* flash_;
  std::span<const boot::Layout> layouts_;
  std::uint32_t upload_owner_ = 0;
};

}  // namespace lockstep::agent
