#include "device/agent/app_descriptor.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "host/base/buffer.hpp"

using namespace lockstep;
using namespace lockstep::agent;

namespace {

Buffer payload_with(std::size_t at, std::size_t size) {
  AppDescriptor d{.flags = AppDescriptor::hang_after_boot, .name = "thermostat", .version = "2.1"};
  Buffer payload(size, std::byte{0x11});
  std::memcpy(payload.data() + at, &d, sizeof d);
  return payload;
}

}  // namespace

TEST_CASE("the descriptor is found at every aligned place, also across the borders of what is read at once") {
  constexpr std::size_t size = 2000;
  for (std::size_t at = 0; at + sizeof(AppDescriptor) <= size; at += 4) {
    CAPTURE(at);
    const Buffer payload = payload_with(at, size);
    mcuboot::MemorySource source(payload);
    const auto found = find_app_descriptor(source, size);
    REQUIRE(found);
    CHECK(found->flags == AppDescriptor::hang_after_boot);
    CHECK(std::string_view(found->name) == "thermostat");
    CHECK(std::string_view(found->version) == "2.1");
  }
}

TEST_CASE("a flag makes the application hang everywhere, another one only on boards of revision 2") {
  for (const auto& [text, second] : {std::pair("1.0", false), std::pair("2", true), std::pair("2.0", true),
                                     std::pair("2.11", true), std::pair("20", false), std::pair("", false)}) {
    const char* const revision = text;
    CAPTURE(revision);
    CHECK(hangs_on(AppDescriptor::hang_after_boot, revision));
    CHECK(hangs_on(AppDescriptor::hang_on_revision_2, revision) == second);
    CHECK_FALSE(hangs_on(AppDescriptor::unhealthy, revision));
  }
}

TEST_CASE("a descriptor that is cut off, shifted or beyond the payload is none") {
  const Buffer payload = payload_with(100, 144);
  for (std::uint32_t length = 0; length < 144; ++length) {
    CAPTURE(length);
    const Buffer exact(payload.begin(), payload.begin() + length);
    mcuboot::MemorySource source(exact);
    CHECK_FALSE(find_app_descriptor(source, length));
    CHECK_FALSE(find_app_descriptor(source, 144));  // the source is shorter than it was said to be
  }
  const Buffer shifted = payload_with(102, 150);
  mcuboot::MemorySource source(shifted);
  CHECK_FALSE(find_app_descriptor(source, 150));
}
