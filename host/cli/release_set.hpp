// Several releases of one product, given as files and folders.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/cli/command.hpp"
#include "host/cli/terminal.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::cli {

struct ReleaseSetOptions {
  std::vector<std::filesystem::path> files;  // of a folder: every *.xml and *.release in it
  std::vector<std::filesystem::path> keys;
};

// --release FILE|DIR --key. The options outlive the command.
void add_release_set_options(Command command, ReleaseSetOptions& o, bool required);

// In the order of the files, those of a folder by name; the same manifest given twice counts once.
// Errors: those of read_manifest and release::parse; not_found, a folder without manifests.
Outcome<std::vector<release::Release>> read_releases(const ReleaseSetOptions& o);

// The release that `reference` names: a version in the set, "thermostat@2.0.0", or a file, which then joins the set.
// Errors: not_found, neither; those above.
Outcome<std::size_t> choose_release(std::vector<release::Release>& releases, const std::string& reference,
                                    const ReleaseSetOptions& o);

}  // namespace lockstep::cli
