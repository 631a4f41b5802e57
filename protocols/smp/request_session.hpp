// One request and its answer, over any link that carries whole messages (protocols/core/action.hpp).
//
//   std::array<std::byte, 512> buffer;
//   RequestSession s(buffer, EchoRequest{.text = "hello"}, {.sequence = next++});
//   drive(channel, s);                                   // host/session; or a script in a test
//   if (s.error() == Errc::none) use(s.reply<EchoRequest>());
#pragma once

#include <cstdint>

#include "protocols/core/action.hpp"
#include "protocols/core/result.hpp"
#include "protocols/smp/errc.hpp"
#include "protocols/smp/message.hpp"

namespace lockstep::smp {

enum class VersionChoice : std::uint8_t {
  automatic,  // v2, and v1 when the server does not understand it
  v1,
  v2,
};

struct RequestSettings {
  std::uint32_t timeout_ms = 2500;  // for each attempt
  std::uint8_t retries = 2;         // attempts after the first; every attempt has the same sequence number
  VersionChoice version = VersionChoice::automatic;
  // Start with a different number in each session on a link, so that a late answer to the last one is not taken for
  // ours: next_sequence() of the session before.
  std::uint8_t sequence = 0;
};

// Whether a refusal may mean that the server understands only version 1: it wants an older version, or it answered
// in version 1 with an error that servers give for what they do not understand.
bool wants_version_1(const Header& reply, const ServerError& refusal);

class RequestSession {
 public:
  using Error = Errc;

  // `buffer` holds first the request and then the answer; it must outlive the session. What `request` views is not
  // needed after the constructor. A request that does not fit ends the session with too_long at start().
  template <class Request>
  RequestSession(MutableBytes buffer, const Request& request, const RequestSettings& settings = {})
      : RequestSession(buffer, settings) {
    prepare(encode_request(buffer, first_version(), settings.sequence, request));
  }

  Action start();
  Action on_sent();
  // An answer to something else (a late one, a duplicate) is passed over and the wait goes on, at most
  // max_strays times an attempt, so that a babbling server cannot hold us.
  Action on_message(Bytes message);
  Action on_timeout();

  // none, no_reply, server_error, bad_body or too_long (request or answer does not fit the buffer).
  Errc error() const { return error_; }
  // What the server said when error() is server_error.
  ServerError server_error() const { return server_error_; }
  // The answer's body, a view into the buffer; empty unless error() is none or server_error. What else a refusal says
  // is in it: server_reason(reply_body()).
  Bytes reply_body() const { return reply_; }
  // The answer, of the type that fits the request given; views point into the buffer. Error: bad_body.
  template <class Request>
  Result<typename Request::Reply, Errc> reply() const {
    return Request::Reply::decode(reply_);
  }
  // The version of the last request sent: after success the one that this server understands.
  Version version() const { return request_.version; }
  std::uint8_t next_sequence() const { return static_cast<std::uint8_t>(request_.sequence + 1); }

  static constexpr std::uint8_t max_strays = 32;

 private:
  RequestSession(MutableBytes buffer, const RequestSettings& settings) : buffer_(buffer), settings_(settings) {}
  Version first_version() const { return settings_.version == VersionChoice::v1 ? Version::v1 : Version::v2; }
  void prepare(Result<Bytes, Errc> message);
  Action send();
  Action pass_over();
  Action take_reply(const Message& reply);
  bool may_fall_back() const { return settings_.version == VersionChoice::automatic && request_.version == Version::v2; }
  void fall_back();
  Action finish(Errc e);

  MutableBytes buffer_;
  RequestSettings settings_;
  Header request_{};
  Bytes message_{};  // the encoded request, in buffer_
  Bytes reply_{};
  ServerError server_error_{};
  Errc error_ = Errc::none;
  std::uint8_t attempts_ = 0;
  std::uint8_t strays_ = 0;
};

}  // namespace lockstep::smp
