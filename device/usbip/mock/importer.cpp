#include "device/usbip/mock/importer.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>

namespace lockstep::usbip {

void Importer::hang_up() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

bool Importer::import() {
  hang_up();
  file_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  const bool connected = ::connect(file_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  incoming_.clear();
  const bool answered = connected && send(OpRequest{.op = Op::request_import, .bus_id = "1-1"}.encode()) &&
                        receive(OpRequest::header_size);
  if (answered && incoming_[7] == std::byte{0} && receive(OpRequest::header_size + DeviceRecord::size)) return true;
  hang_up();
  return false;
}

bool Importer::is_connected() {
  if (file_ < 0) return false;
  char byte;
  const ssize_t n = ::recv(file_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0;  // nothing to read: it says nothing by itself
}

bool Importer::send(const Buffer& bytes) {
  return ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

bool Importer::receive(std::size_t size) {
  while (incoming_.size() < size) {
    const std::size_t before = incoming_.size();
    incoming_.resize(size);
    const ssize_t n = ::read(file_, incoming_.data() + before, size - before);
    incoming_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (n <= 0) return false;
  }
  return true;
}

std::optional<Reply> Importer::transfer(const usb::Setup& setup, Bytes data) {
  if (file_ < 0) return std::nullopt;
  const Command command{.sequence = ++sequence_,
                        .device = DeviceRecord{}.id(),
                        .direction = setup.direction(),
                        .length = setup.length,
                        .setup = setup,
                        .data = to_buffer(data)};
  incoming_.clear();
  if (!send(command.encode()) || !receive(Reply::header_size)) return std::nullopt;
  // Without its data the reply says how much there is.
  const auto head = Reply::decode(incoming_, usb::Direction::out);
  if (!head) return std::nullopt;
  const bool has_data = setup.direction() == usb::Direction::in;
  if (has_data && !receive(Reply::header_size + head->length)) return std::nullopt;
  const auto reply = Reply::decode(incoming_, setup.direction());
  return reply ? std::optional(*reply) : std::nullopt;
}

Buffer Importer::descriptor(std::uint8_t type) {
  const auto reply = transfer({.request_type = 0x80, .request = usb::request::get_descriptor,
                               .value = static_cast<std::uint16_t>(type << 8), .length = 1024}, {});
  return reply && reply->status == 0 ? reply->data : Buffer();
}

}  // namespace lockstep::usbip
