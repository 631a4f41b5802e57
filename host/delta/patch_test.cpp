#include "host/delta/patch.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "protocols/delta/decoder.hpp"
#include "protocols/delta/patch_header.hpp"
#include "protocols/delta/test_images.hpp"

using namespace lockstep;
using namespace lockstep::delta;

namespace {

// Bytes that look like code: words out of a small set, with calls whose targets lie relative to the place.
Buffer code(unsigned seed, std::size_t size) {
  std::minstd_rand random(seed);
  Buffer out(size + 4);
  ByteWriter w(out);
  while (w.size() < size) w.u32le(random() % 4 == 0 ? 0xf000f800u + random() % 4096 : random() % 97 * 0x01010101u);
  out.resize(size);
  return out;
}

// A newer build: some words differ, some bytes came in between, and calls have moved.
Buffer newer(const Buffer& old, unsigned seed) {
  std::minstd_rand random(seed);
  Buffer out = old;
  for (std::size_t at = 40; at + 4 < out.size(); at += 100 + random() % 300) {
    out[at] ^= std::byte{0x10};
    if (random() % 5 == 0) out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), 6, std::byte(random() & 0xff));
  }
  out.insert(out.end(), 300, std::byte{0xff});
  return out;
}

struct Decoded {
  Errc errc = Errc::none;
  Buffer target{};
  std::size_t windows = 0;
};

// As a device with these limits would.
Decoded decode_within(Bytes base, Bytes patch, const WindowLimits& limits) {
  testing::TestImages images(base);
  Buffer buffer(limits.delta);
  Decoder decoder(buffer, images);
  const auto header = read_file_header(patch);
  REQUIRE(header);
  decoder.start({.target_size = 1 << 20, .target_window = limits.target}, header->size, 0);
  const auto fed = decoder.feed(patch.subspan(header->size));
  return {fed ? Errc::none : fed.error(), images.target, images.windows.size()};
}

}  // namespace

TEST_CASE("a patch gives the target, on devices with little room, too") {
  const Buffer old = code(1, 6000);
  const Buffer next = newer(old, 2);
  for (const WindowLimits limits : {WindowLimits{}, WindowLimits{1024, 256}, WindowLimits{64, 96}}) {
    CAPTURE(limits.target);
    const Buffer patch = make_patch(old, next, limits);
    const Decoded decoded = decode_within(old, patch, limits);
    CHECK(decoded.errc == Errc::none);
    CHECK(decoded.target == next);
    CHECK(decoded.windows >= next.size() / limits.target);
    const auto applied = apply_patch(old, patch);
    REQUIRE(applied);
    CHECK(*applied == next);
  }
  CHECK(make_patch(old, next).size() < next.size() / 5);
}

TEST_CASE("images with nothing in common, empty ones and equal ones have patches") {
  const Buffer a = code(1, 3000), b = code(77, 5000);
  Buffer random_bytes(9000);
  std::minstd_rand random(5);
  for (std::byte& n : random_bytes) n = std::byte(random() >> 8 & 0xff);
  const Buffer noise = random_bytes, none, zeros(100000), one(1);
  for (const Buffer* from : {&a, &noise, &none, &zeros, &one}) {
    for (const Buffer* to : {&a, &b, &noise, &none, &zeros, &one}) {
      const Buffer patch = make_patch(*from, *to);
      const Decoded decoded = decode_within(*from, patch, {});
      CHECK(decoded.errc == Errc::none);
      CHECK(decoded.target == *to);
      CHECK(patch.size() < to->size() + to->size() / 100 + 140);
    }
  }
  CHECK(make_patch(a, a).size() < 120);
}

TEST_CASE("a patch says which images it is for, and makes no other") {
  const Buffer old = code(1, 2000), next = newer(old, 9);
  const Buffer patch = make_patch(old, next);
  const auto header = PatchHeader::decode(read_file_header(patch)->app_header);
  REQUIRE(header);
  CHECK(header->base_size == old.size());
  CHECK(header->target_size == next.size());
  Buffer other = old;
  other.back() ^= std::byte{1};
  CHECK(apply_patch(other, patch).error().what == "the patch is for another image");
  for (std::size_t at = 0; at < patch.size(); ++at) {
    Buffer damaged = patch;
    damaged[at] ^= std::byte{0x41};
    const auto made = apply_patch(old, damaged);
    CHECK((!made || *made == next));
  }
  for (std::size_t n = 0; n < patch.size(); ++n) CHECK_FALSE(apply_patch(old, Bytes(patch).first(n)));
}

TEST_CASE("xdelta3 applies our patches, and we apply those it makes") {
  REQUIRE_MESSAGE(std::system("xdelta3 -V >/dev/null 2>&1") == 0, "xdelta3 is missing: run tools/setup");
  const TempDir dir;
  const auto file = [&](const char* name) { return "'" + (dir / name).string() + "' "; };
  const Buffer old = code(3, 40000), next = newer(old, 4);
  REQUIRE(write_file(dir / "old", old));
  REQUIRE(write_file(dir / "new", next));
  REQUIRE(write_file(dir / "ours", make_patch(old, next)));
  REQUIRE(std::system(("xdelta3 -d -f -s " + file("old") + file("ours") + file("made")).c_str()) == 0);
  CHECK(*read_file(dir / "made") == next);

  // Its smallest windows are the size of ours.
  REQUIRE(std::system(("xdelta3 -e -f -9 -W 16384 -S none -s " + file("old") + file("new") + file("theirs")).c_str()) == 0);
  const Buffer theirs = *read_file(dir / "theirs");
  const Decoded decoded = decode_within(old, theirs, {});
  CHECK(decoded.errc == Errc::none);
  CHECK(decoded.target == next);
  MESSAGE("full " << next.size() << " bytes, our patch " << read_file(dir / "ours")->size() << ", xdelta3's "
                  << theirs.size());
  CHECK(read_file(dir / "ours")->size() <= theirs.size() + PatchHeader::size);  // which theirs has not
}
