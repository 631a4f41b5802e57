// Feeds a device whatever messages come: records of a 16-bit little-endian length and so many bytes. Slot 0's image
// must stay, and every answer must be a whole SMP answer to its request.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

#include "device/agent/server.hpp"
#include "device/boot/memory_flash.hpp"
#include "protocols/mcuboot/build.hpp"

namespace {

using namespace lockstep;

// Says yes to everything: the agent does not verify, and signatures cannot be fuzzed anyway.
class YesCrypto final : public mcuboot::Crypto {
 public:
  bool sha256_begin() override { return true; }
  bool sha256_update(Bytes) override { return true; }
  bool sha256_finish(mcuboot::Digest& out) override { return out = {}, true; }
};
class YesSigner final : public mcuboot::Signer {
 public:
  std::size_t sign(const mcuboot::Digest&, MutableBytes out) override { return out[0] = std::byte{1}, 8; }
};

constexpr std::uint32_t sector = 512;
constexpr boot::Geometry geometry{.size = 13 * sector, .sector_size = sector, .write_align = 4};
constexpr boot::Layout layout{
    .slot0 = {0, 4 * sector}, .slot1 = {4 * sector, 5 * sector}, .settings = {9 * sector, 4 * sector}};

class FuzzPlatform final : public agent::Platform {
 public:
  using Platform::Platform;
  mcuboot::Crypto* crypto() override { return &crypto_; }
  agent::LogRing* log_ring() override { return &log_; }

 private:
  YesCrypto crypto_;
  std::array<std::byte, 256> log_memory_{};
  agent::LogRing log_{log_memory_};
};

struct Memory {
  std::array<std::byte, geometry.size> bytes;
  std::size_t image_size = 0;

  Memory() {
    bytes.fill(boot::erased_byte);
    YesCrypto crypto;
    YesSigner signer;
    const std::array<std::byte, 300> payload{};
    const auto size = mcuboot::build(payload, {.header_size = 32}, crypto, signer, bytes);
    if (!size) std::abort();
    image_size = *size;
  }
};

void check_answer(Bytes request, Bytes answer) {
  if (answer.empty()) return;
  const auto reply = smp::decode_message(answer);
  const auto asked = smp::decode_message(request);
  if (!reply || !asked || !smp::answers(reply->header, asked->header)) std::abort();
  if (!smp::decode_server_error(reply->body)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Memory factory;
  Memory memory = factory;
  boot::MemoryFlash flash(geometry, memory.bytes);
  FuzzPlatform platform(flash, layout);
  std::array<std::byte, agent::Server::min_work> work;
  agent::Server server(platform, work);

  ByteReader records(std::as_bytes(std::span(data, size)));
  while (!records.at_end()) {
    const std::size_t wanted = records.u16le();
    const Bytes request = records.take(std::min(wanted, records.remaining()));
    if (!records.ok()) break;
    check_answer(request, server.handle(request));
    platform.log_ring()->line("a request was answered");
    server.tick();
  }
  const bool kept = std::equal(factory.bytes.begin(), factory.bytes.begin() + static_cast<long>(factory.image_size),
                               memory.bytes.begin());
  if (!kept) std::abort();
  return 0;
}
