#include "device/sim/options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "device/fleet/schema.hpp"
#include "device/sim/layout.hpp"
#include "host/base/uuid.hpp"
#include "manifests/xml/xsd.hpp"

namespace lockstep::sim {
namespace {

struct Switch {
  std::string_view name;
  bool Faults::*set;
};
constexpr Switch switches[] = {
    {"silent", &Faults::silent},
    {"unhealthy", &Faults::unhealthy},
    {"no-reset-answer", &Faults::no_reset_answer},
};

struct Counted {
  std::string_view name;
  std::uint32_t FlashFaults::*at;
};
constexpr Counted counted[] = {
    {"bit-rot", &FlashFaults::rot_at},
    {"write-error", &FlashFaults::write_error_at},
    {"erase-error", &FlashFaults::erase_error_at},
    {"stuck-busy", &FlashFaults::stuck_at},
};
constexpr const char* fault_words =
    "cut-at=N, tear-at=N, bit-rot=N, write-error=N, erase-error=N, stuck-busy=N, slow-erase=MS, silent, unhealthy, "
    "no-reset-answer, drop=N";

bool parse_number(std::string_view text, std::uint32_t& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc() && end == text.data() + text.size() && out > 0;
}

// One word of --fault; false when it is none.
bool take_fault(std::string_view word, Faults& faults) {
  for (const Switch& s : switches) {
    if (word == s.name) return faults.*s.set = true;
  }
  const std::size_t split = std::min(word.find('='), word.size());
  const std::string_view name = word.substr(0, split);
  const std::string_view value = word.substr(std::min(split + 1, word.size()));
  for (const Counted& c : counted) {
    if (name == c.name) return parse_number(value, faults.flash.*c.at);
  }
  if (name == "slow-erase") {
    std::uint32_t ms = 0;
    const bool fine = parse_number(value, ms) && ms <= 60000;
    faults.flash.slow_erase = Milliseconds(ms);
    return fine;
  }
  if (name == "drop") return parse_number(value, faults.drop_every);
  if (name != "cut-at" && name != "tear-at") return false;
  faults.torn = name == "tear-at";
  return parse_number(value, faults.cut_at);
}

// The options of a fleet; those of a single device exclude it.
CLI::Option* add_fleet_options(CLI::App& app, CLI::App& where, FleetOptions& fleet) {
  auto* const file = where.add_option("--fleet", fleet.scenario, "Simulate the devices of this scenario (XML, device/fleet)");
  auto* const sockets = app.add_option("--socket-dir", fleet.socket_dir, "Unix sockets of the fleet: SERIAL.sock in this folder");
  auto* const ports = app.add_option("--udp-base", fleet.udp_base, "UDP ports of the fleet, from this one on; 0: any free ones");
  sockets->excludes(ports);
  for (CLI::Option* option :
       {sockets, ports,
        app.add_option("--list", fleet.list, "File for the fleet's devices, a line of arguments for lockstep device add each"),
        app.add_option("--flash-dir", fleet.flash_dir, "Keep the fleet's flash: SERIAL.flash in this folder"),
        app.add_option("--time-scale", fleet.time_scale, "How much faster the fleet's time goes")
            ->capture_default_str()
            ->check(CLI::Range(0.001, 1e6))}) {
    option->needs(file)->group("Fleet");
  }
  app.add_flag_callback("--fleet-schema",
                        [] {
                          fmt::print("{}", xml::xsd(fleet::schema()));
                          throw CLI::Success();
                        },
                        "Print the XSD of scenarios, for editors")
      ->trigger_on_parse()
      ->group("Fleet");
  return file;
}

// What no single option can say.
void check_fleet(const CLI::Option& file, const Options& o, const FleetOptions& fleet) {
  if (file.count() == 0) {
    if (o.flash.empty()) throw CLI::RequiredError("--flash");
  } else if (fleet.socket_dir.empty() && !fleet.udp_base) {
    throw CLI::RequiredError("--socket-dir or --udp-base");
  }
}

void check_components(const std::vector<std::string>& names, boot::Mode mode) {
  constexpr std::size_t most = agent::Platform::max_images;
  const std::set<std::string> distinct(names.begin(), names.end());
  if (names.size() > most) throw CLI::ValidationError("--components", fmt::format("a device has {} at most", most));
  if (names.empty() || distinct.contains("")) throw CLI::ValidationError("--components", "a component has no name");
  if (distinct.size() != names.size()) throw CLI::ValidationError("--components", "a name is there twice");
  if (names.size() > 1 && mode != boot::Mode::swap) {
    throw CLI::ValidationError("--components", "several images are tried together in mode swap only");
  }
}

// The file for each image: FILE is image 0's, COMPONENT=FILE that component's.
std::vector<std::string> seeds_by_image(const std::vector<std::string>& words, const std::vector<std::string>& components) {
  std::vector<std::string> files(components.size());
  for (const std::string& word : words) {
    const std::size_t split = word.find('=');
    const auto named = std::ranges::find(components, word.substr(0, split));
    const bool by_name = split != std::string::npos && named != components.end();
    std::string& file = files[by_name ? static_cast<std::size_t>(named - components.begin()) : 0];
    if (!file.empty()) throw CLI::ValidationError("--seed-image", word + ": that component has one already");
    file = by_name ? word.substr(split + 1) : word;
  }
  return files;
}

}  // namespace

Result<Options, int> parse_options(int argc, char** argv) {
  Options o;
  CLI::App app{
      "A simulated device, or a fleet of them: the boot code and the SMP agent of device/ in a process, flash in a file.\n"
      "Prints a line with its link when it is ready. kill -9 is a power cut; start it again with the same flash file.",
      "lockstep-sim"};
  auto* const where = app.add_option_group("link")->require_option(1);
  where->add_option("--unix", o.unix_path, "Listen on this Unix socket (console framing)");
  where->add_option("--raw-unix", o.raw_unix, "Listen on this Unix socket (raw UART: messages without framing, no log)");
  where->add_option("--pty", o.pty, "Make a pseudo terminal and this symbolic link to it (console framing)");
  where->add_option("--udp", o.udp, "Take UDP packets on this port of 127.0.0.1; 0: any");
  app.add_option("--usbip-socket", o.usbip_path, "Also be a USB DFU device, shown by USB/IP on this Unix socket");
  bool dfu_tolerant = false;
  app.add_flag("--dfu-tolerant", dfu_tolerant, "Stay in DFU mode after a download instead of waiting for a bus reset");
  app.add_option("--flash", o.flash, "File that holds the flash; made when it is missing");
  app.add_option("--key", o.keys, "Public key (PEM) whose images are accepted; may be repeated")->required();
  app.add_option("--serial", o.node.serial, "Serial number")->capture_default_str();
  app.add_option("--board", o.node.board, "Kind of hardware")->capture_default_str();
  app.add_option("--revision", o.node.revision, "Revision of the hardware")->capture_default_str();
  app.add_option("--product", o.node.product, "Product")->capture_default_str();
  std::string vendor, device_class;
  app.add_option("--vendor", vendor, "Vendor, a UUID or a domain name: images that name another one are refused");
  app.add_option("--class", device_class, "Device class, a UUID or a name within the vendor: likewise");
  FleetOptions fleet;
  CLI::Option* const fleet_file = add_fleet_options(app, *where, fleet);
  std::map<std::string, boot::Mode> modes{{"swap", boot::Mode::swap},
                                          {"overwrite", boot::Mode::overwrite_only},
                                          {"direct-xip", boot::Mode::direct_xip},
                                          {"ram-load", boot::Mode::ram_load}};
  boot::Mode mode = boot::Mode::swap;
  app.add_option("--mode", mode, "How the bootloader updates")->transform(CLI::CheckedTransformer(modes));
  std::vector<std::string> components{o.node.component}, seeds;
  app.add_option("--components", components,
                 "What the device's images are, separated by commas (app,radio,fpga): each has its own two slots")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--seed-image", seeds,
                 "Signed image that a factory put into slot 0 of a new flash file; COMPONENT=FILE for one of several");
  app.add_option("--slot-kib", o.slot_kib, "Size of slot 0")->capture_default_str()->check(CLI::Range(16, 8192));
  app.add_option("--buffer", o.node.buffer_size, "Bytes of the largest request")->capture_default_str()->check(
      CLI::Range(96, 65000));
  std::int64_t boot_ms = o.node.boot_time.count(), watchdog_ms = o.node.watchdog.count();
  app.add_option("--boot-ms", boot_ms, "Time from reset to the first answer")->capture_default_str()->check(
      CLI::Range(0, 600000));
  app.add_option("--watchdog-ms", watchdog_ms, "Time until a hanging application is reset")
      ->capture_default_str()
      ->check(CLI::Range(1, 600000));
  std::int64_t self_test_ms = 0, confirm_ms = 0;
  app.add_option("--self-test-ms", self_test_ms, "How long the application's self-test runs")
      ->capture_default_str()
      ->check(CLI::Range(0, 600000));
  app.add_option("--confirm-ms", confirm_ms, "Time until an image on test that nobody confirms is given up; 0: never")
      ->capture_default_str()
      ->check(CLI::Range(0, 86400000));
  std::vector<std::string> faults;
  app.add_option("--fault", faults,
                 "What goes wrong: cut-at=N (die at the N-th flash operation), tear-at=N (and do it by half), bit-rot=N (then "
                 "a bit of slot 1's image flips), write-error=N, erase-error=N (the first of its kind from the N-th "
                 "operation on fails), stuck-busy=N (it never ends), slow-erase=MS, silent, unhealthy, no-reset-answer, "
                 "drop=N (lose every N-th answer); may be repeated");
  for (const char* name : {"--flash", "--serial", "--board", "--revision", "--product", "--mode", "--seed-image", "--slot-kib", "--components",
                           "--buffer", "--boot-ms", "--watchdog-ms", "--self-test-ms", "--confirm-ms", "--fault",
                           "--vendor", "--class"}) {
    app.get_option(name)->excludes(fleet_file);
  }
  app.add_flag("--log", o.log, "The device's log to stderr");
  app.add_flag("--json", o.json, "The line that says it is ready as JSON");
  try {
    app.parse(argc, argv);
    check_fleet(*fleet_file, o, fleet);
    for (const std::string& fault : faults) {
      if (take_fault(fault, o.node.faults)) continue;
      throw CLI::ValidationError(
          "--fault", fault + ": no such fault; there are " + fault_words);
    }
    if (!device_class.empty() && vendor.empty() && !parse_uuid(device_class)) throw CLI::RequiredError("--vendor");
    if (o.slot_kib * 1024 % sector_size != 0) throw CLI::ValidationError("--slot-kib", "wants a multiple of 4");
    check_components(components, mode);
    o.seed_images = seeds_by_image(seeds, components);
  } catch (const CLI::ParseError& e) {
    return Fail(app.exit(e) == 0 ? 0 : 2);
  }
  if (fleet_file->count() > 0) {
    fleet.keys = o.keys;
    fleet.log = o.log;
    fleet.json = o.json;
    o.fleet = std::move(fleet);
  }
  if (dfu_tolerant) o.node.usb.function.attributes |= dfu::attribute::manifestation_tolerant;
  if (!vendor.empty()) o.node.vendor = uuid_of(vendor, uuid_dns_namespace);
  if (!device_class.empty()) o.node.device_class = uuid_of(device_class, o.node.vendor.value_or(Uuid{}));
  o.node.boot_time = Milliseconds(boot_ms);
  o.node.watchdog = Milliseconds(watchdog_ms);
  o.node.self_test = Milliseconds(self_test_ms);
  o.node.confirm_deadline = Milliseconds(confirm_ms);
  o.node.layout = layout_for(o.slot_kib * 1024, mode);
  o.node.component = components.front();
  for (std::size_t image = 1; image < components.size(); ++image) {
    o.node.more_components.push_back({components[image], layout_behind(o.node.layouts().back())});
  }
  return o;
}

}  // namespace lockstep::sim
