#include "device/fleet/scenario.hpp"

#include <fmt/format.h>

#include <map>

#include "device/fleet/groups.hpp"
#include "device/fleet/schema.hpp"
#include "manifests/xml/reader.hpp"

namespace lockstep::fleet {
namespace {

// A serial number names a device, its socket and its flash file: one of it.
void check_serials(const std::vector<Group>& groups, const std::vector<Device>& devices,
                   std::vector<xml::Problem>& problems) {
  std::map<std::string_view, std::string_view> owners;
  std::size_t next = 0;
  for (const Group& group : groups) {
    for (std::uint32_t n = 0; n < group.count; ++n) {
      const Device& device = devices[next++];
      const auto [place, is_new] = owners.try_emplace(device.serial, group.kind.group);
      if (is_new) continue;
      problems.push_back({group.line, "group",
                          fmt::format("serial {} is there already, in group \"{}\"; give this group another pattern",
                                      device.serial, place->second)});
      return;
    }
  }
}

std::vector<Group> read_groups(const xml::Node& root, std::vector<xml::Problem>& problems) {
  std::vector<Group> out;
  std::uint64_t total = 0;
  for (const xml::Node* node : root.children("group")) {
    out.push_back(read_group(*node, problems));
    total += out.back().count;
  }
  if (total > max_devices && problems.empty()) {
    problems.push_back({root.line(), "fleet",
                        fmt::format("there are {} devices; at most {} fit one process", total, max_devices)});
  }
  return out;
}

Moment read_begins(const xml::Node& root, std::vector<xml::Problem>& problems) {
  if (const auto begins = parse_moment(root.text("begins"))) return *begins;
  problems.push_back({root.line_of("begins"), "fleet",
                      "attribute \"begins\" is \"" + root.text("begins") + "\": expected a day and time such as mon 08:00"});
  return {};
}

}  // namespace

bool operator==(const Device& a, const Device& b) {
  Random luck_a = a.luck, luck_b = b.luck;
  return a.kind == b.kind && a.serial == b.serial && a.image == b.image && a.software == b.software &&
         a.contact == b.contact && a.faults == b.faults && luck_a.next() == luck_b.next();
}

Outcome<Scenario> parse(std::string_view bytes, std::string file) {
  LOCKSTEP_TRY(document, xml::read_or_error(schema(), bytes, file));
  const xml::Node& root = document.root;
  std::vector<xml::Problem> problems;
  Scenario out{.seed = root.count("seed"), .begins = read_begins(root, problems), .devices = {}};
  const std::vector<Group> groups = read_groups(root, problems);
  if (problems.empty()) {
    for (const Group& group : groups) draw(group, Random(out.seed).fork("group " + group.kind.group), out.devices);
    check_serials(groups, out.devices, problems);
  }
  if (!problems.empty()) return Fail(xml::as_error(file, problems));
  return out;
}

std::string list_line(const Device& device, std::string_view uri) {
  std::string out = fmt::format("{0} --link {1} --serial {0} --board {2} --revision {3}", device.serial, uri,
                                device.kind.board, device.kind.revision);
  for (const Software& s : device.software) out += fmt::format(" --software {}={}", s.component, s.version);
  return out;
}

}  // namespace lockstep::fleet
