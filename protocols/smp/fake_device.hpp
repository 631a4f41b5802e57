// For tests of sessions: a device with the habits of real ones, and a wire with a clock of its own that can
// lose, repeat and spoil messages. No test waits.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "protocols/core/action.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::smp {

using Frame = std::vector<std::byte>;

class FakeDevice {
 public:
  // Habits.
  std::optional<std::uint32_t> buffer_size =
      512;                                 // what the parameters say; none: the command is not supported
  bool silent_on_unknown = false;          // says nothing to commands it lacks
  std::size_t takes = 100'000;             // larger messages are not seen at all
  std::optional<ServerError> too_large{};  // ... or are answered by this
  enum class Old { no, silent, refuses } old = Old::no;  // how a version 1 server meets version 2
  bool resumes = true;                                   // goes on with an upload of the same sha
  std::size_t write_unit = 1;                            // keeps only whole units of a chunk
  std::uint64_t erase_ms = 0;                            // for a first chunk
  std::optional<std::size_t> forgets_at{};               // once, when it has so much
  std::optional<std::size_t> jumps_back_at{};            // once: asks for bytes again that it has
  std::size_t jump = 0;
  bool compares = true;   // says `match` at the end
  bool corrupts = false;  // stores a wrong byte
  int busy_times = 0;     // says so that often
  std::function<std::optional<ServerError>(const ImageUploadRequest&)> refuses{};

  // What happened.
  Frame stored{};
  std::vector<std::size_t> message_sizes{};
  int first_chunks = 0;
  std::uint64_t busy_until = 0;

  // The answer, none when the device says nothing. `now` is when the message arrives.
  std::optional<Frame> answer(Bytes bytes, std::uint64_t now) {
    if (bytes.size() > takes && !too_large) return std::nullopt;
    const auto message = decode_message(bytes);
    if (!message) return std::nullopt;
    header_ = message->header;
    busy_until = std::max(busy_until, now);
    if (bytes.size() > takes) return error(*too_large);
    if (header_.version == Version::v2 && old != Old::no) {
      if (old == Old::silent) return std::nullopt;
      header_.version = Version::v1;
      return error(Rc::not_supported);
    }
    if (is_for(header_, EchoRequest::command)) return reply(EchoReply{});
    if (is_for(header_, ParametersRequest::command) && buffer_size) {
      return reply(ParametersReply{.buffer_size = *buffer_size, .buffer_count = 4});
    }
    if (is_for(header_, ImageUploadRequest::command)) {
      message_sizes.push_back(bytes.size());
      const auto request = ImageUploadRequest::decode(message->body);
      return request ? upload(*request) : error(Rc::invalid);
    }
    if (silent_on_unknown) return std::nullopt;
    return error(Rc::not_supported);
  }

 private:
  std::optional<Frame> upload(const ImageUploadRequest& request) {
    if (busy_times > 0) return --busy_times, error(Rc::busy);
    if (refuses) {
      if (const auto e = refuses(request)) return error(*e);
    }
    if (request.offset == 0) {
      ++first_chunks;
      if (request.data.size() < 32) return error({group::image, image_rc::invalid_image_header});
      const bool same = resumes && !request.sha.empty() && std::ranges::equal(request.sha, sha_);
      if (same && !stored.empty()) return reply(ImageUploadReply{.offset = stored.size()});
      busy_until += erase_ms;
      stored.clear();
      sha_.assign(request.sha.begin(), request.sha.end());
      length_ = static_cast<std::size_t>(request.length.value_or(0));
    }
    if (forgets_at && stored.size() >= *forgets_at) {
      forgets_at.reset();
      stored.clear();
      sha_.clear();
      return reply(ImageUploadReply{.offset = 0});
    }
    if (request.offset != stored.size()) return reply(ImageUploadReply{.offset = stored.size()});
    const bool last = stored.size() + request.data.size() == length_;
    const std::size_t keep = last ? request.data.size() : request.data.size() / write_unit * write_unit;
    stored.insert(stored.end(), request.data.begin(),
                  request.data.begin() + static_cast<std::ptrdiff_t>(keep));
    if (jumps_back_at && stored.size() >= *jumps_back_at) {
      jumps_back_at.reset();
      stored.resize(stored.size() - jump);
    }
    ImageUploadReply r{.offset = stored.size()};
    if (stored.size() == length_) {
      if (corrupts) stored[5] ^= std::byte{1};
      if (compares && !sha_.empty()) r.match = !corrupts;
    }
    return reply(r);
  }

  template <class Reply>
  std::optional<Frame> reply(const Reply& r) {
    Frame buffer(256);
    const auto message = encode_reply(buffer, header_, r);
    return Frame(message->begin(), message->end());
  }
  std::optional<Frame> error(const ServerError& e) {
    Frame buffer(64);
    const auto message = encode_error(buffer, header_, e);
    return Frame(message->begin(), message->end());
  }

  Header header_{};
  Frame sha_{};
  std::size_t length_ = 0;
};

enum class Fault { none, request_lost, reply_lost, reply_twice, stale_first, garbage_first, late };

// Obeys a session against a device; `fault(n)` is what happens to the n-th message sent.
template <class Session, class Device>
class Wire {
 public:
  Wire(Session& session, Device& device, std::function<Fault(int)> fault = {})
      : session_(session), device_(device), fault_(std::move(fault)) {}

  // False when the session did not end within so many actions.
  bool run(int max_actions = 200'000) {
    Action action = session_.start();
    for (int i = 0; i < max_actions; ++i) {
      if (action.kind == Action::Kind::done) return true;
      action = action.kind == Action::Kind::send ? send(action.bytes) : receive(action.timeout_ms);
    }
    return false;
  }

  int sent = 0;
  std::uint64_t now_ms = 0;

 private:
  struct Arrival {
    std::uint64_t at_ms;
    Frame message;
  };

  Action send(Bytes bytes) {
    const Fault fault = fault_ ? fault_(sent) : Fault::none;
    ++sent;
    const Frame request(bytes.begin(), bytes.end());
    if (fault != Fault::request_lost) {
      if (auto answer = device_.answer(request, now_ms)) arrive(*answer, fault);
    }
    return session_.on_sent();
  }

  void arrive(const Frame& answer, Fault fault) {
    const std::uint64_t at = std::max(now_ms, device_.busy_until) + 1;
    if (fault == Fault::reply_lost) return;
    if (fault == Fault::garbage_first) inbox_.push_back({at, Frame(3, std::byte{0x5a})});
    if (fault == Fault::stale_first && !last_.empty()) inbox_.push_back({at, last_});
    inbox_.push_back({fault == Fault::late ? at + 4000 : at, answer});
    if (fault == Fault::reply_twice) inbox_.push_back({at, answer});
    last_ = answer;
  }

  Action receive(std::uint32_t timeout_ms) {
    const auto next = std::ranges::min_element(inbox_, {}, &Arrival::at_ms);
    if (next == inbox_.end() || next->at_ms > now_ms + timeout_ms) {
      now_ms += timeout_ms;
      return session_.on_timeout();
    }
    now_ms = std::max(now_ms, next->at_ms);
    const Frame message = std::move(next->message);
    inbox_.erase(next);
    return session_.on_message(message);
  }

  Session& session_;
  Device& device_;
  std::function<Fault(int)> fault_;
  std::deque<Arrival> inbox_;
  Frame last_;
};

}  // namespace lockstep::smp
