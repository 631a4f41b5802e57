#include "protocols/smp/image_group.hpp"

#include "protocols/smp/members.hpp"

namespace lockstep::smp {

using namespace std::string_view_literals;  // strlen is not there on the device
namespace {

void encode_flag(cbor::Writer& w, std::string_view name, bool value) { w.key(name).boolean(value); }

// One map in `images`. The slot is required; MCUboot's recovery tells little more than that.
std::optional<ImageState> read_image(cbor::Reader& r) {
  ImageState image;
  bool has_slot = false;
  each_member(r, [&](std::string_view key, cbor::Reader& value) {
    if (key == "image"sv) image.image = read_u32(value);
    else if (key == "slot"sv) has_slot = true, image.slot = read_u32(value);
    else if (key == "version"sv) image.version = value.text();
    else if (key == "hash"sv) image.hash = value.bytes();
    else if (key == "bootable"sv) image.bootable = value.boolean();
    else if (key == "pending"sv) image.pending = value.boolean();
    else if (key == "confirmed"sv) image.confirmed = value.boolean();
    else if (key == "active"sv) image.active = value.boolean();
    else if (key == "permanent"sv) image.permanent = value.boolean();
    else return false;
    return true;
  });
  return has_slot ? std::optional(image) : std::nullopt;
}

void encode_image(cbor::Writer& w, const ImageState& image) {
  w.begin_map();
  w.key("image"sv).uint(image.image);
  w.key("slot"sv).uint(image.slot);
  w.key("version"sv).text(image.version);
  if (!image.hash.empty()) w.key("hash"sv).bytes(image.hash);
  encode_flag(w, "bootable"sv, image.bootable);
  encode_flag(w, "pending"sv, image.pending);
  encode_flag(w, "confirmed"sv, image.confirmed);
  encode_flag(w, "active"sv, image.active);
  encode_flag(w, "permanent"sv, image.permanent);
  w.end();
}

SlotInfo read_slot(cbor::Reader& r) {
  SlotInfo slot;
  each_member(r, [&](std::string_view key, cbor::Reader& value) {
    if (key == "slot"sv) slot.slot = read_u32(value);
    else if (key == "size"sv) slot.size = value.uint();
    else if (key == "upload_image_id"sv) slot.upload_image_id = read_u32(value);
    else return false;
    return true;
  });
  return slot;
}

// One map in `images` of the slot information: its slots are added to `reply`.
void read_slots_of_image(cbor::Reader& r, SlotInfoReply& reply) {
  const std::size_t first = reply.slots.size();
  std::uint32_t image = 0;
  std::optional<std::uint64_t> max_image_size;
  each_member(r, [&](std::string_view key, cbor::Reader& value) {
    if (key == "image"sv) {
      image = read_u32(value);
    } else if (key == "max_image_size"sv) {
      max_image_size = value.uint();
    } else if (key == "slots"sv) {
      value.enter_array();
      while (value.next()) reply.more |= !reply.slots.push_back(read_slot(value));
    } else {
      return false;
    }
    return true;
  });
  for (std::size_t i = first; i < reply.slots.size(); ++i) {
    reply.slots[i].image = image;
    reply.slots[i].max_image_size = max_image_size;
  }
}

}  // namespace

void ImageStateRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<ImageStateRequest, Errc> ImageStateRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return ImageStateRequest{};
}

void ImageStateReply::encode(cbor::Writer& w) const {
  w.key("images"sv).begin_array();
  for (const ImageState& image : images) encode_image(w, image);
  w.end();
  if (split_status) w.key("splitStatus"sv).integer(*split_status);
}
Result<ImageStateReply, Errc> ImageStateReply::decode(Bytes body) {
  ImageStateReply reply;
  bool listed = false, complete = true;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "images"sv) {
      listed = true;
      value.enter_array();
      while (value.next()) {
        const auto image = read_image(value);
        if (!image) complete = false;
        else if (!reply.images.push_back(*image)) reply.more = true;
      }
    } else if (key == "splitStatus"sv) {
      reply.split_status = value.integer();
    } else {
      return false;
    }
    return true;
  }));
  if (!listed || !complete) return Fail(Errc::bad_body);
  return reply;
}

void ImageStateWriteRequest::encode(cbor::Writer& w) const {
  w.map(hash.empty() ? 1 : 2);
  if (!hash.empty()) w.key("hash"sv).bytes(hash);
  w.key("confirm"sv).boolean(confirm);
}
Result<ImageStateWriteRequest, Errc> ImageStateWriteRequest::decode(Bytes body) {
  ImageStateWriteRequest request;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "hash"sv) value.peek() == cbor::Type::null ? value.null() : void(request.hash = value.bytes());
    else if (key == "confirm"sv) request.confirm = value.boolean();
    else return false;
    return true;
  }));
  return request;
}

