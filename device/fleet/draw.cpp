#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "device/fleet/groups.hpp"

namespace lockstep::fleet {
namespace {

// The numbers of the group's devices in an order drawn for one purpose: the first so many have what a share says.
std::vector<std::uint32_t> shuffled(std::uint32_t count, Random random) {
  std::vector<std::uint32_t> out(count);
  std::iota(out.begin(), out.end(), 0u);
  for (std::uint32_t i = count; i > 1; --i) std::swap(out[i - 1], out[random.below(i)]);
  return out;
}

// Calls `give(device, value)` for as many devices as each share says.
template <class Give>
void hand_out(const std::vector<Share>& shares, std::uint32_t count, Random random, Give give) {
  const std::vector<std::uint32_t> order = shuffled(count, random);
  auto next = order.begin();
  for (const Share& share : shares) {
    for (std::uint32_t i = 0; i < share.count; ++i) give(*next++, share.value);
  }
}

void add(Faults& to, const Faults& more) {
  if (more.cut_at != 0) {
    to.cut_at = more.cut_at;
    to.torn = more.torn;
    to.off = more.off;
  }
  if (more.drop_every != 0) to.drop_every = more.drop_every;
  to.silent |= more.silent;
  to.unhealthy |= more.unhealthy;
  to.no_reset_answer |= more.no_reset_answer;
}

}  // namespace

void draw(const Group& group, Random random, std::vector<Device>& out) {
  const std::size_t begin = out.size();
  for (std::uint32_t n = 1; n <= group.count; ++n) {
    Device device{.kind = group.kind, .serial = group.serial.text(n), .image = {}, .software = {},
                  .contact = group.contact, .faults = {}};
    device.luck = random.fork("link " + device.serial);
    Random phase = random.fork("contact " + device.serial);
    if (group.contact.every > Milliseconds{}) {
      device.contact.phase = Milliseconds(phase.below(static_cast<std::uint64_t>(group.contact.every.count())));
    }
    out.push_back(std::move(device));
  }
  const auto at = [&](std::uint32_t n) -> Device& { return out[begin + n]; };
  hand_out(group.images, group.count, random.fork("images"),
           [&](std::uint32_t n, const std::string& file) { at(n).image = file; });
  for (const SoftwareShares& s : group.software) {
    hand_out(s.versions, group.count, random.fork("software " + s.component),
             [&](std::uint32_t n, const std::string& version) { at(n).software.push_back({s.component, version}); });
  }
  for (std::size_t i = 0; i < group.faults.size(); ++i) {
    const FaultRule& rule = group.faults[i];
    std::vector<std::uint32_t> devices = rule.devices;
    if (rule.drawn) {
      devices = shuffled(group.count, random.fork(fmt::format("fault {}", i)));
      devices.resize(rule.count);
    }
    for (const std::uint32_t n : devices) add(at(n).faults, rule.faults);
  }
}

}  // namespace lockstep::fleet
