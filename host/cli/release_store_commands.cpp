#include "host/cli/release_store_commands.hpp"

#include "host/base/files.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "manifests/attest/dsse.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct AddOptions {
  fs::path file, artefacts;
};

// The files that the manifest names, from the folder the user gave (default: beside the release). The manifest is not
// believed here: the daemon checks its signature and every byte before it keeps the release.
Outcome<void> send_images(ApiClient& client, const fs::path& folder, const fs::path& file, const std::string& envelope) {
  const auto parsed = attest::parse_envelope(envelope);
  if (!parsed) return Fail(parsed.error().in(file.string()));
  LOCKSTEP_TRY(release, release::parse(parsed->payload, file.filename().string()));
  for (const release::Firmware& firmware : release.firmware) {
    auto bytes = read_text_file(folder / firmware.file);
    if (!bytes) {
      return fail(bytes.error().kind, bytes.error().what, "--artefacts DIR names the folder that holds " + firmware.file);
    }
    LOCKSTEP_TRY(kept, client.post_bytes("/v1/artefacts", {{"role", "firmware"}, {"name", firmware.file}}, *std::move(bytes)));
  }
  return {};
}

std::string images_of(const json::object& release) {
  std::string text;
  for_each_object(release, "images", [&](const json::object& image) {
    text += (text.empty() ? "" : ", ") + text_of(image, "component") + " " + text_of(image, "version");
  });
  return text;
}

Outcome<void> run_add(Context& context, const AddOptions& o) {
  LOCKSTEP_TRY(envelope, read_text_file(o.file));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_CHECK(send_images(*client, o.artefacts.empty() ? o.file.parent_path() : o.artefacts, o.file, envelope));
  LOCKSTEP_TRY(release, client->post_bytes("/v1/releases", {{"name", o.file.filename().string()}}, envelope));
  Details details;
  details.line("release", text_of(release, "release"));
  details.line("images", images_of(release));
  details.line("manifest", text_of(release, "manifest_digest"));
  context.terminal.show(document(release), details);
  for (const std::string& warning : texts_of(release, "warnings")) context.terminal.note(warning);
  return {};
}

Outcome<void> run_list(Context& context) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get("/v1/releases"));
  Table table{"RELEASE", "IMAGES", "MANIFEST", "ADDED", "TITLE"};
  for_each_object(answer, "releases", [&](const json::object& release) {
    table.row({text_of(release, "release"), images_of(release), text_of(release, "manifest_digest").substr(0, 12),
               text_of(release, "added"), text_of(release, "title")});
  });
  context.terminal.show(document(std::move(answer)), table);
  return {};
}

}  // namespace

void add_release_store_commands(Command noun, Context& context) {
  auto& add = context.keep<AddOptions>();
  Command command = noun.add_subcommand("add", "Check a signed release and its images, and keep them");
  command.add_option("file", add.file, "Signed release (DSSE envelope)").required().type_name("FILE");
  command.add_option("--artefacts", add.artefacts, "Folder with the images (default: that of FILE)").type_name("DIR");
  context.on_run(command, [&] { return run_add(context, add); });

  command = noun.add_subcommand("list", "The releases of this state");
  context.on_run(command, [&] { return run_list(context); });
}

}  // namespace lockstep::cli
