#include "host/cli/wish_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/cli/release_files.hpp"
#include "host/gate/tested_versions.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

void repeated(Command command, const std::string& name, std::vector<std::string>& values, const std::string& description,
              const std::string& form, Check check) {
  command.add_option(name, values, "With --to newest: " + description + "; may be repeated")
      .type_name(form).allow_extra_args(false).check(std::move(check));
}

template <class Parse>
Check valid(Parse parse) {
  return [parse](const std::string& text) {
    const auto parsed = parse(text);
    return parsed ? std::string() : parsed.error().what;
  };
}

Outcome<std::vector<fs::path>> files_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector{path};
  std::vector<fs::path> out;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".dsse") out.push_back(entry->path());
  }
  if (error) return fail(ErrorKind::io, fmt::format("{}: {}", path.string(), error.message()));
  if (out.empty()) return fail(ErrorKind::not_found, path.string() + " has no evidence", "it is in files that end in .dsse");
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

void add_wish_options(Command command, WishOptions& o) {
  repeated(command, "--pin", o.pins, "only these versions of a component, as app=^2.0.0", "COMPONENT=RANGE[:REASON]",
           valid(propose::parse_pin));
  repeated(command, "--hold", o.holds,
           "not these versions, also not on the way, as radio=2.x or 'radio=2.x:battery drain'; without a range it stays as it is",
           "COMPONENT[=RANGE][:REASON]", valid(propose::parse_hold));
  repeated(command, "--first", o.first, "a component that weighs more than the others (default: the device's, by name)",
           "COMPONENT", [](const std::string& text) { return text.empty() ? std::string("a component's name was expected") : ""; });
  command.add_flag("--tested-only", o.tested_only,
                   "With --to newest: put only firmware on the device for which there is passing evidence");
}

void add_scope_options(Command command, ScopeOptions& o) {
  command.add_flag("--finalise", o.finalise, "With the steps after which there is no way back");
  command.add_flag("--everything", o.everything, "Bring the software to its newest version, too");
}

propose::Options ScopeOptions::options() const {
  return {.limits = {}, .finalise = finalise, .scope = everything ? model::Scope::everything : model::Scope::device};
}

void add_evidence_options(Command command, EvidenceOptions& o, bool files_only) {
  command.add_option("--evidence", o.files, "Signed evidence for --tested-only, a file or a folder of *.dsse, the oldest first; may be repeated")
      .type_name("FILE|DIR").allow_extra_args(false);
  command.add_option("--trust", o.trusted, "Public key of a test runner whose evidence counts; may be repeated").type_name("PUB.pem")
      .allow_extra_args(false);
  if (files_only) command.get_option("--tested-only").needs("--evidence");
  command.get_option("--evidence").needs("--trust");
  command.get_option("--evidence").needs("--tested-only");
  command.get_option("--trust").needs("--evidence");
}

std::string wrong_target(std::string_view to, const WishOptions& o) {
  if (to.empty()) return "--to names no release; say a version, as 2.0.0, or newest";
  if (propose::newest_of(to) || (o.pins.empty() && o.holds.empty() && o.first.empty() && !o.tested_only)) return {};
  return fmt::format("--pin, --hold, --first and --tested-only choose versions, but --to {} names them; say --to newest, or leave them out",
                     printable(to));
}

Outcome<propose::Wishes> wishes_of(const WishOptions& o) {
  propose::Wishes out{.first = o.first};
  for (const std::string& text : o.pins) {
    LOCKSTEP_TRY(pin, propose::parse_pin(text));
    out.pins.push_back(std::move(pin));
  }
  for (const std::string& text : o.holds) {
    LOCKSTEP_TRY(hold, propose::parse_hold(text));
    out.holds.push_back(std::move(hold));
  }
  return out;
}

ApiClient::Query plan_query(const std::string& to, const WishOptions& o, const ScopeOptions& scope) {
  ApiClient::Query query{{"to", to}};
  const auto add = [&](const char* name, const std::vector<std::string>& texts) {
    if (!texts.empty()) query[name] = fmt::format("{}", fmt::join(texts, "\n"));
  };
  add("pin", o.pins);
  add("hold", o.holds);
  add("first", o.first);
  if (o.tested_only) query["tested_only"] = "true";
  if (scope.finalise) query["finalise"] = "true";
  if (scope.everything) query["everything"] = "true";
  return query;
}

Outcome<std::vector<propose::Tested>> tested_by(Terminal& terminal, const EvidenceOptions& o,
                                                const std::vector<release::Release>& releases) {
  LOCKSTEP_TRY(keys, load_trusted(o.trusted));
  std::vector<gate::Evidence> evidence;
  std::map<std::string, std::string> files;  // by digest
  for (const fs::path& path : o.files) {
    LOCKSTEP_TRY(all, files_of(path));
    for (const fs::path& file : all) {
      LOCKSTEP_TRY(text, read_text_file(file));
      const std::string digest = Sha256::of(text).hex();
      if (files.emplace(digest, file.string()).second) evidence.push_back({digest, std::move(text)});
    }
  }
  gate::TestedVersions tested;
  for (const release::Release& release : releases) tested.add(release, evidence, keys);
  for (const std::string& failed : tested.failed()) terminal.note(failed);
  for (const gate::Rejected& one : tested.rejected()) terminal.note(fmt::format("{} does not count: {}", files[one.digest], one.why));
  return tested.versions();
}

}  // namespace lockstep::cli
