#include "host/cli/trust_commands.hpp"

#include "host/base/crypto.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"

namespace lockstep::cli {
namespace {

struct TrustOptions {
  std::filesystem::path file;
  std::string role, name;
};

// "image.pub.pem" is called "image" unless the user says otherwise.
std::string name_of(const TrustOptions& o) {
  if (!o.name.empty()) return o.name;
  const std::string file = o.file.filename().string();
  return file.substr(0, file.find('.'));
}

Outcome<void> run_trust(Context& context, const TrustOptions& o) {
  LOCKSTEP_TRY(key, PublicKey::load(o.file));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->post("/v1/keys", {{"name", name_of(o)}, {"role", o.role}, {"public_pem", key.pem()}}));
  Details details;
  details.line("trusted", text_of(answer, "name") + " as " + text_of(answer, "role") + " key");
  details.line("key id", text_of(answer, "key_id"));
  context.terminal.show(document(answer), details);
  return {};
}

Outcome<void> run_list(Context& context) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get("/v1/keys"));
  Table table{"ROLE", "NAME", "KEY ID", "SINCE"};
  for_each_object(answer, "keys", [&](const json::object& key) {
    table.row({text_of(key, "role"), text_of(key, "name"), text_of(key, "key_id").substr(0, 16), text_of(key, "added")});
  });
  context.terminal.show(document(std::move(answer)), table);
  return {};
}

}  // namespace

void add_trust_commands(Command noun, Context& context) {
  auto& trust = context.keep<TrustOptions>();
  Command command = noun.add_subcommand("trust", "Believe what this key signs, from now on");
  command.add_option("file", trust.file, "Public key in PEM form").required().type_name("PUB.pem");
  command.add_option("--role", trust.role, "What it signs: image, release or runner (evidence)")
      .required().one_of({"image", "release", "runner"});
  command.add_option("--name", trust.name, "Name for people (default: the file's)").type_name("NAME");
  context.on_run(command, [&] { return run_trust(context, trust); });

  command = noun.add_subcommand("list", "The keys that this state trusts");
  context.on_run(command, [&] { return run_list(context); });
}

}  // namespace lockstep::cli
