#include "device/qemu/host/rig/flash_maker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "device/qemu/host/flash_file.hpp"
#include "host/base/files.hpp"

namespace lockstep::board {
namespace {

template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) throw std::runtime_error(outcome.error().what);
  return *std::move(outcome);
}

}  // namespace

FlashMaker::FlashMaker(std::filesystem::path firmwares, const Machine& machine)
    : firmwares_(std::move(firmwares)), machine_(machine), key_(must(PrivateKey::generate())) {}

Buffer FlashMaker::image(std::string_view name, std::string_view version, mcuboot::Signer& signer,
                         std::optional<mcuboot::Uuid> class_id) const {
  const Buffer payload = must(read_file(firmwares_ / fmt::format("{}{}.bin", name, machine_.suffix)));
  const auto parsed = mcuboot::parse_version(version);
  if (!parsed) throw std::runtime_error("bad version");
  const mcuboot::BuildOptions options{.version = *parsed, .header_size = image_header_size, .class_id = class_id};
  Buffer image(mcuboot::max_image_size(payload.size(), options));
  MbedCrypto crypto;
  const auto size = mcuboot::build(payload, options, crypto, signer, image);
  if (!size) throw std::runtime_error(std::string(mcuboot::text(size.error())));
  image.resize(*size);
  return image;
}

Buffer FlashMaker::good_image(std::string_view name, std::string_view version) const {
  KeySigner signer(key_);
  return image(name, version, signer);
}

Buffer FlashMaker::flash(Bytes image) const {
  FlashFile file;
  if (!file.set_keys({key_.public_key()}) ||
      !file.set_identity({.board = "node-m3", .revision = "1.0", .serial = "SN-1", .product = "thermostat"})) {
    throw std::runtime_error("cannot make a flash");
  }
  Buffer flash = to_buffer(file.bytes().first(used_flash));
  std::ranges::copy(image, flash.begin() + flash_layout.slot0.offset);
  return flash;
}

}  // namespace lockstep::board
