#include "host/cli/release_commands.hpp"

#include <fmt/format.h>

#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/release_explain.hpp"
#include "host/cli/release_matrix.hpp"
#include "host/cli/release_report.hpp"
#include "host/cli/resource.hpp"
#include "manifests/release/fill.hpp"
#include "manifests/release/schema.hpp"
#include "manifests/xml/xsd.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct LintOptions {
  fs::path file;
  fs::path artefacts;
};

struct SignOptions {
  fs::path file;
  std::vector<fs::path> keys;
  fs::path artefacts;
  fs::path out;
  bool force = false;
};

struct FillOptions {
  fs::path file;
  fs::path artefacts;
  fs::path out;
  bool force = false;
};

struct ShowOptions {
  std::string release;  // a file, or a release of the state
  std::vector<fs::path> keys;
};

std::string plural(std::size_t n, std::string_view word) { return fmt::format("{} {}{}", n, word, n == 1 ? "" : "s"); }

Outcome<std::vector<release::Finding>> all_findings(const release::Release& release, const fs::path& artefacts) {
  std::vector<release::Finding> findings = lint(release);
  if (artefacts.empty()) return findings;
  LOCKSTEP_TRY(more, check_artefacts(release, artefacts));
  findings.insert(findings.end(), more.begin(), more.end());
  return findings;
}

