#include "device/sim/fleet.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>

#include "device/fleet/scenario.hpp"
#include "device/sim/fleet_device.hpp"
#include "device/sim/layout.hpp"
#include "device/sim/process.hpp"
#include "device/sim/remembering_crypto.hpp"
#include "host/base/files.hpp"

namespace lockstep::sim {
namespace {

constexpr std::uint32_t signal_tag = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t spare_files = 32;  // standard streams, epoll, signals, files while starting

Fail<Error> os_error(const char* what) { return fail(ErrorKind::io, std::string(what) + ": " + std::strerror(errno)); }

// Time that goes faster than ours.
class FleetClock {
 public:
  explicit FleetClock(double scale) : scale_(scale) {}

  Time begin() const { return begin_; }
  Time now() const { return begin_ + scaled(std::chrono::steady_clock::now() - begin_, scale_); }
  // Real time until then, not negative.
  timespec left(Time until) const {
    const auto left = std::max(scaled(until - now(), 1 / scale_), std::chrono::steady_clock::duration{});
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    return {.tv_sec = static_cast<time_t>(seconds.count()), .tv_nsec = static_cast<long>(std::chrono::nanoseconds(left - seconds).count())};
  }

 private:
  static std::chrono::steady_clock::duration scaled(std::chrono::steady_clock::duration d, double by) {
    return std::chrono::duration_cast<std::chrono::steady_clock::duration>(d * by);
  }

  Time begin_ = std::chrono::steady_clock::now();
  double scale_;
};

// As many open files as so many devices want; the usual 1,024 are soon used up.
Outcome<void> allow_files(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return os_error("cannot read the limit of open files");
  if (limit.rlim_cur >= wanted) return {};
  if (limit.rlim_max < wanted) {
    return fail(ErrorKind::io, fmt::format("so many devices want {} open files; {} are allowed", wanted, limit.rlim_max),
                "raise the limit (ulimit -Hn), or simulate fewer devices");
  }
  limit.rlim_cur = wanted;
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 ? Outcome<void>{} : os_error("cannot raise the limit of open files");
}

class Fleet {
 public:
  explicit Fleet(const FleetOptions& options) : options_(options), clock_(options.time_scale) {}
  ~Fleet() {
    devices_.clear();
    if (epoll_ >= 0) ::close(epoll_);
    if (signals_ >= 0) ::close(signals_);
  }
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  Outcome<void> open();
  Outcome<void> announce() const;
  Outcome<void> serve();

 private:
  Outcome<void> prepare();
  Outcome<const FactoryImage*> image(const fleet::Device& device);
  Outcome<std::unique_ptr<SparseFlash>> flash(const fleet::Device& device);
  Outcome<std::unique_ptr<FleetWire>> wire(const fleet::Device& device, std::uint32_t number);
  Outcome<void> do_what_is_due();

