#include "host/cli/release_explain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/release_report.hpp"
#include "manifests/resolve/resolve.hpp"
#include "manifests/xml/types.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct ExplainOptions {
  fs::path file;
  std::vector<fs::path> keys;
  std::string name = "the device";
  std::string board;
  std::string revision;
  std::vector<std::string> installed;
  std::vector<std::string> counters;
  std::vector<std::string> software;
};

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

// "mobile-app=5.1.0" or "mobile-app@android=5.1.0"
Outcome<resolve::SoftwareInUse> parse_software(const std::string& text) {
  LOCKSTEP_TRY(pair, split(text, "mobile-app=5.1.0 or mobile-app@android=5.1.0"));
  LOCKSTEP_TRY(version, version::parse(pair.value));
  const std::size_t at = pair.name.find('@');
  resolve::SoftwareInUse out{.component = pair.name.substr(0, at), .version = version};
  if (at != pair.name.npos) out.platform = pair.name.substr(at + 1);
  return out;
}

struct Counter {
  std::string component;
  std::uint32_t value = 0;
};

Outcome<Counter> parse_counter(const std::string& text) {
  LOCKSTEP_TRY(pair, split(text, "app=2"));
  const auto value = xml::parse_count(pair.value);
  if (!value) return fail(ErrorKind::invalid, in_quotes(pair.value) + " is no security counter, a whole number was expected");
  return Counter{pair.name, *value};
}

template <class Parse>
CLI::Validator valid(Parse parse) {
  return CLI::Validator([parse](const std::string& text) {
    const auto parsed = parse(text);
    return parsed ? std::string() : parsed.error().what;
  }, "");
}

Outcome<resolve::DeviceState> device_state(const ExplainOptions& o) {
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

Outcome<void> run_explain(Terminal& terminal, const ExplainOptions& o) {
  LOCKSTEP_TRY(manifest, read_manifest(o.file, o.keys));
  LOCKSTEP_TRY(release, release::parse(manifest.xml, o.file.string()));
  LOCKSTEP_TRY(device, device_state(o));
  std::vector<resolve::SoftwareInUse> in_use;
  for (const std::string& text : o.software) {
    LOCKSTEP_TRY(software, parse_software(text));
    in_use.push_back(std::move(software));
  }
  const resolve::Answer answer = resolve::resolve(release, device, in_use);
  std::string lines;
  for (const std::string& line : explain(release, device, answer)) lines += line + '\n';
  terminal.show(answer_json(release, answer), lines);
  if (answer.yes) return {};
  return fail(ErrorKind::refused, fmt::format("{} may not get {}", o.name, release.name()));
}

}  // namespace

void add_release_explain(CLI::App& noun, Context& context) {
  auto& o = context.keep<ExplainOptions>();
  CLI::App* command = noun.add_subcommand("explain", "Say why a device may get a release, or why not and what would help");
  command->add_option("file", o.file, "Manifest, bare or signed")->required()->type_name("RELEASE");
  command->add_option("--device", o.installed, "What is on the device, as app=1.4.0; may be repeated")
      ->required()->type_name("COMPONENT=V")->allow_extra_args(false)->check(valid(parse_installed));
  command->add_option("--board", o.board, "The device's board")->required()->type_name("NAME");
  command->add_option("--revision", o.revision, "The board's revision")->required()->type_name("R");
  command->add_option("--software", o.software,
                      "Software in use with it, as mobile-app=5.1.0 or mobile-app@ios=5.1.0; may be repeated")
      ->type_name("COMPONENT=V")->allow_extra_args(false)->check(valid(parse_software));
  command->add_option("--counter", o.counters, "Lowest security counter the device accepts, as app=2; may be repeated")
      ->type_name("COMPONENT=N")->allow_extra_args(false)->check(valid(parse_counter));
  command->add_option("--name", o.name, "What to call the device")->type_name("NAME");
  command->add_option("-k,--key", o.keys, "Public key that must have signed; may be repeated")->type_name("PUB.pem")
      ->allow_extra_args(false);
  context.on_run(*command, [&] { return run_explain(context.terminal, o); });
}

}  // namespace lockstep::cli