// What is not even a manifest has a line for each problem, like what is one and wrong.
Outcome<void> show_unreadable(Terminal& terminal, const fs::path& file, const Error& error) {
  json::array findings;
  for (std::string_view rest = error.what; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    findings.push_back(json::object{{"severity", "error"}, {"what", json::string(rest.substr(0, end))}});
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const std::size_t count = findings.size();
  terminal.show(json::object{{"ok", false}, {"findings", std::move(findings)}}, error.what);
  return fail(ErrorKind::invalid, fmt::format("{} is no release manifest: {}", file.string(), plural(count, "problem")));
}

Outcome<void> run_lint(Terminal& terminal, const LintOptions& o) {
  LOCKSTEP_TRY(manifest, read_manifest(o.file, {}));
  const auto release = release::parse(manifest.xml, o.file.string());
  if (!release) return show_unreadable(terminal, o.file, release.error());
  LOCKSTEP_TRY(findings, all_findings(*release, o.artefacts));
  const bool ok = !has_errors(findings);
  const std::string verdict = fmt::format("{}: {}\n", release->name(), ok ? "no errors" : "cannot do what it says");
  terminal.show(json::object{{"release", release->name()}, {"ok", ok}, {"findings", findings_json(findings)}},
                findings_text(*release, findings) + verdict);
  if (o.artefacts.empty()) terminal.note("the files were not looked at; --artefacts DIR does");
  if (ok) return {};
  return fail(ErrorKind::refused, fmt::format("{} has {}", o.file.string(), plural(findings.size(), "finding")));
}

Outcome<void> run_fill(Terminal& terminal, const FillOptions& o) {
  LOCKSTEP_TRY(draft, read_text_file(o.file));
  const fs::path folder = o.artefacts.empty() ? o.file.parent_path() : o.artefacts;
  const auto read = [&](const std::string& file) { return read_artefact(folder, file); };
  LOCKSTEP_TRY(text, release::fill(draft, o.file.string(), read));
  LOCKSTEP_TRY(release, release::parse(text, o.out.string()));
  auto written = write_file(o.out, text, {.replace = o.force});
  if (!written && written.error().kind == ErrorKind::conflict) {
    return fail(ErrorKind::conflict, written.error().what, replace_hint());
  }
  LOCKSTEP_CHECK(std::move(written));
  json::object document = release_json(release);
  document["file"] = o.out.string();
  terminal.show(document, "wrote " + o.out.string() + "\n\n" + release_text(release));
  return {};
}

Outcome<std::vector<PrivateKey>> load_private(const std::vector<fs::path>& files) {
  std::vector<PrivateKey> keys;
  for (const fs::path& file : files) {
    LOCKSTEP_TRY(key, PrivateKey::load(file));
    keys.push_back(key);
  }
  return keys;
}

// Nobody's name goes under a release that contradicts itself.
Outcome<void> refuse_findings(Terminal& terminal, const release::Release& release,
                              const std::vector<release::Finding>& findings) {
  if (!has_errors(findings)) {
    for (const release::Finding& f : findings) terminal.note(f.text(release));
    return {};
  }
  std::string lines = findings_text(release, findings);
  lines.pop_back();
  return fail(ErrorKind::refused, std::move(lines), "correct the manifest; it was not signed");
}

Outcome<void> run_sign(Terminal& terminal, const SignOptions& o) {
  LOCKSTEP_TRY(keys, load_private(o.keys));
  LOCKSTEP_TRY(xml, read_text_file(o.file));
  LOCKSTEP_TRY(release, release::parse(xml, o.file.string()));
  LOCKSTEP_TRY(findings, all_findings(release, o.artefacts));
  LOCKSTEP_CHECK(refuse_findings(terminal, release, findings));
  LOCKSTEP_TRY(envelope, attest::sign(std::string(release::payload_type), xml, keys));
  const std::string text = to_json(envelope);

  // What leaves here was read back and checked, whatever went wrong on the way.
  std::vector<attest::TrustedKey> trusted;
  for (const PrivateKey& key : keys) trusted.push_back({"", key.public_key()});
  const auto verified = attest::verify(text, release::payload_type, trusted, trusted.size());
  if (!verified) return fail(ErrorKind::internal, "the new envelope does not verify: " + verified.error().what);
  auto written = write_file(o.out, text, {.replace = o.force});
  if (!written && written.error().kind == ErrorKind::conflict) {
    return fail(ErrorKind::conflict, written.error().what, replace_hint());
  }
  LOCKSTEP_CHECK(std::move(written));

  json::array ids;
  Details details;
  details.line("wrote", o.out.string());
  details.line("release", release.name());
  details.line("manifest sha256", release.sha256.hex());
  for (const attest::Signature& s : envelope.signatures) {
    ids.emplace_back(s.key_id.hex());
    details.line("signed by key", s.key_id.hex());
  }
  terminal.show(json::object{{"file", o.out.string()}, {"release", release.name()}, {"sha256", release.sha256.hex()},
                             {"key_ids", std::move(ids)}}, details);
  return {};
}

std::string signers_text(const ManifestFile& manifest) {
  Details out;
  for (const attest::TrustedKey& key : manifest.verified_by) out.line("signed by", key.name + " (verified)");
  if (manifest.verified_by.empty()) {
    for (const Sha256& id : manifest.key_ids) out.line("signed by", "key " + id.short_hex() + " (not checked)");
  }
  if (!manifest.is_signed) out.line("signed by", "nobody");
  return out.text();
}

json::object shown_json(const release::Release& release, const ManifestFile& manifest) {
  json::array ids;
  for (const Sha256& id : manifest.key_ids) ids.emplace_back(id.hex());
  json::object document = release_json(release);
  document["key_ids"] = std::move(ids);
  return document;
}

Outcome<void> show_file(Terminal& terminal, const ShowOptions& o) {
  LOCKSTEP_TRY(manifest, read_manifest(o.release, o.keys));
  LOCKSTEP_TRY(release, release::parse(manifest.xml, o.release));
  json::object document = shown_json(release, manifest);
  document["file"] = o.release;
  document["verified"] = !manifest.verified_by.empty();
  terminal.show(document, signers_text(manifest) + release_text(release));
  if (manifest.is_signed && manifest.verified_by.empty()) {
    terminal.note("the signature was not checked; --key PUB.pem does");
  }
  return {};
}

// One that `release add` has kept; without keys the state says whom of its signers it trusts.
Outcome<void> show_stored(Context& context, const ShowOptions& o) {
  LOCKSTEP_TRY(path, path_of(all_releases, o.release));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get(path));
  const std::string name = text_of(answer, "release");
  LOCKSTEP_TRY(manifest, manifest_of(text_of(answer, "envelope"), name, o.keys));
  LOCKSTEP_TRY(release, release::parse(manifest.xml, name));
  const std::vector<std::string> signers = texts_of(answer, "signers");
  const bool asked = !o.keys.empty();
  Details trusted;
  for (const std::string& signer : signers) trusted.line("signed by", signer + " (trusted by this state)");
  if (signers.empty()) trusted.line("signed by", "nobody whom this state trusts now");
  json::object document = shown_json(release, manifest);
  document["release"] = name;
  document["signers"] = json::array(signers.begin(), signers.end());
  document["verified"] = asked || !signers.empty();
  context.terminal.show(document, (asked ? signers_text(manifest) : trusted.text()) + release_text(release));
  return {};
}

