#include "host/cli/plan_output.hpp"

#include <fmt/format.h>

#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/cli/plan_report.hpp"
#include "host/cli/context.hpp"
#include "manifests/picture/picture.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

Outcome<> write_new(const fs::path& file, std::string_view text, bool force) {
  auto written = write_file(file, text, {.replace = force});
  if (!written && written.error().kind == ErrorKind::conflict) {
    return fail(ErrorKind::conflict, written.error().what, replace_hint());
  }
  return written;
}

}  // namespace

void add_out_options(Command command, OutOptions& o) {
  command.add_option("-o,--out", o.plan, "File for the plan with its certificate").type_name("PLAN.json");
  command.add_option("--svg", o.svg, "File for the plan as a picture").type_name("PLAN.svg");
  command.add_flag("--force", o.force, "Replace existing files");
}

Outcome<> write_outputs(Terminal& terminal, const OutOptions& o, const plan_file::Document& document) {
  if (!o.plan.empty()) {
    LOCKSTEP_CHECK(write_new(o.plan, to_text(document), o.force));
    terminal.note("wrote " + o.plan.string());
  }
  if (!o.svg.empty()) {
    LOCKSTEP_CHECK(write_new(o.svg, picture::svg(document), o.force));
    terminal.note("wrote " + o.svg.string());
  }
  return {};
}

std::string certified_text(const plan_file::Document& document, bool least) {
  std::string out = plan_text(document);
  if (document.steps.empty()) return out;
  out += "\ncertified: every state on the way, and every one that reverts and power cuts lead to, is safe\n";
  out += least ? "no plan costs less\n" : "a cheaper plan may exist: the search was cut short\n";
  return out;
}

std::string no_plan_text(std::string_view device, std::string_view release, const std::vector<std::string>& reasons) {
  std::string out = fmt::format("no plan takes {} to {}:\n", printable(device), printable(release));
  for (const std::string& reason : reasons) out += "  - " + printable(reason) + '\n';
  return out;
}

}  // namespace lockstep::cli
