// For tests: an SMP server in this process, behind the Link interface, that behaves like the peers of the
// field.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "host/base/buffer.hpp"
#include "host/base/text.hpp"
#include "host/link/link.hpp"
#include "protocols/cbor/writer.hpp"
#include "protocols/smp/console.hpp"
#include "protocols/smp/file_group.hpp"
#include "protocols/smp/image_group.hpp"
#include "protocols/smp/message.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"
#include "protocols/smp/settings_group.hpp"

namespace lockstep::session::test {

namespace asio = boost::asio;

using Key = std::pair<int, int>;  // group, command
inline constexpr Key echo_key{0, 0}, reset_key{0, 5}, params_key{0, 6}, info_key{0, 7}, boot_key{0, 8},
    state_key{1, 0}, upload_key{1, 1}, identity_key{64, 0}, health_key{64, 1}, patches_key{64, 2}, components_key{64, 4}, setting_key{3, 0}, delete_key{3, 1}, commit_key{3, 2}, save_key{3, 3},
    file_key{8, 0};

struct FakeServer {
  struct Image {
    std::string version, hash;
    bool pending = false, confirmed = false, active = false;
  };

  // How it behaves.
  std::optional<std::uint32_t> buffer_size = 512;
  std::set<Key> unknown;  // answered with rc 8
  std::set<Key> silent;   // not answered
  int lose_request = 0;   // the request with this number gets lost, counted from 1
  std::map<Key, smp::ServerError> refuse;
  bool only_v1 = false;          // says nothing to v2
  bool vanish_on_reset = false;  // gone before the answer
  int closed_for_opens = 0;      // so many times the endpoint cannot be opened
  int deaf_for_requests = 0;     // so many requests are not heard (it boots)
  std::string chatter;           // printed before each answer (console framing)

  // What is true.
  std::vector<Image> images{{"1.0.0", std::string(64, 'a'), false, true, true}};
  Buffer upload;
  std::size_t upload_size = 0;
  std::uint32_t upload_image = 0;
  Buffer upload_sha;
  std::vector<smp::NodeComponent> components;  // none: it does not know the command
  std::map<std::string, std::string> settings, saved_settings;
  std::string log;
  int overtaken = 0;  // so many downloads are overtaken by the log in their second chunk
  int commits = 0;
  int resets = 0, opens = 0, requests = 0;
  std::size_t longest_request = 0;
  std::vector<int> sequences;

  // The answer to one message; empty: none.
  Buffer handle(Bytes bytes) {
    const auto message = smp::decode_message(bytes);
    if (!message) return {};
    ++requests;
    longest_request = std::max(longest_request, bytes.size());
    sequences.push_back(message->header.sequence);
    const Key key{message->header.group, message->header.command};
    if (deaf_for_requests > 0) return --deaf_for_requests, Buffer{};
    if (requests == lose_request) return {};
    if (only_v1 && message->header.version != smp::Version::v1) return {};
    if (silent.contains(key)) return {};
    if (auto error = refuse.find(key); error != refuse.end()) return refusal(message->header, error->second);
    if (unknown.contains(key)) return refusal(message->header, smp::ServerError(smp::Rc::not_supported));
    return answer(key, *message);
  }

 private:
  static constexpr std::size_t room = 4096;

  static Buffer refusal(const smp::Header& header, const smp::ServerError& error) {
    Buffer out(room);
    return to_buffer(*smp::encode_error(out, header, error));
  }

  template <class Reply>
  static Buffer reply(const smp::Header& header, const Reply& value) {
    Buffer out(room);
    return to_buffer(*smp::encode_reply(out, header, value));
  }

