// Uploads one image into the device's free slot (image group, command 1).
//
// The device leads: every answer names the offset it wants next, and we follow it, forward (it has part of this very
// upload already) and back (it lost something). Offset 0 again means that it forgot the upload: the first chunk goes
// out whole again. A first chunk may take seconds, because the device erases; only there we wait so long.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocols/core/action.hpp"
#include "protocols/smp/errc.hpp"
#include "protocols/smp/header.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/request_session.hpp"

namespace lockstep::smp {

struct UploadSettings {
  std::uint32_t image = 0;               // image number on the device
  Bytes sha{};                           // SHA-256 of the whole file, 32 bytes; empty: no resume, no `match`
  bool upgrade_only = false;             // let the device refuse a version that is not higher
  // Largest message the device takes, whole, with header; 0: not known. Then the session asks for the device's
  // parameters, and on a device without them tries guess_message and halves it until chunks pass.
  // Give max_message() of the last session with this kind of device to spare both.
  std::size_t max_message = 0;
  std::size_t guess_message = 2044;
  std::uint32_t first_timeout_ms = 30'000;  // for the answer to the chunk at offset 0: the device may erase a slot
  std::uint32_t timeout_ms = 2500;          // for any other answer
  std::uint8_t retries = 4;                 // of the same chunk, one after the other
  VersionChoice version = VersionChoice::automatic;
  std::uint8_t sequence = 0;                // as RequestSettings::sequence
};

class UploadSession {
 public:
  using Error = Errc;
  // Chunks are never made smaller than this message: 32 bytes of data, which the first chunk must have, fit.
  static constexpr std::size_t min_message = 92;

  // `image`: the whole file. `buffer` holds one message; a smaller one than the device takes only makes smaller
  // chunks. Both, and settings.sha, must outlive the session.
  UploadSession(Bytes image, MutableBytes buffer, const UploadSettings& settings = {});

  Action start();
  Action on_sent();
  Action on_message(Bytes message);
  Action on_timeout();

  // none:          the device has every byte (which says nothing about its signature)
  // no_reply:      nothing came back, after all retries with ever smaller chunks
  // server_error:  refused, see server_error()
  // image_corrupt: the device found another digest than `sha`
  // bad_offset, no_progress: the device contradicts itself
  // bad_body:      an answer that makes no sense; too_long: the buffer is smaller than min_message
  Errc error() const { return error_; }
  ServerError server_error() const { return server_error_; }

  std::size_t offset_bytes() const { return offset_; }  // what the device has
  std::size_t size_bytes() const { return image_.size(); }
  std::size_t max_message() const { return max_message_; }  // what this device was found to take
  std::uint32_t resent_chunks() const { return resent_; }   // a measure of the link, for the log
  Version version() const { return version_; }
  std::uint8_t next_sequence() const { return static_cast<std::uint8_t>(sequence_ + 1); }

 private:
  enum class Phase : std::uint8_t { parameters, chunks };

  Action ask_parameters();
  Action on_parameters(const Message& reply);
  Action begin_chunks(std::size_t max_message);
  Action send_chunk();
  Action resend_chunk();
  Action on_chunk_reply(const Message& reply);
  Action on_refusal(const Message& reply, ServerError refusal);
  Action follow(const ImageUploadReply& reply);
  Action finish(Errc e);
  bool shrink();
  bool fall_back();
  ImageUploadRequest chunk_request() const;
  std::size_t chunk_size(const ImageUploadRequest& request) const;

  Bytes image_;
  MutableBytes buffer_;
  UploadSettings settings_;
  Phase phase_ = Phase::parameters;
  Version version_ = Version::v2;
  std::uint8_t sequence_ = 0;
  std::size_t max_message_ = 0;
  std::size_t offset_ = 0;
  std::size_t highest_ = 0;  // the farthest offset that the device ever asked for
  Bytes message_{};
  Header request_{};
  ServerError server_error_{};
  Errc error_ = Errc::none;
  std::uint32_t resent_ = 0;
  std::uint16_t stalls_ = 0;  // answers since highest_ last grew
  std::uint8_t attempts_ = 0; // of this chunk, timeouts only
  std::uint8_t strays_ = 0;
  bool answered_ = false;     // the server understood us at least once
};

}  // namespace lockstep::smp
