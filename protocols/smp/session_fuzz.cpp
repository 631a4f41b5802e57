// A server that answers whatever it likes: both sessions end in a bounded number of steps and never touch a
// byte outside of their buffers. The input is a list of events: one byte of length n, then n bytes of a
// reply's body (n = 0: nothing came in time; n = 255: a message that answers nothing).
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocols/smp/os_group.hpp"
#include "protocols/smp/upload_session.hpp"

namespace {

using namespace lockstep;
using namespace lockstep::smp;

class Server {
 public:
  explicit Server(Bytes script) : script_(script) {}

  // The next event for a session that sent `request`; nothing is a timeout. A script that is over is silence.
  std::vector<std::byte> next(const Header& request) {
    const std::size_t n = script_.u8();
    if (!script_.ok() || n == 0) return {};
    if (n == 255) return std::vector<std::byte>(5);
    const Bytes body = script_.take(n);
    Header header = reply_to(request);
    header.length = static_cast<std::uint16_t>(body.size());
    if (n % 16 == 15) header.version = Version::v1;
    const auto front = encode(header);
    std::vector<std::byte> message(front.begin(), front.end());
    message.insert(message.end(), body.begin(), body.end());
    return message;
  }

 private:
  ByteReader script_;
};

template <class Session>
void drive(Session& session, Bytes script) {
  Server server(script);
  Header request;
  Action action = session.start();
  for (std::size_t steps = 0; action.kind != Action::Kind::done; ++steps) {
    if (steps > 20'000 + 200 * script.size()) std::abort();
    if (action.kind == Action::Kind::send) {
      const auto message = decode_message(action.bytes);
      if (!message || !is_request(message->header)) std::abort();
      request = message->header;
      action = session.on_sent();
      continue;
    }
    const auto message = server.next(request);
    action = message.empty() ? session.on_timeout() : session.on_message(message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes script = std::as_bytes(std::span(data, size));
  std::vector<std::byte> buffer(128), image(300);
  RequestSession request(buffer, EchoRequest{.text = "hi"});
  drive(request, script);
  (void)request.reply<EchoRequest>();
  UploadSession upload(image, buffer, {.sha = Bytes(image).first(32)});
  drive(upload, script);
  if (upload.error() == Errc::none && upload.offset_bytes() != image.size()) std::abort();
  return 0;
}
