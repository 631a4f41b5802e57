#include "host/cli/evidence_commands.hpp"

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/state_dir.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "manifests/attest/dsse.hpp"
#include "manifests/attest/statement.hpp"

namespace lockstep::cli {
namespace {

struct VerifyOptions {
  std::filesystem::path file;
  std::vector<std::filesystem::path> keys;
};

// The keys on the command line, or the runner key of this state.
Outcome<std::vector<attest::TrustedKey>> trusted(const Context& context, const VerifyOptions& o) {
  std::vector<attest::TrustedKey> keys;
  for (const std::filesystem::path& file : o.keys) {
    LOCKSTEP_TRY(key, PublicKey::load(file));
    keys.push_back({file.filename().string(), key});
  }
  if (!keys.empty()) return keys;
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get("/v1/keys"));
  Outcome<void> fault;
  for_each_object(answer, "keys", [&](const json::object& row) {
    if (text_of(row, "role") != "runner") return;
    auto key = PublicKey::from_pem(text_of(row, "public_pem"));
    if (key) keys.push_back({text_of(row, "name"), *key});
    if (!key) fault = Fail(key.error());
  });
  LOCKSTEP_CHECK(fault);
  return keys;
}

json::array resources(const std::vector<attest::Resource>& list) {
  json::array array;
  for (const attest::Resource& r : list) array.push_back(json::object{{"name", r.name}, {"sha256", r.sha256.hex()}});
  return array;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Outcome<void> run_verify(Context& context, const VerifyOptions& o) {
  LOCKSTEP_TRY(keys, trusted(context, o));
  LOCKSTEP_TRY(envelope, read_text_file(o.file));
  auto verified = attest::verify(envelope, attest::statement_payload_type, keys);
  if (!verified) return Fail(verified.error().in(o.file.string()));
  auto statement = attest::parse_statement(verified->payload);
  if (!statement) return Fail(statement.error().in(o.file.string()));

  Details details;
  details.line("result", attest::text(statement->result.result));
  json::array signers;
  for (const attest::TrustedKey& signer : verified->signers) {
    details.line("signed by", signer.name + "  (" + signer.key.id().short_hex() + ")");
    signers.push_back(json::object{{"name", signer.name}, {"key_id", signer.key.id().hex()}});
  }
  for (const attest::Resource& s : statement->subject) details.line("subject", s.name + "  sha256:" + s.sha256.hex());
  for (const attest::Resource& c : statement->result.configuration) details.line("made with", c.name + "  sha256:" + c.sha256.short_hex());
  if (!statement->result.passed_tests.empty()) details.line("passed", joined(statement->result.passed_tests));
  if (!statement->result.warned_tests.empty()) details.line("warned", joined(statement->result.warned_tests));
  if (!statement->result.failed_tests.empty()) details.line("failed", joined(statement->result.failed_tests));
  context.terminal.show(json::object{{"valid", true},
                                     {"result", attest::text(statement->result.result)},
                                     {"signers", std::move(signers)},
                                     {"subjects", resources(statement->subject)},
                                     {"configuration", resources(statement->result.configuration)}},
                        details);
  if (statement->result.result == attest::TestResult::Result::passed) return {};
  return fail(ErrorKind::refused, o.file.string() + " is genuine, and says " + std::string(attest::text(statement->result.result)));
}

Outcome<void> run_list(Context& context) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get("/v1/evidence"));
  Table table{"EVIDENCE", "SUITE", "VERDICT", "MANIFEST", "ADDED", "RUN"};
  for_each_object(answer, "evidence", [&](const json::object& e) {
    table.row({text_of(e, "digest").substr(0, 12), text_of(e, "suite"), text_of(e, "verdict"),
               text_of(e, "manifest_digest").substr(0, 12), text_of(e, "added"), text_of(e, "run")});
  });
  context.terminal.show(document(std::move(answer)), table);
  return {};
}

}  // namespace

void add_evidence_commands(Command app, Context& context) {
  Command noun = add_noun(app, "evidence", "Signed statements of what passed which tests");

  auto& verify = context.keep<VerifyOptions>();
  Command command = noun.add_subcommand("verify", "Check an evidence file and show what it proves");
  command.add_option("file", verify.file, "DSSE envelope").required().type_name("FILE");
  command.add_option("--key", verify.keys, "Public key of the runner, repeatable (default: those this state trusts)")
      .type_name("PUB.pem");
  context.on_run(command, [&] { return run_verify(context, verify); });

  command = noun.add_subcommand("list", "All evidence of this state");
  context.on_run(command, [&] { return run_list(context); });
}

}  // namespace lockstep::cli
