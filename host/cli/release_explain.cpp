#include "host/cli/release_explain.hpp"

#include <fmt/format.h>

#include "host/cli/device_options.hpp"
#include "host/cli/release_report.hpp"
#include "manifests/resolve/resolve.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct ExplainOptions {
  fs::path file;
  std::vector<fs::path> keys;
  DeviceOptions device;
};

Outcome<void> run_explain(Terminal& terminal, const ExplainOptions& o) {
  LOCKSTEP_TRY(manifest, read_manifest(o.file, o.keys));
  LOCKSTEP_TRY(release, release::parse(manifest.xml, o.file.string()));
  LOCKSTEP_TRY(device, device_state(o.device));
  LOCKSTEP_TRY(in_use, software_in_use(o.device));
  const resolve::Answer answer = resolve::resolve(release, device, in_use);
  std::string lines;
  for (const std::string& line : explain(release, device, answer)) lines += line + '\n';
  terminal.show(answer_json(release, answer), lines);
  if (answer.yes) return {};
  return fail(ErrorKind::refused, fmt::format("{} may not get {}", o.device.name, release.name()));
}

}  // namespace

void add_release_explain(Command noun, Context& context) {
  auto& o = context.keep<ExplainOptions>();
  Command command = noun.add_subcommand("explain", "Say why a device may get a release, or why not and what would help");
  command.add_option("file", o.file, "Manifest, bare or signed").required().type_name("RELEASE");
  add_device_options(command, o.device);
  command.add_option("-k,--key", o.keys, "Public key that must have signed; may be repeated").type_name("PUB.pem")
      .allow_extra_args(false);
  context.on_run(command, [&] { return run_explain(context.terminal, o); });
}

}  // namespace lockstep::cli
