#include "device/qemu/provision.hpp"

#include "device/qemu/pages/flash_map.hpp"

namespace lockstep::board {

Result<void, PageErrc> TrustedKeys::load(boot::Flash& flash, mcuboot::Crypto& crypto) {
  std::array<std::byte, max_key_page_size> bytes{};
  if (!flash.read(key_page.offset, bytes)) return Fail(PageErrc::bad_form);
  LOCKSTEP_TRY(page, decode_key_page(bytes));
  for (const mcuboot::P256Point& point : page.points()) {
    mcuboot::PublicKey& key = store_[count_];
    key.point = point;
    if (!crypto.sha256_begin() || !crypto.sha256_update(std::as_bytes(std::span(mcuboot::spki_prefix))) ||
        !crypto.sha256_update(point) || !crypto.sha256_finish(key.hash)) {
      return Fail(PageErrc::bad_form);
    }
    ++count_;
  }
  return {};
}

Result<void, PageErrc> OwnIdentity::load(boot::Flash& flash) {
  if (!flash.read(identity_page.offset, bytes_)) return Fail(PageErrc::bad_form);
  LOCKSTEP_TRY(page, decode_identity_page(bytes_));
  identity_ = page;
  return {};
}

}  // namespace lockstep::board
