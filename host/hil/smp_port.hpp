// Single SMP requests to the device under test.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "host/hil/drivers.hpp"
#include "host/session/channel.hpp"

namespace lockstep::hil {

// Opens the device's link: open_link with its URI, or a share of a console.
using LinkMaker = std::function<asio::awaitable<Outcome<std::unique_ptr<link::Link>>>()>;

class LinkSmpPort final : public SmpPort {
 public:
  LinkSmpPort(LinkMaker maker, link::Framing framing, session::LineSink log)
      : maker_(std::move(maker)), framing_(framing), log_(std::move(log)) {}

  asio::awaitable<Outcome<std::vector<std::byte>>> request(SmpRequest request) override;
  void disconnect() override { channel_.reset(); }

 private:
  LinkMaker maker_;
  link::Framing framing_;
  session::LineSink log_;
  std::optional<session::Channel> channel_;
  std::uint8_t sequence_ = 0;
};

}  // namespace lockstep::hil
