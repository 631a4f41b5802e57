#include "host/cli/key_commands.hpp"

#include <algorithm>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/text.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct NewOptions {
  std::string name;
  fs::path folder = ".";
  bool force = false;
};

struct ShowOptions {
  fs::path file;
};

struct KeyFiles {
  fs::path secret;
  fs::path open;
};

std::string check_name(const std::string& name) {
  const bool ok = !name.empty() && name[0] != '.' && name[0] != '-' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  return ok ? ""
            : in_quotes(name) +
                  " is no name for a key, use letters, digits, '.', '_' and '-'; --out names the folder";
}

Outcome<void> refuse_existing(const KeyFiles& files) {
  for (const fs::path& path : {files.secret, files.open}) {
    std::error_code unreadable;
    if (fs::exists(path, unreadable))
      return fail(ErrorKind::conflict, path.string() + " exists already",
                  replace_hint() + "; what only the old key can sign is lost then");
  }
  return {};
}

Outcome<void> write_keys(const PrivateKey& key, const KeyFiles& files, bool force) {
  const auto hinted = [](Outcome<void> outcome) -> Outcome<void> {
    if (outcome || outcome.error().kind != ErrorKind::conflict) return outcome;
    return fail(ErrorKind::conflict, outcome.error().what, replace_hint());
  };
  LOCKSTEP_CHECK(hinted(write_file(files.secret, key.pem(), {.replace = force, .mode = 0600})));
  auto open = hinted(write_file(files.open, key.public_key().pem(), {.replace = force, .mode = 0644}));
  if (open || force) return open;
  std::error_code ignored;  // half a pair is of no use; why it failed matters more than this
  fs::remove(files.secret, ignored);
  return open;
}

Outcome<void> run_new(Terminal& terminal, const NewOptions& o) {
  const KeyFiles files{o.folder / (o.name + ".pem"), o.folder / (o.name + ".pub.pem")};
  if (!o.force) LOCKSTEP_CHECK(refuse_existing(files));
  LOCKSTEP_CHECK(make_folders(o.folder, 0700));
  LOCKSTEP_TRY(key, PrivateKey::generate());
  LOCKSTEP_CHECK(write_keys(key, files, o.force));
  const std::string id = key.public_key().id().hex();
  Details text;
  text.line("private key", files.secret.string() + "  (mode 0600; keep it secret)");
  text.line("public key", files.open.string());
  text.line("key id", id);
  terminal.show(
      json::object{{"private_key", files.secret.string()}, {"public_key", files.open.string()}, {"id", id}},
      text);
  return {};
}

// A public key file, or the public half of a private one.
Outcome<PublicKey> load_either(const fs::path& file, bool& is_private) {
  LOCKSTEP_TRY(pem, read_text_file(file, 64 << 10));
  is_private = pem.find("PRIVATE KEY-----") != std::string::npos;
  if (!is_private) return PublicKey::load(file);
  LOCKSTEP_TRY(key, PrivateKey::load(file));
  return key.public_key();
}

Outcome<void> run_show(Terminal& terminal, const ShowOptions& o) {
  bool is_private = false;
  LOCKSTEP_TRY(key, load_either(o.file, is_private));
  Details text;
  text.line("kind", is_private ? "ECDSA P-256, private" : "ECDSA P-256, public");
  text.line("key id", key.id().hex());
  json::object document{
      {"kind", "ecdsa-p256"}, {"private", is_private}, {"id", key.id().hex()}, {"public_key_pem", key.pem()}};
  terminal.show(document, text.text() + "\n" + key.pem());
  return {};
}

}  // namespace

void add_key_commands(Command app, Context& context) {
  Command noun = add_noun(app, "key", "Make and look at keys that sign images and releases");

  auto& make = context.keep<NewOptions>();
  Command command = noun.add_subcommand("new", "Make an ECDSA P-256 key pair: NAME.pem and NAME.pub.pem");
  command.add_option("name", make.name, "Name of the files")
      .required()
      .type_name("NAME")
      .check(check_name);
  command.add_option("--out", make.folder, "Folder, made when missing (default: the current one)")
      .type_name("DIR");
  command.add_flag("--force", make.force, "Replace existing files");
  context.on_run(command, [&] { return run_new(context.terminal, make); });

  auto& show = context.keep<ShowOptions>();
  command = noun.add_subcommand("show", "Show a key's id and its public half");
  command.add_option("file", show.file, "Key in PEM form, public or private").required().type_name("FILE");
  context.on_run(command, [&] { return run_show(context.terminal, show); });
}

}  // namespace lockstep::cli
