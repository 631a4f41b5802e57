#include "host/cli/device_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "manifests/xml/types.hpp"

namespace lockstep::cli {
namespace {

// "app=1.4.0" at its '='.
struct Pair {
  std::string name;
  std::string value;
};

Outcome<Pair> split(const std::string& text, std::string_view example) {
  const std::size_t equal = text.find('=');
  if (equal == text.npos || equal == 0) {
    return fail(ErrorKind::invalid, in_quotes(text) + " is not of the form NAME=VALUE as in " + std::string(example));
  }
  return Pair{text.substr(0, equal), text.substr(equal + 1)};
}

Outcome<resolve::Installed> parse_installed(const std::string& text) {
  LOCKSTEP_TRY(pair, split(text, "app=1.4.0"));
  LOCKSTEP_TRY(version, version::parse_device(pair.value));
  return resolve::Installed{.component = pair.name, .version = version};
}

// The version in a slot; "app=none": nothing is in it.
struct InSlot {
  std::string component;
  std::optional<version::Version> version;
};
Outcome<InSlot> parse_slot(const std::string& text) {
  LOCKSTEP_TRY(pair, split(text, "app=1.3.0 or app=none"));
  if (pair.value == "none") return InSlot{pair.name, std::nullopt};
  LOCKSTEP_TRY(version, version::parse_device(pair.value));
  return InSlot{pair.name, version};
}

// "mobile-app=5.1.0" or "mobile-app@android=5.1.0"
Outcome<resolve::SoftwareInUse> parse_software(const std::string& text) {
  LOCKSTEP_TRY(pair, split(text, "mobile-app=5.1.0 or mobile-app@android=5.1.0"));
  LOCKSTEP_TRY(version, version::parse(pair.value));
  const std::size_t at = pair.name.find('@');
  resolve::SoftwareInUse out{.component = pair.name.substr(0, at), .version = version};
  if (at != pair.name.npos) out.platform = pair.name.substr(at + 1);
  return out;
}

struct Number {
  std::string component;
  std::uint32_t value = 0;
};

Outcome<Number> parse_number(const std::string& text, std::string_view example, std::string_view what) {
  LOCKSTEP_TRY(pair, split(text, example));
  const auto value = xml::parse_count(pair.value);
  if (!value) {
    return fail(ErrorKind::invalid, fmt::format("{} is no {}, a whole number was expected", in_quotes(pair.value), what));
  }
  return Number{pair.name, *value};
}
Outcome<Number> parse_counter(const std::string& text) { return parse_number(text, "app=2", "security counter"); }
Outcome<Number> parse_epoch(const std::string& text) { return parse_number(text, "app=2", "data epoch"); }

template <class Parse>
Check valid(Parse parse) {
  return [parse](const std::string& text) {
    const auto parsed = parse(text);
    return parsed ? std::string() : parsed.error().what;
  };
}

void repeated(Command command, const std::string& name, std::vector<std::string>& values, const std::string& description,
              const std::string& form) {
  command.add_option(name, values, description + "; may be repeated").type_name(form).allow_extra_args(false);
}
template <class Parse>
void repeated(Command command, const std::string& name, std::vector<std::string>& values, const std::string& description,
              const std::string& form, Parse parse) {
  repeated(command, name, values, description, form);
  command.get_option(name).check(valid(parse));
}

model::Slots& slots_of(model::Report& report, const std::string& component) {
  for (model::Slots& s : report.slots) {
    if (s.component == component) return s;
  }
  report.slots.push_back({.component = component});
  return report.slots.back();
}

}  // namespace

Outcome<resolve::DeviceState> device_state(const DeviceOptions& o) {
  resolve::DeviceState device{.name = o.name, .board = o.board, .revision = o.revision, .components = {}};
  for (const std::string& text : o.installed) {
    LOCKSTEP_TRY(installed, parse_installed(text));
    device.components.push_back(std::move(installed));
  }
  for (const std::string& text : o.counters) {
    LOCKSTEP_TRY(counter, parse_counter(text));
    const auto place = std::find_if(device.components.begin(), device.components.end(),
                                    [&](const resolve::Installed& i) { return i.component == counter.component; });
    if (place == device.components.end()) {
      return fail(ErrorKind::invalid, "--counter names " + in_quotes(counter.component) + ", which is not installed",
                  "name it with --device, too");
    }
    place->security_counter = counter.value;
  }
  return device;
}

Outcome<std::vector<resolve::SoftwareInUse>> software_in_use(const DeviceOptions& o) {
  std::vector<resolve::SoftwareInUse> out;
  for (const std::string& text : o.software) {
    LOCKSTEP_TRY(software, parse_software(text));
    out.push_back(std::move(software));
  }
  return out;
}

Outcome<model::Report> device_report(const DeviceOptions& o) {
  model::Report report;
  LOCKSTEP_TRY(device, device_state(o));
  LOCKSTEP_TRY(in_use, software_in_use(o));
  report.device = std::move(device), report.in_use = std::move(in_use), report.unused = o.unused;
  for (const std::string& text : o.fallbacks) {
    LOCKSTEP_TRY(slot, parse_slot(text));
    slots_of(report, slot.component).fallback = slot.version;
  }
  for (const std::string& text : o.staged) {
    LOCKSTEP_TRY(slot, parse_slot(text));
    slots_of(report, slot.component).staged = slot.version;
  }
  for (const std::string& text : o.epochs) {
    LOCKSTEP_TRY(epoch, parse_epoch(text));
    slots_of(report, epoch.component).epoch = epoch.value;
  }
  for (const std::string& component : o.trials) slots_of(report, component).trial = true;
  for (const std::string& component : o.torn) slots_of(report, component).torn = true;
  return report;
}

void add_device_options(Command command, DeviceOptions& o) {
  repeated(command, "--device", o.installed, "What is on the device, as app=1.4.0", "COMPONENT=V", parse_installed);
  command.get_option("--device").required();
  command.add_option("--board", o.board, "The device's board").required().type_name("NAME");
  command.add_option("--revision", o.revision, "The board's revision").required().type_name("R");
  repeated(command, "--software", o.software, "Software in use with it, as mobile-app=5.1.0 or mobile-app@ios=5.1.0",
           "COMPONENT=V", parse_software);
  repeated(command, "--counter", o.counters, "Lowest security counter the device accepts, as app=2",
           "COMPONENT=N", parse_counter);
  command.add_option("--name", o.name, "What to call the device").type_name("NAME");
}

void add_slot_options(Command command, DeviceOptions& o) {
  repeated(command, "--fallback", o.fallbacks, "What the bootloader would go back to, as app=1.3.0, or app=none",
           "COMPONENT=V", parse_slot);
  repeated(command, "--staged", o.staged, "Written but not tried yet, as app=1.5.0, or app=none", "COMPONENT=V", parse_slot);
  repeated(command, "--trial", o.trials, "What runs on trial", "COMPONENT");
  repeated(command, "--torn", o.torn, "A component with one slot in which nothing boots", "COMPONENT");
  repeated(command, "--epoch", o.epochs, "Format of its stored data, as app=2", "COMPONENT=N", parse_epoch);
  repeated(command, "--unused", o.unused, "Software that nobody uses with the device", "COMPONENT");
}

}  // namespace lockstep::cli
