// SmpClient: the upload.
#include <algorithm>

#include "host/base/crypto.hpp"
#include "host/session/smp_client.hpp"
#include "protocols/smp/upload_session.hpp"

namespace lockstep::session {
namespace {

// An upload session that tells a watch how far it is, and ends when that wants it to.
class WatchedUpload {
 public:
  using Error = smp::Errc;

  WatchedUpload(smp::UploadSession& inner, const UploadWatch& watch) : inner_(inner), watch_(watch) {}

  Action start() { return note(inner_.start()); }
  Action on_sent() { return note(inner_.on_sent()); }
  Action on_timeout() { return note(inner_.on_timeout()); }
  Action on_message(Bytes message) {
    const std::size_t before = inner_.offset_bytes();
    const Action next = inner_.on_message(message);
    const std::size_t now = inner_.offset_bytes();
    if (now != before) moved(before, now);
    return stopped_ ? Action::done() : note(next);
  }

  bool stopped() const { return stopped_; }
  std::uint64_t resumed_at() const { return resumed_at_; }
  std::uint64_t sent() const { return sent_; }

 private:
  Action note(Action action) {
    if (action.kind == Action::Kind::send) message_size_ = action.bytes.size();
    return action;
  }

  void moved(std::size_t before, std::size_t now) {
    const bool jumped =
        now > before && now - before > message_size_;  // more than one message carries: it had the rest
    if (jumped)
      resumed_at_ = now;
    else if (now > before)
      sent_ += now - before;
    stopped_ = watch_ && !watch_(now, inner_.size_bytes());
  }

  smp::UploadSession& inner_;
  const UploadWatch& watch_;
  std::size_t message_size_ = 0;
  std::uint64_t resumed_at_ = 0;
  std::uint64_t sent_ = 0;
  bool stopped_ = false;
};

}  // namespace

asio::awaitable<Outcome<UploadReport>> SmpClient::upload(Bytes image, std::uint32_t image_number,
                                                         UploadWatch watch) {
  const std::string doing = image_number == 0 ? "uploading" : "uploading image " + std::to_string(image_number);
  LOCKSTEP_CO_CHECK(need_proof(doing));
  Sha256Hasher hasher;
  hasher.update(image);
  const Sha256 sha = hasher.finish();
  // Fragments of a packet are lost together, and small devices do not put them together at all.
  const std::size_t packet = channel_->max_datagram();
  const MutableBytes room =
      MutableBytes(buffer_).first(packet == 0 ? buffer_.size() : std::min(packet, buffer_.size()));
  const smp::UploadSettings settings{.image = image_number,
                                     .sha = sha.bytes(),
                                     .max_message = max_message_,
                                     .version = version(),
                                     .sequence = sequence_};
  smp::UploadSession session(image, room, settings);
  WatchedUpload watched(session, watch);
  const auto begun = Channel::Clock::now();
  auto driven = co_await drive(*channel_, watched);
  sequence_ = session.next_sequence();
  if (!driven) {
    const std::string at = doing + " at byte " + std::to_string(session.offset_bytes());
    disconnect();
    co_return Fail(driven.error().in(at));
  }
  if (watched.stopped()) co_return fail(ErrorKind::cancelled, here(doing) + ": stopped by the caller");
  const std::string at = doing + " at byte " + std::to_string(session.offset_bytes());
  if (session.error() != smp::Errc::none)
    co_return Fail(session_error(at, session.error(), session.server_error()));
  max_message_ = session.max_message();
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Channel::Clock::now() - begun);
  co_return UploadReport{
      .resumed_at_bytes = watched.resumed_at(), .sent_bytes = watched.sent(), .took = took};
}

}  // namespace lockstep::session