  Buffer answer(const Key& key, const smp::Message& m) {
    if (key == echo_key) {
      const auto request = smp::EchoRequest::decode(m.body);
      return reply(m.header, smp::EchoReply{request->text});
    }
    if (key == params_key && buffer_size) return reply(m.header, smp::ParametersReply{*buffer_size, 1});
    if (key == info_key) return reply(m.header, smp::InfoReply{"Zephyr fake 3.4.0"});
    if (key == boot_key) return bootloader(m);
    if (key == identity_key)
      return reply(m.header, smp::NodeIdentityReply{"node-m3", "1.2", "SN1", "thermostat"});
    if (key == health_key) return reply(m.header, smp::NodeHealthReply{true, "fine"});
    if (key == components_key && !components.empty()) return component_list(m.header);
    if (key == reset_key) return ++resets, reply(m.header, smp::EmptyReply());
    if (key == state_key && m.header.op == smp::Op::write) return write_state(m);
    if (key == state_key) return state(m.header);
    if (key == upload_key) return chunk(m);
    if (key == file_key) return file(m);
    if (key == setting_key || key == delete_key) return setting(m);
    if (key == commit_key) return ++commits, reply(m.header, smp::EmptyReply());
    if (key == save_key) return saved_settings = settings, reply(m.header, smp::EmptyReply());
    return refusal(m.header, smp::ServerError(smp::Rc::not_supported));
  }

  Buffer component_list(const smp::Header& header) {
    smp::NodeComponentsReply list;
    for (const smp::NodeComponent& component : components) list.components.push_back(component);
    return reply(header, list);
  }

  Buffer setting(const smp::Message& m) {
    if (m.header.command == 0 && m.header.op == smp::Op::write) {
      const auto request = smp::SettingWriteRequest::decode(m.body);
      settings[std::string(request->name)] = as_text(request->value);
      return reply(m.header, smp::EmptyReply());
    }
    const auto request = smp::SettingDeleteRequest::decode(m.body);  // a read has the name, too
    const auto found = settings.find(std::string(request->name));
    if (found == settings.end())
      return refusal(m.header, smp::ServerError(smp::group::settings, smp::settings_rc::key_not_found));
    if (m.header.command == 0) return reply(m.header, smp::SettingReadReply{.value = as_bytes(found->second)});
    settings.erase(found);
    return reply(m.header, smp::EmptyReply());
  }

  Buffer file(const smp::Message& m) {
    const auto request = smp::FileDownloadRequest::decode(m.body);
    if (request->name != "/log") return refusal(m.header, smp::ServerError(smp::group::file, smp::file_rc::not_found));
    if (request->offset > 0 && overtaken > 0) {
      --overtaken;
      log += "more\n";
      return refusal(m.header, smp::ServerError(smp::group::file, smp::file_rc::offset_not_valid));
    }
    const std::string_view rest = std::string_view(log).substr(static_cast<std::size_t>(request->offset));
    smp::FileDownloadReply answer{.offset = request->offset, .data = as_bytes(rest.substr(0, 100))};
    if (request->offset == 0) answer.length = log.size();
    return reply(m.header, answer);
  }

  static Buffer bootloader(const smp::Message& m) {
    const auto request = smp::BootloaderInfoRequest::decode(m.body);
    if (request->query.empty()) return reply(m.header, smp::BootloaderInfoReply{.bootloader = "MCUboot"});
    return reply(m.header, smp::BootloaderInfoReply{.mode = smp::BootMode::swap_offset});
  }

  Buffer state(const smp::Header& header) {
    smp::ImageStateReply list;
    std::vector<Buffer> hashes;
    for (const Image& image : images) hashes.push_back(*from_hex(image.hash));
    for (std::size_t i = 0; i < images.size(); ++i)
      list.images.push_back({.slot = static_cast<std::uint32_t>(i),
                             .version = images[i].version,
                             .hash = hashes[i],
                             .bootable = true,
                             .pending = images[i].pending,
                             .confirmed = images[i].confirmed,
                             .active = images[i].active});
    return reply(header, list);
  }

  Buffer write_state(const smp::Message& m) {
    const auto request = smp::ImageStateWriteRequest::decode(m.body);
    for (Image& image : images) {
      if (image.hash != to_hex(request->hash)) continue;
      (request->confirm ? image.confirmed : image.pending) = true;
      return state(m.header);
    }
    return refusal(m.header, smp::ServerError(smp::group::image, smp::image_rc::hash_not_found));
  }

