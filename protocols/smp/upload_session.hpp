// Uploads one image into the device's free slot (image group, command 1).
//
// The device leads: every answer names the offset it wants next, and we follow it, forward (it has part of this very
// upload already) and back (it lost something). Offset 0 again means that it forgot the upload: the first chunk goes
// out whole again. A first chunk may take seconds, because the device erases; only there we wait so long, and ask by
// an echo meanwhile: a device that answers that is not erasing, so the chunk or its answer was lost.
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
  // Largest message the device takes, whole, with header (smp::max_message(buffer_size)); 0: not known. Then the
  // session asks for the device's parameters, and on a device without them tries guess_message and halves it until
  // chunks pass. Give max_message() of the last session with this kind of device to spare both.
  std::size_t max_message = 0;
  std::size_t guess_message = 2044;
  std::uint32_t first_timeout_ms = 30'000;  // for the answer to the chunk at offset 0: the device may erase a slot
  std::uint32_t timeout_ms = 2500;          // for any other answer
  std::uint8_t retries = 4;                 // of the same chunk; tries with a smaller size come on top
  VersionChoice version = VersionChoice::automatic;
  std::uint8_t sequence = 0;                // as RequestSettings::sequence
};

class UploadSession {
 public:
  using Error = Errc;
  // The chunk at offset 0 goes in a message of at most this size, whatever the device takes: it fits two console lines,
  // which every server receives whole, and so the long wait for the erase is not spent on a message that was lost.
  static constexpr std::size_t first_message = 128;
  // Messages are never made smaller than this: the 32 bytes of data that a first chunk must have (an image's header;
  // servers refuse less) still fit, if need be without `sha`.
  static constexpr std::size_t min_message = 92;
  // Answers that ask for bytes already given, before the device must have come farther than ever: more is no_progress.
  static constexpr std::uint8_t max_setbacks = 16;
  // Wait before a chunk is sent again to a device that said it is busy.
  static constexpr std::uint32_t busy_pause_ms = 500;

  // `image`: the whole file. `buffer` holds one message; when it is smaller than what the device takes, chunks are
  // made for the buffer (for UDP lend what one packet carries, about 1,400 bytes). Both, and settings.sha, must
  // outlive the session.
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
  // bad_body:      an answer that makes no sense
  // too_long:      the buffer is smaller than min_message, or the refusal's text is longer than the buffer
  Errc error() const { return error_; }
  // What the device said when error() is server_error; its body (for server_reason()) is a view into the buffer.
  ServerError server_error() const { return server_error_; }
  Bytes reply_body() const { return reply_; }

  std::size_t offset_bytes() const { return offset_; }  // the device has so much
  std::size_t size_bytes() const { return image_.size(); }
  std::size_t max_message() const { return limit_; }    // what this device was found to take; 0 before it is known
  std::uint32_t resent_chunks() const { return resent_; }  // a measure of the link, for the log
  Version version() const { return version_; }
  std::uint8_t next_sequence() const { return static_cast<std::uint8_t>(sequence_ + 1); }

 private:
  enum class Phase : std::uint8_t { parameters, chunks };

  Action in_parameters(const Action& action);
  Action begin_chunks(std::size_t limit);
  Action send_chunk();
  Action resend_chunk();
  Action await_reply() const;
  Action pass_over();
  Action probe();
  Action on_silence();
  Action on_loss();
  Action take_reply(const Message& reply);
  Action on_refusal(const Message& reply, const ServerError& refusal);
  Action follow(const ImageUploadReply& reply);
  Action finish(Errc e);
  void count_success();
  bool shrink();
  bool may_fall_back() const;
  ImageUploadRequest chunk() const;

  Bytes image_;
  MutableBytes buffer_;
  UploadSettings settings_;
  RequestSession parameters_;
  Phase phase_ = Phase::parameters;
  Version version_ = Version::v2;
  bool understood_ = false;    // the device answered in this version
  bool pausing_ = false;       // the device is busy
  bool silent_ = false;        // a first chunk was waited for in vain
  bool probing_ = false;       // an echo is out that tells whether the first chunk was lost
  std::uint8_t sequence_ = 0;
  std::uint8_t attempts_ = 0;  // times this chunk was sent
  std::uint8_t strays_ = 0;    // messages passed over since it was sent
  std::uint8_t setbacks_ = 0;  // see max_setbacks
  std::uint8_t streak_ = 0;    // answers in a row without a timeout
  std::size_t limit_ = 0;      // largest message for now
  std::size_t proven_ = 0;     // largest message that was ever answered
  std::size_t offset_ = 0;
  std::size_t highest_ = 0;    // the farthest offset that the device ever asked for
  std::uint32_t waited_ms_ = 0;  // for the answer to a first chunk
  std::uint32_t slice_ms_ = 0;   // of that wait, until the next probe
  std::size_t sent_size_ = 0;    // of the message with the chunk
  Header request_{};             // of that message
  Bytes reply_{};
  ServerError server_error_{};
  Errc error_ = Errc::none;
  std::uint32_t resent_ = 0;
};

}  // namespace lockstep::smp
