// The groups OS and node.
#include <algorithm>
#include <array>

#include "device/agent/server.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/os_group.hpp"

namespace lockstep::agent {

using namespace std::string_view_literals;  // length known without strlen

namespace {

constexpr std::string_view kernel_name = "Lockstep"sv;
constexpr std::string_view kernel_version = "0.1.0"sv;

// Text in a buffer of its own, cut where it does not fit.
class Line {
 public:
  void put(std::string_view word) {
    for (const char c : word) {
      if (size_ < text_.size()) text_[size_++] = c;
    }
  }
  void next_word() {
    if (size_ != 0) put(" "sv);
  }
  std::string_view view() const { return {text_.data(), size_}; }

 private:
  std::array<char, 192> text_{};
  std::size_t size_ = 0;
};

bool has(std::string_view letters, char c) {
  return std::any_of(letters.begin(), letters.end(), [c](char l) { return l == c; });
}

constexpr std::string_view info_letters = "snrvmpio"sv;  // in the order of the answer

void put_info(Line& line, char letter, const Identity& who) {
  line.next_word();
  switch (letter) {
    case 's':
    case 'o': return line.put(kernel_name);
    case 'n': return line.put(who.serial);
    case 'r':
    case 'v': return line.put(kernel_version);
    case 'm':
    case 'p': return line.put("unknown"sv);
    default:
      line.put(who.board);
      if (!who.revision.empty()) line.put("@"sv);
      line.put(who.revision);
  }
}

smp::BootMode mode_of(boot::Mode m) {
  switch (m) {
    case boot::Mode::swap: return smp::BootMode::swap_offset;
    case boot::Mode::overwrite_only: return smp::BootMode::overwrite_only;
    case boot::Mode::direct_xip: return smp::BootMode::direct_xip_revert;
    case boot::Mode::ram_load: return smp::BootMode::ram_load;
  }
  return smp::BootMode::unknown;
}

}  // namespace

Bytes Server::echo(const smp::Message& m) {
  const auto request = smp::EchoRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  return answer(m, smp::EchoReply{.text = request->text});
}

Bytes Server::reset(const smp::Message& m) {
  // As in Zephyr, members that cannot be read do not keep a device from restarting.
  platform_->request_reset();
  return answer(m, smp::EmptyReply{});
}

Bytes Server::parameters(const smp::Message& m) {
  const Limits limits = platform_->limits();
  return answer(m, smp::ParametersReply{.buffer_size = limits.buffer_size, .buffer_count = limits.buffer_count});
}

Bytes Server::info(const smp::Message& m) {
  const auto request = smp::InfoRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  const std::string_view wanted = request->format.empty() ? "s"sv : request->format;
  const bool all = has(wanted, 'a');
  for (const char c : wanted) {
    const bool known = c == 'a' || has(info_letters, c);
    if (!known) return refuse(m, {smp::group::os, smp::os_rc::invalid_format});
  }
  Line line;
  for (const char c : info_letters) {
    if (all || has(wanted, c)) put_info(line, c, platform_->identity());
  }
  return answer(m, smp::InfoReply{.output = line.view()});
}

Bytes Server::bootloader_info(const smp::Message& m) {
  const auto request = smp::BootloaderInfoRequest::decode(m.body);
  if (!request) return refuse(m, smp::Rc::invalid);
  if (request->query.empty()) return answer(m, smp::BootloaderInfoReply{.bootloader = "MCUboot"sv});
  if (request->query != "mode"sv) return refuse(m, {smp::group::os, smp::os_rc::query_yields_no_answer});
  return answer(m, smp::BootloaderInfoReply{.mode = mode_of(platform_->layout().mode)});
}

Bytes Server::identity(const smp::Message& m) {
  const Identity who = platform_->identity();
  return answer(m, smp::NodeIdentityReply{
                       .board = who.board, .revision = who.revision, .serial = who.serial, .product = who.product});
}

Bytes Server::health(const smp::Message& m) {
  const Health h = health_of(*platform_);
  return answer(m, smp::NodeHealthReply{
                       .healthy = h.healthy, .detail = h.detail, .self_test = text(platform_->self_test())});
}

Bytes Server::trial(const smp::Message& m) {
  return answer(m, smp::NodeTrialReply{.on_test = trial_.on_test(),
                                       .deadline_ms = platform_->confirm_deadline_ms(),
                                       .left_ms = static_cast<std::uint32_t>(trial_.left_ms().value_or(0))});
}

Bytes Server::components(const smp::Message& m) {
  smp::NodeComponentsReply reply;
  for (int image = 0; image < platform_->images(); ++image) {
    reply.components.push_back({.image = static_cast<std::uint32_t>(image), .name = platform_->component(image)});
  }
  return answer(m, reply);
}

// Without SHA-256 nobody could tell whether a patch is for the running image.
Bytes Server::patches(const smp::Message& m) {
  if (platform_->crypto() == nullptr) return refuse(m, smp::Rc::not_supported);
  return answer(m, smp::NodePatchesReply{.delta_window = patch_delta_window, .target_window = patch_target_window});
}

}  // namespace lockstep::agent