// A file goes before a stored release of the same name: it was typed as a path.
Outcome<void> run_show(Context& context, const ShowOptions& o) {
  std::error_code ignored;
  const bool looks_stored = o.release.find('/') == std::string::npos && !fs::exists(o.release, ignored);
  if (!looks_stored || o.release.ends_with(".xml") || o.release.ends_with(".release")) return show_file(context.terminal, o);
  return show_stored(context, o);
}

void add_lint(Command noun, Context& context) {
  auto& o = context.keep<LintOptions>();
  Command command = noun.add_subcommand("lint", "Find contradictions in a manifest, and files that are not what it says");
  command.add_option("file", o.file, "Manifest, bare or signed").required().type_name("RELEASE");
  command.add_option("--artefacts", o.artefacts, "Folder with the files that it names").type_name("DIR");
  context.on_run(command, [&] { return run_lint(context.terminal, o); });
}

void add_fill(Command noun, Context& context) {
  auto& o = context.keep<FillOptions>();
  Command command = noun.add_subcommand("fill", "Write sizes, digests and counters of the files into a draft");
  command.add_option("file", o.file, "Draft of a manifest").required().type_name("DRAFT.xml");
  command.add_option("--artefacts", o.artefacts, "Folder with the files (default: the draft's)").type_name("DIR");
  command.add_option("-o,--out", o.out, "File to write").required().type_name("OUT.xml");
  command.add_flag("--force", o.force, "Replace an existing file");
  context.on_run(command, [&] { return run_fill(context.terminal, o); });
}

void add_sign(Command noun, Context& context) {
  auto& o = context.keep<SignOptions>();
  Command command = noun.add_subcommand("sign", "Sign a manifest that lint finds no error in");
  command.add_option("file", o.file, "Manifest").required().type_name("RELEASE.xml");
  command.add_option("-k,--key", o.keys, "Private key; may be repeated").required().type_name("KEY.pem")
      .allow_extra_args(false);
  command.add_option("--artefacts", o.artefacts, "Folder with the files, to check them, too").type_name("DIR");
  command.add_option("-o,--out", o.out, "File to write").required().type_name("OUT");
  command.add_flag("--force", o.force, "Replace an existing file");
  context.on_run(command, [&] { return run_sign(context.terminal, o); });
}

void add_show(Command noun, Context& context) {
  auto& o = context.keep<ShowOptions>();
  Command command = noun.add_subcommand("show", "Show what a release pairs, and who signed it");
  command.add_option("release", o.release, "Manifest, bare or signed, or a release of the state: PRODUCT@VERSION").required().type_name("RELEASE");
  command.add_option("-k,--key", o.keys, "Public key that must have signed; may be repeated").type_name("PUB.pem")
      .allow_extra_args(false);
  context.on_run(command, [&] { return run_show(context, o); });
}

void add_schema(Command noun, Context& context) {
  Command command = noun.add_subcommand("schema", "Print the XML Schema (XSD) of manifests, for editors");
  context.on_run(command, [&]() -> Outcome<void> {
    const std::string text = xml::xsd(release::schema());
    context.terminal.show(json::object{{"xsd", text}}, text);
    return {};
  });
}

}  // namespace

void add_release_commands(Command app, Context& context) {
  Command noun = add_noun(app, "release", "Pair firmware with the software that works with it");
  add_fill(noun, context);
  add_lint(noun, context);
  add_sign(noun, context);
  add_show(noun, context);
  add_release_explain(noun, context);
  add_release_matrix(noun, context);
  add_schema(noun, context);
}

}  // namespace lockstep::cli
