// The group image.
#include "device/agent/server.hpp"
#include "protocols/mcuboot/version.hpp"
#include "protocols/smp/image_group.hpp"

namespace lockstep::agent {

namespace image_rc = smp::image_rc;

namespace {

// What the list's views point into.
struct Listed {
  mcuboot::Digest hash;
  mcuboot::VersionText version;
};

}  // namespace

Bytes Server::list_images(const smp::Message& m) {
  smp::ImageStateReply reply{.split_status = 0};
  std::optional<Listed> listed[smp::ImageStateReply::max_images];
  for (int image = 0; image < platform_->images(); ++image) {
    for (int slot = 0; slot < 2; ++slot) {
      const auto state = Slots(*platform_, image).state(slot);
      if (!state) continue;
      const mcuboot::Header& header = state->image.header;
      const Listed& texts = listed[2 * image + slot].emplace(
          Listed{.hash = state->image.image_hash, .version = mcuboot::VersionText(header.version)});
      reply.images.push_back({
          .image = static_cast<std::uint32_t>(image),
          .slot = static_cast<std::uint32_t>(slot),
          .version = texts.version.view(),
          .hash = texts.hash,
          .bootable = (header.flags & mcuboot::flag::non_bootable) == 0,
          .pending = state->pending,
          .confirmed = state->confirmed,
          .active = state->active,
          .permanent = state->permanent,
      });
    }
  }
  return answer(m, reply);
}

Bytes Server::image_state(const smp::Message& m) { return list_images(m); }

Bytes Server::image_state_write(const smp::Message& m) {
  if (platform_->layout().mode == boot::Mode::ram_load) return refuse(m, smp::Rc::not_supported);
  const auto request = smp::ImageStateWriteRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);

  if (request->hash.empty()) {
    if (!request->confirm) return refuse_image(m, image_rc::invalid_hash);
    return set_next(m, slots_, platform_->active_slot(), true);
  }
  if (request->hash.size() != mcuboot::Digest{}.size()) return refuse_image(m, image_rc::invalid_hash);
  for (int image = 0; image < platform_->images(); ++image) {
    Slots slots(*platform_, image);
    if (const auto slot = slots.find(request->hash)) return set_next(m, slots, *slot, request->confirm);
  }
  return refuse_image(m, image_rc::hash_not_found);
}

Bytes Server::set_next(const smp::Message& m, Slots& slots, int slot, bool confirm) {
  if (const auto done = slots.set_next(slot, confirm); !done) return refuse_image(m, done.error());
  return list_images(m);
}

void Server::forget_uploads() {
  upload_.forget();
  patch_.forget();
}

Bytes Server::image_upload(const smp::Message& m) {
  const auto request = smp::ImageUploadRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  if (!platform_->has_upload_slot(slot_number_)) forget_uploads();  // a DFU download began since
  const bool is_patch = patch_.wants(*request);
  if (is_patch && request->image != 0) return refuse(m, smp::Rc::not_supported);  // patches are for image 0 only
  if (request->offset == 0) {
    slot_number_ = platform_->take_upload_slot();
    is_patch ? upload_.forget() : patch_.forget();  // one upload at a time
  }
  const auto reply = is_patch ? patch_.take(*request) : upload_.take(*request);
  return reply ? answer(m, *reply) : refuse_image(m, reply.error());
}

Bytes Server::image_erase(const smp::Message& m) {
  const auto request = smp::ImageEraseRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  // Slots are numbered through all images here, as Zephyr does it.
  const std::uint32_t number = request->slot.value_or(static_cast<std::uint32_t>(slots_.upload_slot()));
  if (number / 2 >= static_cast<std::uint32_t>(platform_->images())) return refuse_image(m, image_rc::invalid_slot);
  const int slot = static_cast<int>(number % 2);
  Slots slots(*platform_, static_cast<int>(number / 2));
  // A slot that is asked for but holds no readable image may be erased; the running one never.
  if (slot == slots.active_slot() || (slots.in_use(slot) && slots.image(slot))) {
    return refuse_image(m, image_rc::no_free_slot);
  }
  forget_uploads();
  slot_number_ = platform_->take_upload_slot();
  platform_->before_erase();
  boot::FlashArea area = slots.area(slot);
  if (!area.erase_range(0, area.size())) return refuse_image(m, image_rc::flash_erase_failed);
  return answer(m, smp::EmptyReply{});
}

Bytes Server::slot_info(const smp::Message& m) {
  smp::SlotInfoReply reply;
  for (int image = 0; image < platform_->images(); ++image) {
    Slots slots(*platform_, image);
    const auto number = static_cast<std::uint32_t>(image);
    const auto limit = boot::max_image_size(slots.layout(), platform_->flash().geometry());
    for (int slot = 0; slot < 2; ++slot) {
      smp::SlotInfo info{.image = number, .slot = static_cast<std::uint32_t>(slot), .size = slots.area(slot).size()};
      if (slot == slots.upload_slot()) info.upload_image_id = number;
      info.max_image_size = limit;
      reply.slots.push_back(info);
    }
  }
  return answer(m, reply);
}

}  // namespace lockstep::agent
