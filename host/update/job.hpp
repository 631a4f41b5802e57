// One device on its way to one image: what shall be done, how patiently, and how it ended.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "host/base/buffer.hpp"
#include "host/base/error.hpp"
#include "host/link/uri.hpp"
#include "host/session/device.hpp"
#include "host/update/identity.hpp"
#include "host/update/states.hpp"
#include "host/update/verified_image.hpp"

namespace lockstep::update {

namespace asio = boost::asio;

enum class HealthRule : std::uint8_t {
  reported,  // the device must say that it is healthy (SMP group 64); one that cannot is not updated
  answers,   // answering an image list after the boot is enough: for devices without a health command
};

struct Policy {
  std::chrono::milliseconds first_answer{15'000};  // so long a device may be silent at the start: it may be booting
  std::chrono::milliseconds return_total{90'000};  // from the reset until the device answers
  std::chrono::milliseconds return_quiet{300};     // after a reset: do not even ask before
  std::chrono::milliseconds return_every{500};     // between two tries to reach it again
  std::chrono::milliseconds reset_grace{
      15'000};  // so long an old image with a pending one may be "not yet reset"
  std::chrono::milliseconds health_total{20'000};  // from the return until it is healthy
  std::chrono::milliseconds health_every{1'000};
  std::uint32_t link_retries = 6;  // link losses in a row, without progress, before it is unreachable
  std::chrono::milliseconds backoff_first{250};  // doubles at each loss
  std::chrono::milliseconds backoff_most{10'000};
  std::uint32_t resets_most = 2;  // a lost reset request is repeated once
  std::uint32_t patch_tries = 2;  // failed tries with a patch, link losses with progress aside, before the whole image
  HealthRule health = HealthRule::reported;
};

// Gives the image when its bytes are needed (a job resumed late never asks). Runs on the loop; may await a
// worker.
using ImageProvider = std::function<asio::awaitable<Outcome<VerifiedImage>>()>;

// Gives the patch that makes the job's image out of the one with `running_hash` (of its hash TLV), within the device's
// limits. not_found when that one is not at hand.
using PatchProvider =
    std::function<asio::awaitable<Outcome<Buffer>>(std::string running_hash, session::PatchLimits limits)>;

// How far a job takes its image. Anything but `kept` leaves the device in the middle of an update, for a plan that goes
// on from there (host/walk).
enum class Reach : std::uint8_t {
  stored,  // in the slot that does not run, not marked
  marked,  // and to be tried at the next reset
  tried,   // and runs on trial, healthy
  kept,    // and stays
};

struct Job {
  std::string id;
  link::LinkUri link;
  ExpectedIdentity identity;
  std::string image_hash;        // of the hash TLV, lower-case hex: the only key for what runs
  std::string version = {};      // for people
  std::uint32_t image_number = 0;  // which of the device's images it replaces
  Reach reach = Reach::kept;
  std::uint64_t size_bytes = 0;  // of the file; 0 when not known
  ImageProvider image;
  PatchProvider patch = {};  // empty: only whole images are sent
  Policy policy = {};
};

// What a job has learnt; saved with every state, so that a restart knows it too.
struct JobFacts {
  std::string old_hash = {};  // ran before, lower-case hex
  std::string old_version = {};
  bool seen_running = false;        // the expected image was seen running at least once
  std::uint32_t resets = 0;         // sent
  std::uint32_t saves = 0;          // states entered so far; a loop is caught by it
  std::uint32_t link_losses = 0;    // in all
  std::uint32_t patch_failures = 0; // tries with a patch that failed
  std::uint32_t saved_bytes = 0;    // of the upload, because a patch did
  std::string reason = {};          // of an end that is not success, or of the last trouble, in words
  session::Identity identity = {};  // what the device said

  bool operator==(const JobFacts&) const = default;
};

boost::json::object to_json(const JobFacts& facts);
// Absent members keep their default; ErrorKind::invalid for a member of a wrong type.
Outcome<JobFacts> job_facts_from_json(const boost::json::object& json);

// One line of the journal.
struct JobRecord {
  std::string job_id;
  State state = State::queued;
  JobFacts facts = {};
};

// How run_job ended.
struct JobResult {
  State state = State::queued;  // the last one saved
  JobFacts facts = {};
  // Empty: `state` is an end. Else the job was interrupted there (shutdown, journal failure) and can be
  // resumed.
  std::string interrupted = {};

  bool finished() const { return is_end(state); }
};

}  // namespace lockstep::update
