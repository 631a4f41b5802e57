#include "protocols/smp/request_session.hpp"

#include <cstring>

namespace lockstep::smp {

bool wants_version_1(const Header& reply, const ServerError& refusal) {
  if (refusal.is(Rc::too_new)) return true;
  if (reply.version != Version::v1) return false;
  return refusal.is(Rc::not_supported) || refusal.is(Rc::invalid) || refusal.is(Rc::unknown);
}

void RequestSession::prepare(Result<Bytes, Errc> message) {
  if (!message) {
    error_ = message.error();
    return;
  }
  message_ = *message;
  const auto header = decode_header(message_);
  if (header) request_ = *header;
}

Action RequestSession::start() {
  if (error_ != Errc::none) return Action::done();
  return send();
}

Action RequestSession::send() {
  ++attempts_;
  strays_ = 0;
  return Action::send(message_);
}

Action RequestSession::on_sent() { return Action::receive(settings_.timeout_ms); }

Action RequestSession::on_message(Bytes message) {
  const auto reply = decode_message(message);
  if (!reply || !answers(reply->header, request_)) return pass_over();
  return take_reply(*reply);
}

// A message that is not our answer; too many of them count as silence.
Action RequestSession::pass_over() {
  if (++strays_ >= max_strays) return on_timeout();
  return Action::receive(settings_.timeout_ms);
}

Action RequestSession::on_timeout() {
  const unsigned total = settings_.retries + 1u;
  if (attempts_ >= total) return finish(Errc::no_reply);
  // The later half of the attempts asks an old server, which may be silent about a version that it does not know.
  if (attempts_ == (total + 1) / 2 && may_fall_back()) fall_back();
  return send();
}

Action RequestSession::take_reply(const Message& reply) {
  const auto refusal = decode_server_error(reply.body);
  if (!refusal) return finish(Errc::bad_body);
  if (*refusal && may_fall_back() && wants_version_1(reply.header, *refusal)) {
    fall_back();
    return send();
  }
  if (reply.body.size() > buffer_.size()) return finish(Errc::too_long);
  if (!reply.body.empty()) std::memcpy(buffer_.data(), reply.body.data(), reply.body.size());
  reply_ = Bytes(buffer_).first(reply.body.size());
  server_error_ = *refusal;
  return finish(*refusal ? Errc::server_error : Errc::none);
}

void RequestSession::fall_back() {
  request_.version = Version::v1;
  const auto front = encode(request_);
  std::memcpy(buffer_.data(), front.data(), front.size());
}

Action RequestSession::finish(Errc e) {
  error_ = e;
  return Action::done();
}

}  // namespace lockstep::smp
