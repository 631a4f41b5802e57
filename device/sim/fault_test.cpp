// What a user sees of each flash fault: the conversation of an update with a node whose flash has it.
#include <doctest/doctest.h>

#include "device/sim/test_node.hpp"

using namespace lockstep;
using namespace lockstep::sim;
using boot::testing::hash_of;
using boot::testing::make_image;

namespace {

const Buffer& image(std::uint8_t major) {
  static const Buffer images[] = {make_image({.version = {1, 0, 0, 0}}), make_image({.version = {2, 0, 0, 0}})};
  return images[major - 1];
}

struct Patient : sim::testing::TestNode {
  explicit Patient(const FlashFaults& faults) {
    board.put(0, image(1));
    NodeOptions options;
    options.faults.flash = faults;
    options.wait = [this](Milliseconds time) { waited += time; };
    power_on(options);
    pass(200);
  }
  // The whole image by chunks; the last answer, or nothing when one was refused or did not come.
  std::optional<smp::ImageUploadReply> upload() {
    const Sha256 sha = Sha256::of(image(2));
    std::optional<smp::ImageUploadReply> last;
    for (std::size_t at = 0; at < image(2).size(); at = last->offset) {
      smp::ImageUploadRequest chunk{.offset = at, .data = Bytes(image(2)).subspan(at).first(std::min<std::size_t>(500, image(2).size() - at))};
      if (at == 0) chunk.length = image(2).size();
      if (at == 0) chunk.sha = sha.bytes();
      last = ask(chunk);
      if (!last) return std::nullopt;
    }
    return last;
  }
  bool mark() { return bool(ask(smp::ImageStateWriteRequest{.hash = hash_of(image(2))})); }

  Milliseconds waited{0};
};

smp::ServerError image_error(std::int32_t rc) { return {smp::group::image, rc}; }

// Flash operations, as an update without a fault counts them.
struct Moments {
  std::uint32_t during_upload = 3;
  std::uint32_t marking = 0;   // the first one behind the upload
  std::uint32_t swapping = 0;  // in the midst of the swap
};
const Moments& moments() {
  static const Moments found = [] {
    Moments m;
    Patient p({});
    CHECK(p.upload()->match == true);
    m.marking = p.counting.operations() + 1;
    REQUIRE(p.mark());
    const std::uint32_t marked = p.counting.operations();
    p.reset();
    CHECK(p.version() == "2.0.0");
    m.swapping = (marked + p.counting.operations()) / 2;
    return m;
  }();
  return found;
}

}  // namespace

TEST_CASE("bit rot during the upload: the device says that it stored other bytes, and a second upload is right") {
  Patient p({.rot_at = moments().during_upload});
  CHECK(p.upload()->match == false);
  CHECK(p.upload()->match == true);
}

TEST_CASE("bit rot after the upload: the boot code refuses the image, and the old one runs on") {
  Patient p({.rot_at = moments().marking});
  CHECK(p.upload()->match == true);
  REQUIRE(p.mark());
  p.reset();
  CHECK(p.version() == "1.0.0");
  CHECK(p.log.find("boot: image refused: ") != std::string::npos);
  CHECK(p.ask(smp::ImageStateRequest{})->images.size() == 1);
}

TEST_CASE("a write error during the upload refuses the chunk, and a second upload is right") {
  Patient p({.write_error_at = moments().during_upload});
  CHECK_FALSE(p.upload());
  CHECK(p.error == image_error(smp::image_rc::flash_write_failed));
  CHECK(p.upload()->match == true);
}

TEST_CASE("a write error while the image is marked refuses the wish, and it can be said again") {
  Patient p({.write_error_at = moments().marking});
  CHECK(p.upload()->match == true);
  CHECK_FALSE(p.mark());
  CHECK(p.error == image_error(smp::image_rc::flash_write_failed));
  REQUIRE(p.mark());
  p.reset();
  CHECK(p.version() == "2.0.0");
}

TEST_CASE("an erase error refuses the first chunk of an upload, and the next try is right") {
  Patient p({.erase_error_at = moments().marking});
  CHECK(p.upload()->match == true);
  Buffer other = image(2);
  other[40] ^= std::byte{1};  // another file: the slot has to be erased
  const smp::ImageUploadRequest first{.length = other.size(), .data = Bytes(other).first(500)};
  CHECK_FALSE(p.ask(first));
  CHECK(p.error == image_error(smp::image_rc::flash_erase_failed));
  CHECK(p.ask(first)->offset == 500);
}

TEST_CASE("a write error in the swap leaves the device in the boot code, and power off and on finishes the swap") {
  Patient p({.write_error_at = moments().swapping});
  CHECK(p.upload()->match == true);
  REQUIRE(p.mark());
  p.reset();
  CHECK(p.version() == "none");
  CHECK(p.log.find("boot: halted: ") != std::string::npos);
  p.node->power_on(p.now);
  p.pass(200);
  CHECK(p.version() == "2.0.0");
}

TEST_CASE("a flash that is busy for ever: no answer, then the watchdog, and the upload can begin anew") {
  Patient p({.stuck_at = moments().during_upload});
  CHECK_FALSE(p.upload());
  CHECK(p.answer.empty());
  CHECK(p.version() == "none");
  p.pass(1999);
  CHECK(p.version() == "none");
  p.pass(1);
  p.pass(200);
  CHECK(p.log.find("watchdog: the flash is busy for ever") != std::string::npos);
  CHECK(p.version() == "1.0.0");
  CHECK(p.upload()->match == true);
}

TEST_CASE("a flash that is busy for ever in the swap: the watchdog, and the next boot finishes the swap") {
  Patient p({.stuck_at = moments().swapping});
  CHECK(p.upload()->match == true);
  REQUIRE(p.mark());
  p.reset();
  CHECK(p.version() == "none");
  p.pass(2000);
  p.pass(200);
  CHECK(p.version() == "2.0.0");
  CHECK(p.log.find("finished a swap") != std::string::npos);
}

TEST_CASE("slow erases take their time, once for each sector that was written") {
  Patient p({.slow_erase = Milliseconds(70)});
  CHECK(p.upload()->match == true);
  CHECK(p.waited == Milliseconds(70));  // the trailer's sector, always; the rest of the slot was empty
  REQUIRE(p.mark());
  p.reset();
  CHECK(p.version() == "2.0.0");
  CHECK(p.waited > Milliseconds(70 * 6));  // the swap
}
