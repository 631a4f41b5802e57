// An update as a host carries it out, step by step, on a board or on its twin.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "host/base/buffer.hpp"
#include "protocols/mcuboot/image.hpp"
#include "protocols/smp/image_group.hpp"

namespace lockstep::board {

struct NewImage {
  Buffer file;
  Buffer hash;  // the image's SHA-256, which names it to the device
};

// Throws std::runtime_error when the file is no image.
inline NewImage new_image(Buffer file) {
  mcuboot::MemorySource source(file);
  const auto info = mcuboot::inspect(source);
  if (!info) throw std::runtime_error(std::string(mcuboot::text(info.error())));
  return {.file = std::move(file), .hash = to_buffer(Bytes(info->image_hash))};
}

// The image in the slot that runs; nothing when the peer does not answer. Its views live until the next request.
template <class Peer>
std::optional<smp::ImageState> running_image(Peer& peer) {
  const auto state = peer.ask(smp::ImageStateRequest{});
  if (!state) return std::nullopt;
  for (const smp::ImageState& image : state->images) {
    if (image.active) return image;
  }
  return std::nullopt;
}

// Uploads the image and asks for a test boot of it.
template <class Peer>
bool stage(Peer& peer, const NewImage& image) {
  return peer.upload(image.file) == smp::Errc::none && peer.ask(smp::ImageStateWriteRequest{.hash = image.hash});
}

template <class Peer>
bool confirm(Peer& peer) {
  return peer.ask(smp::ImageStateWriteRequest{.confirm = true}).has_value();
}

// Brings a device that answers, whatever became of an earlier try, to the image and confirms it. It must be confirmed
// still after one more reset.
template <class Peer>
bool complete_update(Peer& peer, const NewImage& image) {
  const auto is_running = [&] {
    const auto running = running_image(peer);
    return running && to_buffer(running->hash) == image.hash;
  };
  if (!is_running() && !(stage(peer, image) && peer.restart() && is_running())) return false;
  if (!confirm(peer) || !peer.restart()) return false;
  const auto running = running_image(peer);
  return running && to_buffer(running->hash) == image.hash && running->confirmed;
}

}  // namespace lockstep::board