  Buffer chunk(const smp::Message& m) {
    const auto request = smp::ImageUploadRequest::decode(m.body);
    const bool other = request->offset == 0 && to_buffer(request->sha) != upload_sha;
    if (request->offset == 0) upload_image = request->image;
    if (other) {
      upload.clear();
      upload_size = static_cast<std::size_t>(request->length.value_or(0));
      upload_sha = to_buffer(request->sha);
    }
    if (request->offset == upload.size())
      upload.insert(upload.end(), request->data.begin(), request->data.end());
    return reply(m.header, smp::ImageUploadReply{.offset = upload.size()});
  }
};

// The host's end of a link to a FakeServer.
class ServerLink final : public link::Link {
 public:
  ServerLink(asio::any_io_executor executor, FakeServer& server, link::LinkUri uri)
      : server_(server),
        uri_(uri),
        name_(to_string(uri)),
        wake_(executor, std::chrono::steady_clock::time_point::max()),
        decoder_(in_) {}

  asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes into) override {
    while (out_.empty() && !closed_) {
      (void)co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto stop = co_await asio::this_coro::cancellation_state;
      if (stop.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "stopped");
    }
    if (out_.empty()) co_return fail(ErrorKind::unreachable, name_ + ": reading: the other end hung up");
    Buffer& front = out_.front();
    const std::size_t count = std::min(into.size(), front.size());
    std::copy_n(front.begin(), count, into.begin());
    front.erase(front.begin(), front.begin() + static_cast<std::ptrdiff_t>(count));
    if (front.empty() || uri_.framing == link::Framing::datagram) out_.pop_front();
    co_return count;
  }

  asio::awaitable<Outcome<void>> write_all(Bytes bytes) override {
    if (closed_) co_return fail(ErrorKind::unreachable, name_ + ": writing: the other end hung up");
    if (uri_.framing != link::Framing::console) {
      serve(bytes);
    } else {
      for (const std::byte b : bytes)
        if (const auto event = decoder_.feed(b); event.kind == smp::ConsoleDecoder::Kind::message)
          serve(event.bytes);
    }
    co_return Outcome<void>();
  }

  void close() override {
    closed_ = true;
    wake_.cancel();
  }
  const std::string& name() const override { return name_; }
  std::size_t max_datagram() const override { return uri_.framing == link::Framing::datagram ? 300 : 0; }

 private:
  void serve(Bytes message) {
    const int resets = server_.resets;
    const Buffer reply = server_.handle(message);
    if (server_.resets != resets && server_.vanish_on_reset) return close();
    if (reply.empty()) return;
    Buffer bytes = reply;
    if (uri_.framing == link::Framing::console) {
      Buffer lines(smp::console_encoded_size(reply.size()));
      bytes = to_buffer(server_.chatter);
      const Bytes encoded = *smp::encode_console(reply, lines);
      bytes.insert(bytes.end(), encoded.begin(), encoded.end());
    }
    out_.push_back(std::move(bytes));
    wake_.cancel();
  }

  FakeServer& server_;
  link::LinkUri uri_;
  std::string name_;
  asio::steady_timer wake_;  // never expires; cancelled when there is something to read
  Buffer in_ = Buffer(4096);
  smp::ConsoleDecoder decoder_;
  std::deque<Buffer> out_;
  bool closed_ = false;
};

inline link::LinkOpener opener_to(FakeServer& server) {
  return [&server](asio::any_io_executor executor,
                   link::LinkUri uri) -> asio::awaitable<Outcome<std::unique_ptr<link::Link>>> {
    ++server.opens;
    if (server.closed_for_opens > 0) {
      --server.closed_for_opens;
      co_return fail(ErrorKind::unreachable, to_string(uri) + ": opening: no such file or directory");
    }
    std::unique_ptr<link::Link> link = std::make_unique<ServerLink>(executor, server, uri);
    co_return link;
  };
}

}  // namespace lockstep::session::test
