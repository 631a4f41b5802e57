#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "device/sim/fleet_wire.hpp"
#include "device/sim/sockets.hpp"
#include "device/sim/stream_port.hpp"

namespace lockstep::sim {
namespace {

class FleetUnix final : public FleetWire {
 public:
  FleetUnix(std::string path, std::size_t message_limit, Watch watch)
      : path_(std::move(path)), uri_("smp+unix://" + path_), limit_(message_limit), watch_(watch) {}
  FleetUnix(const FleetUnix&) = delete;
  FleetUnix& operator=(const FleetUnix&) = delete;
  ~FleetUnix() override { sleep(); }

  Outcome<void> wake() override {
    if (listener_ >= 0) return {};
    LOCKSTEP_TRY(listener, listen_unix(path_));
    listener_ = listener.file;
    if (!watch(EPOLL_CTL_ADD, listener_, EPOLLIN)) return fail(ErrorKind::io, path_ + ": cannot watch the socket");
    return {};
  }
  void sleep() override {
    if (client_ >= 0) hang_up();
    if (listener_ < 0) return;
    ::unlink(path_.c_str());
    ::close(listener_);  // which ends its watch too
    listener_ = -1;
  }
  void serve(const Handler& handler) override {
    if (client_ < 0) accept();
    if (client_ < 0) return;
    const bool open = port_->serve(client_, [this, &handler](Bytes request) {
      handler(request, client_number_);
      return Bytes{};  // the answer comes by send()
    });
    after(open);
  }
  void send(Bytes message, Peer to, std::optional<std::uint64_t> wrong_bit) override {
    if (client_ < 0 || to != client_number_) return;
    port_->send(message, wrong_bit);
    // Inside serve() the port is flushed at its end, and who hung up is noticed there.
    port_->flush(client_);
    watch_for_room();
  }
  void log(const std::string& line) override {
    if (client_ < 0) return;  // like a UART without a cable
    port_->log(line);
    port_->flush(client_);
    watch_for_room();
  }
  bool is_checked() const override { return true; }
  const std::string& uri() const override { return uri_; }

 private:
  bool watch(int operation, int file, std::uint32_t events) const {
    epoll_event event{.events = events, .data = {.u64 = watch_.tag}};
    return ::epoll_ctl(watch_.epoll, operation, file, &event) == 0;
  }
  // While a client is there, others wait: only one of the two descriptors is watched.
  void accept() {
    if (listener_ < 0) return;
    client_ = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client_ < 0) return;
    ++client_number_;
    port_.emplace(limit_);
    waits_for_room_ = false;
    watch(EPOLL_CTL_DEL, listener_, 0);
    watch(EPOLL_CTL_ADD, client_, EPOLLIN);
  }
  void hang_up() {
    ::close(client_);
    client_ = -1;
    port_.reset();
    if (listener_ >= 0) watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  }
  void after(bool open) {
    if (open) watch_for_room();
    else hang_up();
  }
  void watch_for_room() {
    if (port_->wants_to_write() == waits_for_room_) return;
    waits_for_room_ = !waits_for_room_;
    watch(EPOLL_CTL_MOD, client_, waits_for_room_ ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  std::string path_;
  std::string uri_;
  std::size_t limit_;
  Watch watch_;
  int listener_ = -1;
  int client_ = -1;
  Peer client_number_ = 0;
  bool waits_for_room_ = false;
  std::optional<ConsolePort> port_;  // memory only while a client is there
};

}  // namespace

std::unique_ptr<FleetWire> make_fleet_unix(const std::filesystem::path& path, std::size_t message_limit, Watch watch) {
  return std::make_unique<FleetUnix>(path.string(), message_limit, watch);
}

}  // namespace lockstep::sim
