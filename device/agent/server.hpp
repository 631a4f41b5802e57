// The SMP server of a device: one request message in, one answer message out. It answers and refuses as a Zephyr
// device does (device/README.md, "What the agent answers").
#pragma once

#include <algorithm>

#include "device/agent/files.hpp"
#include "device/agent/patch_upload.hpp"
#include "device/agent/platform.hpp"
#include "device/agent/settings.hpp"
#include "device/agent/slots.hpp"
#include "device/agent/trial.hpp"
#include "device/agent/upload.hpp"
#include "protocols/core/bytes.hpp"
#include "protocols/smp/message.hpp"

namespace lockstep::agent {

// Groups served: 0 OS (echo, reset, parameters, info, bootloader info), 1 image (state read and write, upload,
// erase, slot info), 3 settings, 8 files (download, status, hash, close), 64 node (identity, health, patches, trial,
// components). Holds the state of one upload and one download and the settings in use; everything else is in the flash.
class Server {
 public:
  // `work` takes the answer and is borrowed for the server's life; min_work bytes or more for each image, and as many as
  // the largest echo that should be answered.
  Server(Platform& platform, MutableBytes work)
      : platform_(&platform),
        slots_(platform),
        upload_(platform),
        patch_(platform),
        files_(platform),
        trial_(platform),
        settings_(boot::settings_area(platform.flash(), platform.layout())),
        work_(work) {}
  static constexpr std::size_t min_work = 512;

  // Answers one message. The answer lies in `work` until the next call; it is empty when the bytes are not one whole
  // SMP request, and then nothing is to be sent. The request may not lie in `work`.
  Bytes handle(Bytes request);

  // To be called now and then, ten times a second or rarer: an image on test that nobody confirms in time is given up.
  void tick() { trial_.tick(); }

  // For the application's own use.
  Settings& settings() { return settings_; }

 private:
  friend struct Commands;  // the table of commands in server.cpp

  Bytes echo(const smp::Message& m);
  Bytes reset(const smp::Message& m);
  Bytes parameters(const smp::Message& m);
  Bytes info(const smp::Message& m);
  Bytes bootloader_info(const smp::Message& m);

  Bytes image_state(const smp::Message& m);
  Bytes image_state_write(const smp::Message& m);
  Bytes image_upload(const smp::Message& m);
  Bytes image_erase(const smp::Message& m);
  Bytes slot_info(const smp::Message& m);

  Bytes setting_read(const smp::Message& m);
  Bytes setting_write(const smp::Message& m);
  Bytes setting_delete(const smp::Message& m);
  Bytes settings_commit(const smp::Message& m);
  Bytes settings_load(const smp::Message& m);
  Bytes settings_save(const smp::Message& m);

  Bytes file_download(const smp::Message& m);
  Bytes file_upload(const smp::Message& m);
  Bytes file_status(const smp::Message& m);
  Bytes file_hash(const smp::Message& m);
  Bytes file_close(const smp::Message& m);

  Bytes identity(const smp::Message& m);
  Bytes health(const smp::Message& m);
  Bytes patches(const smp::Message& m);
  Bytes trial(const smp::Message& m);
  Bytes components(const smp::Message& m);

  // Where the answer goes: as much of `work` as may be sent back.
  MutableBytes room() { return work_.first(std::min<std::size_t>(work_.size(), platform_->limits().longest_answer)); }
  Bytes refuse(const smp::Message& m, const smp::ServerError& error);
  // An answer that does not fit becomes the refusal message_size, as Zephyr has it.
  template <class Reply>
  Bytes answer(const smp::Message& m, const Reply& reply) {
    const auto message = smp::encode_reply(room(), m.header, reply);
    return message ? *message : refuse(m, smp::Rc::message_size);
  }
  Bytes refuse_image(const smp::Message& m, ImageError rc) { return refuse(m, {smp::group::image, rc}); }
  Bytes list_images(const smp::Message& m);
  Bytes set_next(const smp::Message& m, Slots& slots, int slot, bool confirm);
  void forget_uploads();
  Bytes refuse_file(const smp::Message& m, FileError rc) { return refuse(m, {smp::group::file, rc}); }
  Bytes refuse_settings(const smp::Message& m, SettingsErrc why);
  Bytes settle(const smp::Message& m, const Result<void, SettingsErrc>& done);

  Platform* platform_;
  Slots slots_;  // of image 0
  Upload upload_;
  PatchUpload patch_;
  std::uint32_t slot_number_ = 0;  // Platform::take_upload_slot
  Files files_;
  Trial trial_;
  Settings settings_;
  MutableBytes work_;
};

}  // namespace lockstep::agent
