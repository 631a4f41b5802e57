#include "device/sim/simulator.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "device/sim/endpoint.hpp"
#include "device/sim/flash_file.hpp"
#include "device/sim/layout.hpp"
#include "device/sim/process.hpp"
#include "device/sim/usbip_port.hpp"
#include "host/base/files.hpp"

namespace lockstep::sim {
namespace {

Time now() { return std::chrono::steady_clock::now(); }

// A power cut: not even destructors run. What was stored in the mapped flash file stays.
void die() { ::kill(::getpid(), SIGKILL); }

Outcome<std::unique_ptr<Endpoint>> open_endpoint(const Options& o) {
  if (o.udp) return open_udp(*o.udp, o.node.buffer_size);
  if (!o.pty.empty()) return open_pty(o.pty, o.node.buffer_size);
  if (!o.raw_unix.empty()) return open_unix(o.raw_unix, Wire::raw, o.node.buffer_size);
  return open_unix(o.unix_path, Wire::console, o.node.buffer_size);
}

// What the factory did: a flash with images in the slots 0, or with nothing. The bootloader verifies them, not we.
Outcome<void> make_flash(const Options& o, boot::Geometry geometry) {
  const std::vector<boot::Layout> layouts = o.node.layouts();
  std::vector<FlashFile::Seed> seeds;
  for (std::size_t image = 0; image < o.seed_images.size(); ++image) {
    const std::string& path = o.seed_images[image];
    if (path.empty()) continue;
    LOCKSTEP_TRY(file, read_file(path));
    if (file.size() > boot::max_image_size(layouts[image], geometry)) {
      return fail(ErrorKind::invalid, path + ": does not fit slot 0", "give the device larger slots: --slot-kib");
    }
    seeds.push_back({.offset = layouts[image].slot0.offset, .image = std::move(file)});
  }
  return FlashFile::make(o.flash, geometry, seeds);
}

void announce(const Options& o, const Endpoint& endpoint) {
  if (o.json) {
    const boost::json::object line{{"uri", endpoint.uri()}, {"serial", o.node.serial}};
    fmt::print("{}\n", boost::json::serialize(line));
  } else {
    fmt::print("ready {} serial={}\n", endpoint.uri(), o.node.serial);
  }
  std::fflush(stdout);
}

int timeout_ms(const Node& node) {
  if (!node.deadline()) return -1;
  const auto left = std::chrono::ceil<Milliseconds>(*node.deadline() - now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

Outcome<void> serve(Node& node, Endpoint& endpoint, UsbipPort* usb, int signals) {
  std::vector<pollfd> polled;
  while (true) {
    polled.assign({{.fd = signals, .events = POLLIN, .revents = 0}});
    endpoint.add_to(polled);
    if (usb != nullptr) usb->add_to(polled);
    const int ready = ::poll(polled.data(), polled.size(), timeout_ms(node));
    if (ready < 0 && errno != EINTR) return fail(ErrorKind::io, std::string("poll: ") + std::strerror(errno));
    if (polled[0].revents != 0) return {};
    node.tick(now());
    endpoint.serve([&node](Bytes request) { return node.handle(request, now()); });
    if (usb != nullptr) usb->serve(node, now());
  }
}

}  // namespace

Outcome<void> run(const Options& options) {
  NodeOptions node_options = options.node;
  LOCKSTEP_TRY(keys, load_keys(options.keys));
  node_options.keys = std::move(keys);
  const boot::Geometry geometry = geometry_of(options.node.layouts().back());
  if (!std::filesystem::exists(options.flash)) LOCKSTEP_CHECK(make_flash(options, geometry));
  LOCKSTEP_TRY(file, FlashFile::open(options.flash, geometry));
  LOCKSTEP_TRY(signals, open_signals());
  LOCKSTEP_TRY(endpoint, open_endpoint(options));
  std::unique_ptr<UsbipPort> usb;
  if (!options.usbip_path.empty()) {
    LOCKSTEP_TRY(port, UsbipPort::open(options.usbip_path));
    usb = std::move(port);
  }
  announce(options, *endpoint);

  const Faults& faults = options.node.faults;
  const auto last = faults.torn ? boot::CutFlash::Last::torn : boot::CutFlash::Last::skipped;
  boot::CutFlash flash(file->flash(), faults.cut_at, last, die);
  Node node(flash, node_options, [&options, &endpoint](const std::string& line) {
    endpoint->log(line);
    if (options.log) fmt::print(stderr, "{}: {}\n", options.node.serial, line);
  });
  node.power_on(now());
  return serve(node, *endpoint, usb.get(), signals);
}

}  // namespace lockstep::sim
