#include "device/qemu/host/faults/bad_images.hpp"

#include <stdexcept>

#include "device/boot/memory_flash.hpp"
#include "device/boot/ratchet.hpp"

namespace lockstep::board {
namespace {

// A signature that is not over this image, by a signer that claims a key which the board trusts.
class Forger final : public mcuboot::Signer {
 public:
  explicit Forger(const PrivateKey& trusted) : trusted_(trusted) {}
  std::size_t sign(const mcuboot::Digest& digest, MutableBytes out) override {
    mcuboot::Digest other = digest;
    other[0] ^= std::byte{1};
    return trusted_.sign(other, out);
  }
  mcuboot::Digest key_hash() const override { return trusted_.key_hash(); }

 private:
  KeySigner trusted_;
};

Buffer damaged(Buffer image) {
  image[image_header_size + 700] ^= std::byte{1};
  return image;
}

// The signature's TLV, the last one, gets a type that no reader knows.
Buffer without_signature(Buffer image) {
  mcuboot::MemorySource source(image);
  const auto info = mcuboot::inspect(source);
  if (!info) throw std::runtime_error("no image");
  constexpr std::size_t digest = mcuboot::tlv_header_size + std::tuple_size_v<mcuboot::Digest>;
  image[info->hashed_size + mcuboot::tlv_info_size + 2 * digest] = std::byte{0xA0};  // behind hash and key hash
  return image;
}

// The board has confirmed an image before that made it store this.
Buffer with_ratchet(Buffer flash, const boot::Ratchet& stored) {
  boot::MemoryFlash memory({.size = used_flash, .sector_size = flash_geometry.sector_size,
                            .write_align = flash_geometry.write_align}, flash);
  if (!boot::RatchetLog(boot::ratchet_area(memory, flash_layout)).raise(stored)) throw std::runtime_error("no ratchet");
  return flash;
}

}  // namespace

BadImages make_bad_images(const FlashMaker& maker) {
  const auto other = PrivateKey::generate();
  if (!other) throw std::runtime_error(other.error().what);
  KeySigner stranger(*other);
  Forger forger(maker.key());
  const auto signed_by = [&](mcuboot::Signer& signer) {
    return maker.flash(maker.image("thermostat-1.0", "1.0.0", signer));
  };
  KeySigner own(maker.key());
  const Buffer for_others = maker.image("thermostat-1.0", "1.0.0", own, mcuboot::Uuid{std::byte{1}});
  const Buffer good = maker.good_image();
  return {.good = maker.flash(good),
          .bad = {{"a stranger's signature", signed_by(stranger)},
                  {"no signature", maker.flash(without_signature(good))},
                  {"a changed byte", maker.flash(damaged(good))},
                  {"a wrong signature under a trusted key's name", signed_by(forger), true},
                  {"a security counter that is too low", with_ratchet(maker.flash(good), {.counter = 7}), true},
                  {"the signature of a revoked key", with_ratchet(maker.flash(good), {.revoked_keys = 1})},
                  {"the class id of another device", maker.flash(for_others), true}}};
}

}  // namespace lockstep::board