void ImageUploadRequest::encode(cbor::Writer& w) const {
  w.map(2u + (image != 0 ? 1u : 0u) + (length ? 1u : 0u) + (sha.empty() ? 0u : 1u) + (upgrade ? 1u : 0u));
  if (image != 0) w.key("image"sv).uint(image);
  if (length) w.key("len"sv).uint(*length);
  w.key("off"sv).uint(offset);
  if (!sha.empty()) w.key("sha"sv).bytes(sha);
  if (upgrade) w.key("upgrade"sv).boolean(true);
  w.key("data"sv).bytes(data);
}
std::size_t ImageUploadRequest::encoded_size(std::size_t data_size) const {
  std::size_t size = 1;
  if (image != 0) size += 6 + cbor::head_size(image);
  if (length) size += 4 + cbor::head_size(*length);
  size += 4 + cbor::head_size(offset);
  if (!sha.empty()) size += 4 + cbor::head_size(sha.size()) + sha.size();
  if (upgrade) size += 8 + 1;
  return size + 5 + cbor::head_size(data_size) + data_size;
}
Result<ImageUploadRequest, Errc> ImageUploadRequest::decode(Bytes body) {
  ImageUploadRequest request;
  bool has_offset = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "image"sv) request.image = read_u32(value);
    else if (key == "len"sv) request.length = value.uint();
    else if (key == "off"sv) has_offset = true, request.offset = value.uint();
    else if (key == "sha"sv) request.sha = value.bytes();
    else if (key == "data"sv) request.data = value.bytes();
    else if (key == "upgrade"sv) request.upgrade = value.boolean();
    else return false;
    return true;
  }));
  if (!has_offset) return Fail(Errc::bad_body);
  return request;
}

void ImageUploadReply::encode(cbor::Writer& w) const {
  w.key("off"sv).uint(offset);
  if (match) w.key("match"sv).boolean(*match);
}
Result<ImageUploadReply, Errc> ImageUploadReply::decode(Bytes body) {
  ImageUploadReply reply;
  bool has_offset = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key == "off"sv) has_offset = true, reply.offset = value.uint();
    else if (key == "match"sv) reply.match = value.boolean();
    else return false;
    return true;
  }));
  if (!has_offset) return Fail(Errc::bad_body);
  return reply;
}

void ImageEraseRequest::encode(cbor::Writer& w) const {
  w.map(slot ? 1 : 0);
  if (slot) w.key("slot"sv).uint(*slot);
}
Result<ImageEraseRequest, Errc> ImageEraseRequest::decode(Bytes body) {
  ImageEraseRequest request;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key != "slot"sv) return false;
    request.slot = read_u32(value);
    return true;
  }));
  return request;
}

void SlotInfoRequest::encode(cbor::Writer& w) const { w.map(0); }
Result<SlotInfoRequest, Errc> SlotInfoRequest::decode(Bytes body) {
  LOCKSTEP_CHECK(ignore_members(body));
  return SlotInfoRequest{};
}

void SlotInfoReply::encode(cbor::Writer& w) const {
  w.key("images"sv).begin_array();
  for (std::size_t i = 0; i < slots.size();) {
    const SlotInfo& first = slots[i];
    w.begin_map();
    w.key("image"sv).uint(first.image);
    w.key("slots"sv).begin_array();
    for (; i < slots.size() && slots[i].image == first.image; ++i) {
      w.begin_map();
      w.key("slot"sv).uint(slots[i].slot);
      w.key("size"sv).uint(slots[i].size);
      if (slots[i].upload_image_id) w.key("upload_image_id"sv).uint(*slots[i].upload_image_id);
      w.end();
    }
    w.end();
    if (first.max_image_size) w.key("max_image_size"sv).uint(*first.max_image_size);
    w.end();
  }
  w.end();
}
Result<SlotInfoReply, Errc> SlotInfoReply::decode(Bytes body) {
  SlotInfoReply reply;
  bool listed = false;
  LOCKSTEP_CHECK(each_member(body, [&](std::string_view key, cbor::Reader& value) {
    if (key != "images"sv) return false;
    listed = true;
    value.enter_array();
    while (value.next()) read_slots_of_image(value, reply);
    return true;
  }));
  if (!listed) return Fail(Errc::bad_body);
  return reply;
}

}  // namespace lockstep::smp