  const FleetOptions& options_;
  FleetClock clock_;
  fleet::Scenario scenario_;
  std::map<std::string, FactoryImage> images_;
  RememberingCrypto crypto_;
  FleetShared shared_;
  int epoll_ = -1;
  int signals_ = -1;
  std::vector<std::unique_ptr<FleetDevice>> devices_;
};

// The image a device was made with, read once.
Outcome<const FactoryImage*> Fleet::image(const fleet::Device& device) {
  const auto [place, is_new] = images_.try_emplace(device.image);
  if (is_new) {
    const auto path = std::filesystem::path(options_.scenario).parent_path() / device.image;
    auto bytes = read_file(path);
    if (!bytes) return Fail(bytes.error().in(options_.scenario));
    place->second = factory_image(*bytes, sector_size);
  }
  const boot::Layout layout = layout_of(device.kind);
  if (place->second.size() > boot::max_image_size(layout, geometry_of(layout))) {
    return fail(ErrorKind::invalid,
                fmt::format("{}: group \"{}\": {} does not fit slot 0", options_.scenario, device.kind.group, device.image),
                "give the group a larger slot-size");
  }
  return &place->second;
}

Outcome<std::unique_ptr<SparseFlash>> Fleet::flash(const fleet::Device& device) {
  LOCKSTEP_TRY(factory, image(device));
  const boot::Geometry geometry = geometry_of(layout_of(device.kind));
  if (options_.flash_dir.empty()) return std::make_unique<SparseFlash>(geometry, *factory);
  return SparseFlash::open(std::filesystem::path(options_.flash_dir) / (device.serial + ".flash"), geometry, *factory);
}

Outcome<std::unique_ptr<FleetWire>> Fleet::wire(const fleet::Device& device, std::uint32_t number) {
  const Watch watch{.epoll = epoll_, .tag = number};
  if (options_.udp_base) {
    const auto port = static_cast<std::uint16_t>(*options_.udp_base == 0 ? 0 : *options_.udp_base + number);
    return open_fleet_udp(port, device.kind.buffer_bytes, watch);
  }
  const auto path = std::filesystem::absolute(options_.socket_dir) / (device.serial + ".sock");
  return make_fleet_unix(path, device.kind.buffer_bytes, watch);
}

Outcome<void> Fleet::prepare() {
  LOCKSTEP_TRY(text, read_text_file(options_.scenario));
  LOCKSTEP_TRY(scenario, fleet::parse(text, options_.scenario));
  scenario_ = std::move(scenario);
  const std::size_t count = scenario_.devices.size();
  if (options_.udp_base && *options_.udp_base + count > 65536) {
    return fail(ErrorKind::invalid, fmt::format("{} devices from port {} on: the last port is 65535", count, *options_.udp_base),
                "begin at a lower port, or at 0 for any free ones");
  }
  if (!options_.socket_dir.empty()) LOCKSTEP_CHECK(make_folders(options_.socket_dir));
  if (!options_.flash_dir.empty()) LOCKSTEP_CHECK(make_folders(options_.flash_dir));
  const std::size_t files_each = (options_.udp_base ? 1u : 2u) + (options_.flash_dir.empty() ? 0u : 1u);
  LOCKSTEP_CHECK(allow_files(count * files_each + spare_files));
  LOCKSTEP_TRY(keys, load_keys(options_.keys));
  shared_.keys = std::move(keys);
  shared_.crypto = &crypto_;
  shared_.log = options_.log;
  return {};
}

Outcome<void> Fleet::open() {
  LOCKSTEP_CHECK(prepare());
  LOCKSTEP_TRY(signals, open_signals());
  signals_ = signals;
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.u64 = signal_tag}};
  if (epoll_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, signals_, &event) != 0) return os_error("cannot make an epoll");
  std::uint32_t number = 0;
  for (const fleet::Device& device : scenario_.devices) {
    LOCKSTEP_TRY(device_flash, flash(device));
    LOCKSTEP_TRY(device_wire, wire(device, number));
    devices_.push_back(std::make_unique<FleetDevice>(device, number++, std::move(device_flash), std::move(device_wire), shared_));
  }
  clock_ = FleetClock(options_.time_scale);
  shared_.monday = clock_.begin() - scenario_.begins;
  for (const auto& device : devices_) LOCKSTEP_CHECK(device->start(clock_.now()));
  return {};
}

Outcome<void> Fleet::announce() const {
  std::string list;
  for (const auto& device : devices_) {
    const std::string& serial = device->what().serial;
    if (!options_.list.empty()) {
      list += fleet::list_line(device->what(), device->uri()) + '\n';
    } else if (options_.json) {
      fmt::print("{}\n", boost::json::serialize(boost::json::object{{"uri", device->uri()}, {"serial", serial}}));
    } else {
      fmt::print("ready {} serial={}\n", device->uri(), serial);
    }
  }
  if (!options_.list.empty()) LOCKSTEP_CHECK(write_file(options_.list, list));
  if (options_.json) {
    fmt::print("{}\n", boost::json::serialize(boost::json::object{{"devices", devices_.size()}, {"seed", scenario_.seed}}));
  } else {
    fmt::print("fleet devices={} seed={}\n", devices_.size(), scenario_.seed);
  }
  std::fflush(stdout);
  return {};
}

Outcome<void> Fleet::do_what_is_due() {
  const Time now = clock_.now();
  while (shared_.agenda.next() && *shared_.agenda.next() <= now) {
    Due due = shared_.agenda.take();
    LOCKSTEP_CHECK(devices_[due.device]->on_due(std::move(due), now));
  }
  return {};
}

Outcome<void> Fleet::serve() {
  std::array<epoll_event, 256> events;
  while (true) {
    const auto next = shared_.agenda.next();
    const timespec left = next ? clock_.left(*next) : timespec{};
    const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), next ? &left : nullptr, nullptr);
    if (count < 0 && errno != EINTR) return os_error("epoll");
    for (int i = 0; i < count; ++i) {
      const std::uint64_t tag = events[static_cast<std::size_t>(i)].data.u64;
      if (tag == signal_tag) return {};
      devices_[tag]->serve(clock_.now());
    }
    LOCKSTEP_CHECK(do_what_is_due());
  }
}

}  // namespace

Outcome<void> run_fleet(const FleetOptions& options) {
  Fleet fleet(options);
  LOCKSTEP_CHECK(fleet.open());
  LOCKSTEP_CHECK(fleet.announce());
  return fleet.serve();
}

}  // namespace lockstep::sim
