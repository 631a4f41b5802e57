// What the executor does in each state: look at the device, act when there is something to do, say what is
// known now. Private to host/update. A step may be run again at any time: it begins by looking.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "host/session/device_client.hpp"
#include "host/update/executor.hpp"
#include "host/update/standing.hpp"

namespace lockstep::update {

// How JobFacts::reason begins when the new image was judged.
inline constexpr std::string_view not_healthy = "not healthy";

class Steps {
 public:
  // Job, facts and watch are borrowed for the object's life. `resumed_in` is the state in which the journal
  // was found.
  Steps(const Job& job, JobFacts& facts, JobWatch& watch, std::unique_ptr<session::DeviceClient> device,
        State resumed_in)
      : job_(job),
        facts_(facts),
        watch_(watch),
        device_(std::move(device)),
        reset_in_doubt_(resumed_in == State::resetting) {}

  // One try of `state` (no end). An event, or why there is none yet: unreachable and conflict (the port is
  // held by another program) may be tried again, cancelled is Asio's; all others are final.
  asio::awaitable<Outcome<Event>> run(State state);

  // After a loss behind the reset: until the device answers again or return_total is over.
  asio::awaitable<Outcome<void>> await_return();

  // Whether the last try got further than all before: then its failure is not one more in a row.
  bool progressed() const { return progressed_; }

  void disconnect() { device_->disconnect(); }

 private:
  using Clock = std::chrono::steady_clock;

  asio::awaitable<Outcome<Event>> inspect();
  asio::awaitable<Outcome<Event>> upload();
  asio::awaitable<Outcome<Event>> mark();
  asio::awaitable<Outcome<Event>> reset();
  asio::awaitable<Outcome<Event>> await_new_image();
  asio::awaitable<Outcome<Event>> check();
  asio::awaitable<Outcome<Event>> confirm();
  asio::awaitable<Outcome<Event>> verify();
  asio::awaitable<Outcome<Event>> revert();

  // Proves who is there, then reads its images and where the expected one stands among them.
  asio::awaitable<Outcome<Standing>> look();
  asio::awaitable<Outcome<void>> must_be_the_device();
  asio::awaitable<Outcome<VerifiedImage>> fetch_image();
  // The patch for the running image; empty when the whole image is to be sent.
  asio::awaitable<Outcome<Buffer>> fetch_patch(std::size_t image_size);
  // Sends a patch where that goes, else the whole image.
  asio::awaitable<Outcome<void>> send(const VerifiedImage& image);
  asio::awaitable<Outcome<Event>> watch_health();
  // After a refused command: the event that the device's state now amounts to, or the command's error when it
  // is still as it was.
  asio::awaitable<Outcome<Event>> judge(Error refusal, Standing before);
  Event note_went_back();
  session::ReturnPolicy return_policy(std::chrono::milliseconds total) const;
  session::UploadWatch upload_watch();

  const Job& job_;
  JobFacts& facts_;
  JobWatch& watch_;
  std::unique_ptr<session::DeviceClient> device_;
  session::Inventory inventory_ = {};
  std::uint64_t farthest_bytes_ = 0;  // that any try of the upload reached
  bool reset_in_doubt_;               // the host died around a reset request: it may be on its way
  bool progressed_ = false;
  bool cancel_seen_ = false;
};

}  // namespace lockstep::update
