#include "protocols/smp/upload_session.hpp"

#include <algorithm>
#include <cstring>

#include "protocols/smp/os_group.hpp"

namespace lockstep::smp {
namespace {

constexpr std::size_t min_first_data = 32;  // an MCUboot header
constexpr std::uint8_t growing_streak = 16;

// Bytes of data that make `request` fill a message of `limit` bytes to the last one; 0 when even none fits.
std::size_t room_for_data(const ImageUploadRequest& request, std::size_t limit) {
  const std::size_t empty = header_size + request.encoded_size(0);
  if (limit < empty) return 0;
  std::size_t n = limit - empty;
  while (n > 0 && header_size + request.encoded_size(n) > limit) --n;  // a longer head for a longer string
  return n;
}

// What an answer to the probe is matched with.
Header probe_header(std::uint8_t sequence) {
  return {.op = EchoRequest::command.op,
          .group = EchoRequest::command.group,
          .sequence = sequence,
          .command = EchoRequest::command.id};
}

// Whether the refusal may mean that the message was too large to be received or worked on.
bool blames_size(const ServerError& refusal) {
  constexpr std::int32_t image_no_memory = 15;
  return refusal.is(Rc::message_size) || refusal.is(Rc::no_memory) || refusal.is(Rc::invalid) ||
         refusal == ServerError(group::image, image_no_memory);
}

}  // namespace

UploadSession::UploadSession(Bytes image, MutableBytes buffer, const UploadSettings& settings)
    : image_(image),
      buffer_(buffer),
      settings_(settings),
      parameters_(buffer, ParametersRequest{},
                  {.timeout_ms = settings.timeout_ms, .version = settings.version, .sequence = settings.sequence}),
      version_(settings.version == VersionChoice::v1 ? Version::v1 : Version::v2),
      sequence_(static_cast<std::uint8_t>(settings.sequence - 1)) {}

Action UploadSession::start() {
  if (buffer_.size() < min_message) return finish(Errc::too_long);
  if (settings_.max_message != 0) return begin_chunks(settings_.max_message);
  return in_parameters(parameters_.start());
}

Action UploadSession::on_sent() {
  if (phase_ == Phase::parameters) return in_parameters(parameters_.on_sent());
  return await_reply();
}

Action UploadSession::on_message(Bytes message) {
  if (phase_ == Phase::parameters) return in_parameters(parameters_.on_message(message));
  const auto reply = decode_message(message);
  if (!reply) return pass_over();
  if (answers(reply->header, request_)) return take_reply(*reply);
  if (probing_ && answers(reply->header, probe_header(sequence_))) {
    understood_ = true;
    return on_loss();
  }
  return pass_over();
}

// A message that is not our answer: a late one, or one to somebody else. Too many count as silence.
Action UploadSession::pass_over() {
  if (++strays_ >= RequestSession::max_strays) return on_timeout();
  return await_reply();
}

Action UploadSession::await_reply() const {
  if (pausing_) return Action::receive(busy_pause_ms);
  return Action::receive(offset_ == 0 ? slice_ms_ : settings_.timeout_ms);
}

Action UploadSession::in_parameters(const Action& action) {
  if (action.kind != Action::Kind::done) return action;
  // A device that does not know the command is still a device: silence is left for the first chunk to judge.
  understood_ = parameters_.error() == Errc::none || parameters_.error() == Errc::server_error;
  if (understood_) version_ = parameters_.version();
  sequence_ = settings_.sequence;
  std::size_t limit = 0;
  if (parameters_.error() == Errc::none) {
    const auto reply = parameters_.reply<ParametersRequest>();
    if (reply) limit = smp::max_message(reply->buffer_size);
  }
  return begin_chunks(limit != 0 ? limit : settings_.guess_message);
}

Action UploadSession::begin_chunks(std::size_t limit) {
  phase_ = Phase::chunks;
  limit_ = std::clamp(limit, min_message, std::min(buffer_.size(), max_message_size));
  return send_chunk();
}

ImageUploadRequest UploadSession::chunk() const {
  ImageUploadRequest request{.offset = offset_};
  std::size_t limit = limit_;
  if (offset_ == 0) {
    limit = std::min(limit, first_message);
    request.image = settings_.image;
    request.length = image_.size();
    request.upgrade = settings_.upgrade_only;
    request.sha = settings_.sha;
    if (room_for_data(request, limit) < min_first_data) request.sha = {};
  }
  const Bytes rest = image_.subspan(offset_);
  request.data = rest.first(std::min(rest.size(), room_for_data(request, limit)));
  return request;
}

Action UploadSession::send_chunk() {
  ++sequence_;
  attempts_ = 0;
  return resend_chunk();
}

// The chunk at offset_, under the same sequence number as before: a late answer to an earlier try is welcome.
Action UploadSession::resend_chunk() {
  ++attempts_;
  strays_ = 0;
  pausing_ = probing_ = false;
  waited_ms_ = 0;
  slice_ms_ = std::max<std::uint32_t>(1, std::min(settings_.timeout_ms, settings_.first_timeout_ms));
  const auto message = encode_request(buffer_, version_, sequence_, chunk());
  if (!message) return finish(message.error());
  sent_size_ = message->size();
  const auto header = decode_header(*message);
  if (header) request_ = *header;
  return Action::send(*message);
}

Action UploadSession::on_timeout() {
  if (phase_ == Phase::parameters) return in_parameters(parameters_.on_timeout());
  if (pausing_) return resend_chunk();
  if (offset_ == 0) {
    waited_ms_ += slice_ms_;
    if (waited_ms_ < settings_.first_timeout_ms) return probe();
    return on_silence();
  }
  return on_loss();
}

// Neither the first chunk nor a probe was answered, for as long as an erase may take: one more try, in the version
// that such a device may want.
Action UploadSession::on_silence() {
  if (silent_) return finish(Errc::no_reply);
  silent_ = true;
  ++resent_;
  if (may_fall_back()) version_ = Version::v1;
  return resend_chunk();
}

// Nothing but an echo may be sent while the device perhaps erases: a second first chunk would make some erase again.
Action UploadSession::probe() {
  slice_ms_ = std::min(slice_ms_ * 2, settings_.first_timeout_ms - waited_ms_);
  const auto message = encode_request(buffer_, version_, sequence_, EchoRequest{});
  if (!message) return finish(message.error());
  probing_ = true;
  return Action::send(*message);
}

// The chunk or its answer was lost.
Action UploadSession::on_loss() {
  streak_ = 0;
  ++resent_;
  // A size that never passed is suspected after the second loss; one that did, only when the link looks dead.
  const bool suspect = sent_size_ > proven_ ? attempts_ >= 2 : attempts_ >= 3;
  if (suspect && shrink()) {
    --attempts_;  // it is another message now
    return resend_chunk();
  }
  if (attempts_ > settings_.retries) return finish(Errc::no_reply);
  return resend_chunk();
}

bool UploadSession::may_fall_back() const {
  return settings_.version == VersionChoice::automatic && version_ == Version::v2 && !understood_;
}

// Halves what is sent at once; false when that is not possible or would change nothing.
bool UploadSession::shrink() {
  if (sent_size_ <= min_message || offset_ == 0) return false;
  limit_ = std::max(sent_size_ / 2, min_message);
  return true;
}

// Grows back to a size that passed before, when the link has been good for a while.
void UploadSession::count_success() {
  understood_ = true;
  silent_ = false;
  if (offset_ != 0) proven_ = std::max(proven_, sent_size_);
  if (++streak_ < growing_streak) return;
  streak_ = 0;
  if (limit_ < proven_) limit_ = std::min(limit_ * 2, proven_);
}

Action UploadSession::take_reply(const Message& reply) {
  const auto refusal = decode_server_error(reply.body);
  if (!refusal) return finish(Errc::bad_body);
  if (*refusal) return on_refusal(reply, *refusal);
  const auto uploaded = ImageUploadReply::decode(reply.body);
  if (!uploaded) return finish(uploaded.error());
  count_success();
  return follow(*uploaded);
}

Action UploadSession::on_refusal(const Message& reply, const ServerError& refusal) {
  if (may_fall_back() && wants_version_1(reply.header, refusal)) {
    version_ = Version::v1;
    return resend_chunk();
  }
  understood_ = true;
  if (blames_size(refusal) && sent_size_ > proven_ && shrink()) return send_chunk();
  if (refusal.is(Rc::busy) && attempts_ <= settings_.retries) {
    pausing_ = true;
    return pass_over();
  }
  if (reply.body.size() > buffer_.size()) return finish(Errc::too_long);
  if (!reply.body.empty()) std::memcpy(buffer_.data(), reply.body.data(), reply.body.size());
  reply_ = Bytes(buffer_).first(reply.body.size());
  server_error_ = refusal;
  return finish(Errc::server_error);
}

Action UploadSession::follow(const ImageUploadReply& reply) {
  if (reply.match == false) return finish(Errc::image_corrupt);
  if (reply.offset > image_.size()) return finish(Errc::bad_offset);
  const auto wanted = static_cast<std::size_t>(reply.offset);
  if (wanted > highest_) {
    highest_ = wanted;
    setbacks_ = 0;
  }
  if (wanted <= offset_ && ++setbacks_ > max_setbacks) return finish(Errc::no_progress);
  offset_ = wanted;
  if (offset_ == image_.size()) return finish(Errc::none);
  return send_chunk();
}

Action UploadSession::finish(Errc e) {
  error_ = e;
  return Action::done();
}

}  // namespace lockstep::smp
