// The things of a rig that act, each behind a seam so that tests can fake them and a new kind touches one file.
// All run on the engine's loop. Every awaitable obeys cancellation: a deadline of the engine ends it.
// ErrorKind says whose fault a failure is: `device` is the device's, everything else is the rig's.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/base/error.hpp"
#include "host/hil/result.hpp"
#include "host/hil/rig.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::hil {

namespace asio = boost::asio;

// Where the engine reads the time.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment now() const = 0;
};

struct RunRequest;  // engine.hpp

class PowerDriver {
 public:
  virtual ~PowerDriver() = default;
  // Errors: io (the program is missing or cannot run), conflict (already on).
  virtual asio::awaitable<Outcome<void>> on() = 0;
  // Takes the power away at once, as a cut does; done when the device is really off. Off stays off: no error.
  virtual asio::awaitable<Outcome<void>> off() = 0;
  virtual bool is_on() const = 0;
  // Set while the supply should be on and is not: why ("exited with status 1: ...").
  virtual std::optional<Error> trouble() const = 0;
};

// One text line of a device to the engine. The engine reads it from power-on until teardown, all the time.
class ConsolePort {
 public:
  virtual ~ConsolePort() = default;
  // Called after power-on; tries again until `within` has passed. Errors: unreachable.
  virtual asio::awaitable<Outcome<void>> open(std::chrono::milliseconds within) = 0;
  // Some bytes into `buffer`, at least one. Errors: unreachable (the other end went away), cancelled.
  virtual asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes buffer) = 0;
  virtual void close() = 0;
};

// An image of the run: its bytes are on disk and were hashed before anything used them.
struct Artifact {
  std::string param;         // name of the suite's parameter
  std::string name;          // shown and signed: "thermostat-2.0.signed.bin"
  std::string file;          // path
  std::string sha256;        // of the file, hex
  std::string image_hash;    // MCUboot hash, hex: what the device reports; empty for other formats
  std::string version;       // from the image header; empty for other formats
  std::uint64_t size_bytes = 0;
};

class FlashDriver {
 public:
  virtual ~FlashDriver() = default;
  // Makes `image` what the board starts with next; the board is off. Written bytes are read back.
  // Errors: io, invalid (it does not fit).
  virtual asio::awaitable<Outcome<void>> write(Artifact image) = 0;
};

// One value of a request's map.
struct SmpValue {
  std::string key;
  std::variant<std::string, std::int64_t, bool, std::vector<std::byte>> value;
};

struct SmpRequest {
  bool write = false;  // SMP operation: read or write
  std::uint16_t group = 0;
  std::uint8_t command = 0;
  std::vector<SmpValue> values;
  std::chrono::milliseconds within{};
};

class SmpPort {
 public:
  virtual ~SmpPort() = default;
  // The CBOR body of the answer. Errors: unreachable (the link does not open or closed: the rig's fault),
  // device (no or a wrong answer in time).
  virtual asio::awaitable<Outcome<std::vector<std::byte>>> request(SmpRequest request) = 0;
  // Lets go of the link, so that an update can have it; the next request opens it again.
  virtual void disconnect() {}
};

enum class UpdateEnd : std::uint8_t { succeeded, reverted, failed, unreachable, cancelled };
std::string_view text(UpdateEnd end);  // as in store::JobFinished

struct UpdateReport {
  UpdateEnd end = UpdateEnd::failed;
  std::string reason;  // empty when it succeeded
  bool rig_trouble = false;  // the rig is why: no link, another board, an image or the journal, or it was stopped
};

// The same way to a release that the fleet uses (host/jobs).
class Updater {
 public:
  virtual ~Updater() = default;
  using Progress = std::function<void(std::string_view state, std::uint64_t done, std::uint64_t total)>;
  // `to`: role of a release of the run.
  virtual asio::awaitable<UpdateReport> update(std::string to, Progress progress) = 0;
};

// The assembled rig. Drivers are found by the name that the rig file gives them.
struct Drivers {
  std::map<std::string, std::unique_ptr<PowerDriver>, std::less<>> powers;
  std::map<std::string, std::unique_ptr<ConsolePort>, std::less<>> consoles;
  std::map<std::string, std::unique_ptr<FlashDriver>, std::less<>> flashes;
  std::map<std::string, std::unique_ptr<SmpPort>, std::less<>> smps;
  std::map<std::string, std::unique_ptr<Updater>, std::less<>> updaters;  // by the name of the smp link
};

// Makes the drivers of a rig. `rig` has its ${name} replaced already.
class Equipment {
 public:
  virtual ~Equipment() = default;
  // Touches nothing yet, but may keep files in request.run_dir. Errors: invalid (URI, image key).
  virtual Outcome<Drivers> assemble(const Rig& rig, asio::any_io_executor executor, const RunRequest& request) = 0;
};

}  // namespace lockstep::hil
