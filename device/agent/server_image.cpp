// The group image.
#include "device/agent/server.hpp"
#include "protocols/mcuboot/version.hpp"
#include "protocols/smp/image_group.hpp"

namespace lockstep::agent {

namespace image_rc = smp::image_rc;

Bytes Server::list_images(const smp::Message& m) {
  smp::ImageStateReply reply{.split_status = 0};
  const std::optional<SlotState> states[2] = {slots_.state(0), slots_.state(1)};
  std::optional<mcuboot::VersionText> versions[2];  // the reply's views point into these
  for (int slot = 0; slot < 2; ++slot) {
    const auto& state = states[slot];
    if (!state) continue;
    const std::string_view version = versions[slot].emplace(state->image.header.version).view();
    reply.images.push_back({
        .slot = static_cast<std::uint32_t>(slot),
        .version = version,
        .hash = state->image.image_hash,
        .bootable = (state->image.header.flags & mcuboot::flag::non_bootable) == 0,
        .pending = state->pending,
        .confirmed = state->confirmed,
        .active = state->active,
        .permanent = state->permanent,
    });
  }
  return answer(m, reply);
}

Bytes Server::image_state(const smp::Message& m) { return list_images(m); }

Bytes Server::image_state_write(const smp::Message& m) {
  if (platform_->layout().mode == boot::Mode::ram_load) return refuse(m, smp::Rc::not_supported);
  const auto request = smp::ImageStateWriteRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);

  std::optional<int> slot;
  if (request->hash.empty()) {
    if (!request->confirm) return refuse_image(m, image_rc::invalid_hash);
    slot = platform_->active_slot();
  } else {
    if (request->hash.size() != mcuboot::Digest{}.size()) return refuse_image(m, image_rc::invalid_hash);
    slot = slots_.find(request->hash);
    if (!slot) return refuse_image(m, image_rc::hash_not_found);
  }
  if (const auto done = slots_.set_next(*slot, request->confirm); !done) return refuse_image(m, done.error());
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
  const std::uint32_t slot = request->slot.value_or(static_cast<std::uint32_t>(slots_.upload_slot()));
  if (slot > 1) return refuse_image(m, image_rc::invalid_slot);
  const int n = static_cast<int>(slot);
  // A slot that is asked for but holds no readable image may be erased; the running one never.
  if (n == platform_->active_slot() || (slots_.in_use(n) && slots_.image(n))) {
    return refuse_image(m, image_rc::no_free_slot);
  }
  forget_uploads();
  slot_number_ = platform_->take_upload_slot();
  platform_->before_erase();
  boot::FlashArea area = slots_.area(n);
  if (!area.erase_range(0, area.size())) return refuse_image(m, image_rc::flash_erase_failed);
  return answer(m, smp::EmptyReply{});
}

Bytes Server::slot_info(const smp::Message& m) {
  smp::SlotInfoReply reply;
  const auto limit = boot::max_image_size(platform_->layout(), platform_->flash().geometry());
  for (int slot = 0; slot < 2; ++slot) {
    smp::SlotInfo info{.slot = static_cast<std::uint32_t>(slot), .size = slots_.area(slot).size()};
    if (slot == slots_.upload_slot()) info.upload_image_id = 0;
    info.max_image_size = limit;
    reply.slots.push_back(info);
  }
  return answer(m, reply);
}

}  // namespace lockstep::agent
